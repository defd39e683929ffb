import type { Client } from '@temporalio/client';
import type { Config } from '../config.js';
import { WORKFLOWS } from '../workflows/contract.js';
import type { SagaInput } from '../workflows/saga-contract.js';
import { startOnce } from './start-once.js';

/** What a person reads of it in the list of workflows. */
const SUMMARY: Record<SagaInput['kind'], string> = { 'create-repo': 'Create', onboard: 'Onboard' };

/**
 * Starts a saga, once for each request key: the same key with the same request gives the run that is there already.
 * @throws ApiError `key_conflict` where the key was used for another request
 */
export function startSaga(
  client: Client,
  config: Config,
  input: SagaInput,
): Promise<{ run: string; existing: boolean }> {
  const { kind, organization, item, hash, adopt = false } = input;
  return startOnce(client, config, {
    workflow: WORKFLOWS.saga,
    kind,
    organizations: [organization],
    request: [hash, item, adopt],
    summary: `${SUMMARY[kind]} ${item}`,
    input,
  });
}

/** The word for a saga in lists, by its run's id: the workflow type is the same for all of them. */
export const sagaKindOf = (run: string): SagaInput['kind'] =>
  run.startsWith('onboard-') ? 'onboard' : 'create-repo';
