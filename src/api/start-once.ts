import { createHash, randomBytes } from 'node:crypto';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Config } from '../config.js';
import { ApiError } from '../errors.js';
import type { RunStatus } from '../workflows/contract.js';
import { keyedRunId, MEMO_ORGANIZATIONS, newRunId } from '../workflows/ids.js';
import { searchAttributesOf } from '../workflows/search-attributes.js';

/** Under this name of the memo a run keeps the hash of what it was asked for. */
const MEMO_HASH = 'orgsagaRequest';

export interface Start<Input extends { key: string | null; actor: string }> {
  workflow: string;
  /** First part of the run's id. */
  kind: string;
  organizations: [string, ...string[]];
  /** What makes two requests under one key the same. */
  request: unknown;
  /** What a person reads of it in the list of workflows. */
  summary: string;
  input: Input;
}

/**
 * Starts a run, once for each request key: the same key with the same request gives the run that is there already, unless that was
 * refused and so did nothing. The key itself may be a person's secret, so only its hash goes out.
 * @throws ApiError `key_conflict` where the key was used for another request
 */
export async function startOnce<Input extends { key: string | null; actor: string }>(
  client: Client,
  config: Config,
  { workflow, kind, organizations, request, summary, input }: Start<Input>,
): Promise<{ run: string; existing: boolean }> {
  const [first] = organizations;
  const key = input.key === null ? null : sha256(input.key);
  const run =
    key === null
      ? newRunId(kind, organizations, new Date(), randomBytes(2).toString('hex'))
      : keyedRunId(kind, first, key);
  const hash = sha256(JSON.stringify(request));
  const begin = (workflowIdReusePolicy: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE') =>
    client.workflow.start(workflow, {
      taskQueue: config.taskQueue,
      workflowId: run,
      workflowIdReusePolicy,
      typedSearchAttributes: searchAttributesOf('run', first, run, 'Planning'),
      memo: { [MEMO_HASH]: hash, [MEMO_ORGANIZATIONS]: organizations },
      staticSummary: summary,
      staticDetails: `Asked by ${input.actor}. Watch: \`orgsaga watch ${run}\`; stop and undo: \`orgsaga cancel ${run}\`.`,
      args: [{ ...input, key }],
    });
  if (await isFirst(begin('REJECT_DUPLICATE'))) return { run, existing: false };
  const handle = client.workflow.getHandle(run);
  const { memo, status } = await handle.describe();
  if (memo?.[MEMO_HASH] !== hash)
    throw new ApiError(
      `The request key was used for another request, run ${run}: use another key, or the same file and flags.`,
      'key_conflict',
    );
  const refused = status.name === 'COMPLETED' && ((await handle.result()) as RunStatus).state === 'Refused';
  return { run, existing: !(refused && (await isFirst(begin('ALLOW_DUPLICATE')))) };
}

/** False where a workflow of that id is there already. */
async function isFirst(started: Promise<unknown>): Promise<boolean> {
  try {
    await started;
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
