import { ApplicationFailure, Context } from '@temporalio/activity';
import type { RunSettings } from '../config.js';
import { withCallContext } from '../github/call-context.js';
import type { RequestCount } from '../github/client.js';
import { GitHubError } from '../github/errors.js';
import { countRequests } from '../github/request-count.js';
import { httpTimeoutMs } from '../policies/http-timeout.js';
import { FencedError, StoppedError } from '../store/store.js';
import {
  type Answer,
  addUsage,
  FAILURE_TYPES,
  type FailureDetail,
  type Usage,
} from '../transaction/answer.js';
import type { Standing } from '../transaction/failure.js';

/** A step was asked to wait, for a reason that is not GitHub's: answered as `notYet`. */
export class NotYet extends Error {
  override readonly name = 'NotYet';

  constructor(
    readonly until: number,
    readonly reason: string,
  ) {
    super(reason);
  }
}

/** A failure of a step, with what is known of its effect. */
export class StepError extends Error {
  override readonly name = 'StepError';

  constructor(
    message: string,
    readonly kind: keyof typeof FAILURE_TYPES,
    readonly code: string,
    readonly mayBeApplied: boolean,
    /** Of an undo: what it found still standing. */
    readonly stands?: Standing[],
  ) {
    super(message);
  }

  /** The same failure, with more known of it. */
  knowing(more: Partial<Pick<StepError, 'mayBeApplied' | 'stands'>>): StepError {
    const { mayBeApplied, stands } = { mayBeApplied: this.mayBeApplied, stands: this.stands, ...more };
    return new StepError(this.message, this.kind, this.code, mayBeApplied, stands);
  }
}

/** How often a step of a cancelled run asks again, and for how long, until its own cancel arrives; milliseconds. */
const STOPPED_WAIT = 1_000;
const STOPPED_FOR = 60_000;

/** A shorter wait is not worth asking again for, milliseconds. */
const LEAST_WAIT = 50;

/**
 * Does an activity's work and makes an {@link Answer} of it: requests are counted, a closed limit or an open breaker
 * becomes `notYet`, and what is left becomes a failure of the right type. Calls wait for their turn a quarter of
 * start-to-close, and are dropped unsent when the activity is cancelled or too old to end in time.
 */
export async function answering<T>(
  settings: RunSettings,
  priority: 'do' | 'undo',
  work: () => Promise<T>,
): Promise<Answer<T>> {
  const { start_to_close, heartbeat } = settings.activity;
  const context = Context.current();
  // What failed attempts used up travels in the heartbeat to the next one.
  const spent: Usage = { ...(context.info.heartbeatDetails as Usage | undefined) };
  const heartbeats = setInterval(() => context.heartbeat(spent), Math.max(100, heartbeat / 4));
  // Whatever is sent must be answered before Temporal gives the activity to somebody else.
  const tooOld = AbortSignal.timeout(start_to_close - httpTimeoutMs(settings));
  const signal = AbortSignal.any([context.cancellationSignal, tooOld]);
  try {
    const { outcome, count } = await countRequests(() =>
      withCallContext({ priority, maxWaitMs: start_to_close / 4, signal }, work),
    );
    const usage = { ...spent };
    addUsage(usage, usageOf(count));
    if (outcome.ok) return { status: 'done', value: outcome.value, usage };
    const wait = waitOf(outcome.error);
    if (wait === null) {
      context.heartbeat(usage);
      throw failureOf(outcome.error, usage);
    }
    const waitMs = Math.max(LEAST_WAIT, wait.until - Date.now());
    return { status: 'notYet', waitMs, reason: wait.reason, usage, failures: context.info.attempt - 1 };
  } finally {
    clearInterval(heartbeats);
  }
}

function usageOf(count: RequestCount): Usage {
  return { rest: count.rest, graphql: count.graphql, mutating: count.mutating };
}

function waitOf(error: unknown): { until: number; reason: string } | null {
  if (error instanceof NotYet) return error;
  if (error instanceof StoppedError && Date.now() - error.stoppedAt < STOPPED_FOR)
    return { until: Date.now() + STOPPED_WAIT, reason: error.message };
  if (!(error instanceof GitHubError)) return null;
  const { failure } = error;
  if (failure.kind === 'unavailable') return failure;
  if (failure.kind === 'limited') return { until: failure.until, reason: "GitHub's rate limit" };
  return null;
}

function failureOf(error: unknown, usage: Usage): ApplicationFailure {
  if (error instanceof StepError) return applicationFailure(error.message, error.kind, error, usage);
  if (error instanceof FencedError || error instanceof StoppedError) {
    return applicationFailure(
      error.message,
      'refused',
      { code: 'fenced', mayBeApplied: error instanceof StoppedError },
      usage,
    );
  }
  if (error instanceof GitHubError) {
    const kind = error.failure.kind === 'unknown' ? 'unavailable' : 'refused';
    const detail = { code: codeOf(error), mayBeApplied: error.failure.kind === 'unknown' };
    return applicationFailure(error.message, kind, detail, usage);
  }
  const message = error instanceof Error ? error.message : String(error);
  return applicationFailure(message, 'unavailable', { code: 'failed', mayBeApplied: true }, usage);
}

function applicationFailure(
  message: string,
  kind: keyof typeof FAILURE_TYPES,
  { code, mayBeApplied, stands }: Pick<StepError, 'code' | 'mayBeApplied' | 'stands'>,
  usage: Usage,
): ApplicationFailure {
  const detail: FailureDetail = {
    mayBeApplied,
    code,
    usage,
    ...(stands === undefined ? {} : { stands }),
  };
  return ApplicationFailure.create({
    message,
    type: FAILURE_TYPES[kind],
    nonRetryable: kind === 'refused',
    details: [detail],
    ...(kind === 'unavailable' ? jitter() : {}),
  });
}

/**
 * A delay in the upper half of the interval that the activity's own retry policy gives, at random, so that many items do
 * not come back at once. In an activity that is retried by no policy of ours, Temporal's own delay.
 */
function jitter(): { nextRetryDelay?: number } {
  const { attempt, retryPolicy } = Context.current().info;
  if (retryPolicy?.initialInterval === undefined) return {};
  const { initialInterval, backoffCoefficient = 2, maximumInterval = Infinity } = retryPolicy;
  const whole = Math.min(
    Number(maximumInterval),
    Number(initialInterval) * backoffCoefficient ** (attempt - 1),
  );
  return { nextRetryDelay: Math.round(whole / 2 + (Math.random() * whole) / 2) };
}

/** One word for a failure of GitHub, for search attributes and exit codes. */
export function codeOf(error: GitHubError): string {
  const { failure } = error;
  if (failure.kind === 'unauthenticated') return 'unauthenticated';
  if (failure.kind !== 'refused') return 'unavailable';
  switch (failure.status) {
    case 403:
      return 'forbidden';
    case 404:
    case 410:
      return 'not_found';
    case 409:
      return 'conflict';
    case 422:
      return 'unprocessable';
    default:
      return 'refused';
  }
}
