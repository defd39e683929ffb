import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  scheduleActivity,
  sleep,
  TimeoutFailure,
} from '@temporalio/workflow';
import { type Answer, addUsage, FAILURE_TYPES, type FailureDetail, type Usage } from './answer.js';
import { StepFailed } from './failure.js';
import type { Call } from './step.js';

/** A retry policy's numbers, durations in milliseconds. */
export interface RetryNumbers {
  max_retries: number;
  base: number;
  factor: number;
  max: number;
}

export interface CallOptions {
  /** What the Web UI shows beside the activity. */
  summary: string;
  retry: RetryNumbers;
  startToCloseMs: number;
  heartbeatMs: number;
  /** Temporal's priority key; the workflow's own unless given. */
  priority?: { priorityKey: number };
  /** Where what activities used up is added. */
  usage: Usage;
  /** Told while the call waits for GitHub to be open again; null when it goes on. */
  waiting?: (reason: string | null) => void;
}

/**
 * How many times in a row a call may lose its worker before it counts as failed. A crash says nothing about the step, so
 * it uses up none of the item's attempts; the bound ends a step that kills every worker that takes it up.
 */
const MAX_INTERRUPTIONS = 20;

/**
 * Calls an activity that gives an {@link Answer}, for as long as it says "not yet", under a retry policy.
 * @throws StepFailed when the policy is used up or a repeat is useless; Temporal's CancelledFailure as it is
 */
export async function call<T>({ activity, input }: Call, step: string, options: CallOptions): Promise<T> {
  let interruptions = 0;
  let failures = 0;
  for (;;) {
    try {
      const answer = await scheduleActivity<Answer<T>>(activity, [input], {
        summary: options.summary,
        startToCloseTimeout: options.startToCloseMs,
        heartbeatTimeout: options.heartbeatMs,
        ...(options.priority === undefined ? {} : { priority: options.priority }),
        // An effect that was sent is awaited and its true outcome reported, also when the workflow is cancelled.
        cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        retry: {
          initialInterval: options.retry.base,
          backoffCoefficient: options.retry.factor,
          maximumInterval: options.retry.max,
          maximumAttempts: Math.max(1, options.retry.max_retries + 1 - failures),
        },
      });
      addUsage(options.usage, answer.usage);
      if (answer.status === 'done') {
        return answer.value;
      }
      failures += answer.failures ?? 0;
      options.waiting?.(answer.reason);
      try {
        await sleep(answer.waitMs);
      } finally {
        options.waiting?.(null);
      }
    } catch (error) {
      if (!(error instanceof ActivityFailure)) {
        throw error;
      }
      if (error.cause instanceof TimeoutFailure && ++interruptions < MAX_INTERRUPTIONS) {
        continue;
      }
      throw asStepFailed(error, step, options.usage);
    }
  }
}

/** Turns an activity's failure into the core's own; whatever is not one, a cancel among it, is given back as it is. */
function asStepFailed(error: ActivityFailure, step: string, usage: Usage): Error {
  const { cause } = error;
  if (cause instanceof TimeoutFailure) {
    return new StepFailed({
      step,
      kind: 'unavailable',
      code: 'interrupted',
      message: `the worker was lost ${MAX_INTERRUPTIONS} times while this step was under way`,
      mayBeApplied: true,
    });
  }
  if (!(cause instanceof ApplicationFailure)) {
    return error;
  }
  const detail = cause.details?.[0] as FailureDetail | undefined;
  addUsage(usage, detail?.usage ?? {});
  return new StepFailed({
    step,
    kind: cause.type === FAILURE_TYPES.refused ? 'refused' : 'unavailable',
    code: detail?.code ?? 'failed',
    message: cause.message,
    mayBeApplied: detail?.mayBeApplied ?? true,
    ...(detail?.stands === undefined ? {} : { stands: detail.stands }),
  });
}
