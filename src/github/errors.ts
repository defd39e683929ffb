import { redact } from '../security/redact.js';

/**
 * What can come of a call to GitHub besides an answer. The distinction that counts is whether the call may have been
 * applied: `refused`, `limited` and `unavailable` say certainly not; `unknown` says nobody can tell yet.
 */
export type GitHubFailure =
  /** GitHub said no and a repeat will be told the same: 4xx without signs of a limit. */
  | { kind: 'refused'; status: number }
  /** The token is not valid (401). */
  | { kind: 'unauthenticated'; status: number }
  /** A primary or secondary limit; nothing was applied. */
  | { kind: 'limited'; status: number; until: number }
  /** Never sent: the circuit breaker is open or the lane is closed until then. */
  | { kind: 'unavailable'; until: number; reason: string }
  /** Sent, and it may have been applied: 5xx, reset, timeout, an answer that cannot be read. */
  | { kind: 'unknown'; status: number | null };

/**
 * A failed call to GitHub. Its message names what was asked of what and why it failed, never a header, and no credential: what GitHub, or a
 * proxy before it, answers may repeat one.
 */
export class GitHubError extends Error {
  override readonly name = 'GitHubError';

  constructor(
    message: string,
    readonly failure: GitHubFailure,
    /** GitHub's own id of the request, where an answer came. */
    readonly requestId: string | null = null,
  ) {
    super(redact(message));
  }
}

/** Refused, because what the plan has seen is another by now, or cannot be written in this way: nothing was done, and it is to be looked at anew. */
export class StaleError extends GitHubError {}

/** Nobody waits any more for a call that was not sent. */
export const dropped = (now: number): GitHubError =>
  unavailable(now, 'the call was cancelled while it waited for its turn');

/** A call that was not sent, and when to try again: epoch milliseconds. */
export function unavailable(until: number, reason: string): GitHubError {
  return new GitHubError(`Not sent to GitHub: ${reason}; next try at ${new Date(until).toISOString()}.`, {
    kind: 'unavailable',
    until,
    reason,
  });
}

/** Whether GitHub has refused with that status. */
export function isRefused(error: unknown, status: number): error is GitHubError {
  return error instanceof GitHubError && error.failure.kind === 'refused' && error.failure.status === status;
}
