import { ChildWorkflowFailure } from '@temporalio/workflow';
import type { Activities } from '../activities/interface.js';
import type { RunSettings } from '../config.js';
import type { Usage } from '../transaction/answer.js';
import { type CallOptions, call, type RetryNumbers } from '../transaction/call.js';
import { StepFailed } from '../transaction/failure.js';
import type { RequestCount } from './contract.js';

type Input<Name extends keyof Activities> = Parameters<Activities[Name]>[0];
type Value<Name extends keyof Activities> =
  Extract<Awaited<ReturnType<Activities[Name]>>, { status: 'done' }> extends { value: infer V } ? V : never;

export interface AskOptions {
  summary: string;
  settings: RunSettings;
  usage: Usage;
  waiting?: (reason: string | null) => void;
  retry?: RetryNumbers;
}

/** Before the settings are known, and for what only touches the store: brisk, and it does not give up. */
export const PERSISTENT: RetryNumbers = { max_retries: 10_000, base: 200, factor: 2, max: 10_000 };

/** For reads that nothing can be said without: they do not give up either, and leave GitHub time. */
export const PERSISTENT_READS: RetryNumbers = { max_retries: 10_000, base: 1_000, factor: 2, max: 60_000 };

/**
 * Asks one of the run's own activities, as often as it says "not yet".
 * @throws StepFailed
 */
export function ask<Name extends keyof Activities>(
  activity: Name,
  input: Input<Name>,
  options: AskOptions,
): Promise<Value<Name>> {
  return call<Value<Name>>(
    { activity, input },
    activity,
    callOptions(options, options.retry ?? options.settings.retry.aggressive),
  );
}

export function callOptions(options: AskOptions, retry: RetryNumbers): CallOptions {
  const { activity } = options.settings;
  return {
    summary: options.summary,
    retry,
    startToCloseMs: activity.start_to_close,
    heartbeatMs: activity.heartbeat,
    usage: options.usage,
    ...(options.waiting === undefined ? {} : { waiting: options.waiting }),
  };
}

/** What the activities used up, in the words of the command line. */
export function requestsOf(usage: Usage): RequestCount {
  return { rest: usage.rest ?? 0, graphql: usage.graphql ?? 0, mutating: usage.mutating ?? 0 };
}

/** A failure's text for a person, whatever threw it. */
export function reasonOf(error: unknown): string {
  if (error instanceof StepFailed) return error.failure.message;
  if (error instanceof ChildWorkflowFailure) return error.cause?.message ?? error.message;
  return error instanceof Error ? error.message : String(error);
}
