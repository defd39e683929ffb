import type { Standing } from './failure.js';

/** What an activity used up while it worked, by name; the core adds it up and does not look inside. */
export type Usage = Record<string, number>;

/**
 * An activity's answer. Waiting is a value and no error: a closed rate-limit window or an open circuit breaker answers
 * `notYet`, the workflow sleeps on a durable timer and asks again, and no attempt is used up.
 */
export type Answer<T> =
  | { status: 'done'; value: T; usage: Usage }
  | {
      status: 'notYet';
      waitMs: number;
      reason: string;
      usage: Usage;
      /** Attempts of this activity that had failed before it came to wait; they count, the waiting does not. */
      failures?: number;
    };

/** Types of the ApplicationFailures that activities throw, see {@link FailureDetail}. */
export const FAILURE_TYPES = {
  /** A repeat will be told the same. Never retried. */
  refused: 'Refused',
  /** It may pass later. Retried by the step's level. */
  unavailable: 'Unavailable',
} as const;

/** The first of the details of such a failure. */
export interface FailureDetail {
  /** Whether some attempt of this step may have taken effect. */
  mayBeApplied: boolean;
  /** One word for a search attribute and a dead letter, e.g. `forbidden`, `not_found`, `unauthenticated`. */
  code: string;
  /** Of an undo: what it found still standing, where it says so itself. */
  stands?: Standing[];
  usage: Usage;
}

export function addUsage(sum: Usage, more: Usage): void {
  for (const [name, amount] of Object.entries(more)) {
    sum[name] = (sum[name] ?? 0) + amount;
  }
}
