import type { SagaActivities, SagaCheck } from '../activities/saga-interface.js';
import { githubSteps } from '../standards/create-repository.js';
import { connectorSteps } from '../standards/saga-plan.js';
import type { Answer } from '../transaction/answer.js';
import { call, type RetryNumbers } from '../transaction/call.js';
import { type AskOptions, callOptions } from './ask.js';
import type { SagaInput } from './saga-contract.js';

type SagaAnswer<Name extends keyof SagaActivities> =
  Awaited<ReturnType<SagaActivities[Name]>> extends Answer<infer Value> ? Value : never;

/** How a saga asks, with what it knows of itself filled in. */
export type SagaAsk = <Name extends keyof SagaActivities>(
  activity: Name,
  input: Parameters<SagaActivities[Name]>[0],
  summary: string,
  retry?: RetryNumbers,
) => Promise<SagaAnswer<Name>>;

/**
 * Asks one of the saga's own activities, as often as it says "not yet".
 * @throws StepFailed
 */
export function askSaga<Name extends keyof SagaActivities>(
  activity: Name,
  input: Parameters<SagaActivities[Name]>[0],
  options: AskOptions & { retry: RetryNumbers },
): Promise<SagaAnswer<Name>> {
  return call<SagaAnswer<Name>>({ activity, input }, activity, callOptions(options, options.retry));
}

/** What is looked at before the first write. */
export function questionOf(run: string, input: SagaInput): SagaCheck {
  const { organization, item, graphql, plan, adopt = false, visibility } = input;
  const changes = githubSteps(plan).map(({ change }) => change);
  return {
    run,
    organization,
    item,
    graphql,
    adopt,
    ...(visibility === undefined ? {} : { visibility }),
    creates: changes.some(({ kind }) => kind === 'repository'),
    teams: changes.flatMap(({ kind, key }) => (kind === 'team_repository' ? [key] : [])),
    connectors: connectorSteps(plan).map(({ name, connector, options }) => ({ name, connector, options })),
  };
}
