import { ChildWorkflowFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/workflow';
import { StepFailed } from '../transaction/failure.js';
import type { Refusal, RunState, Totals } from './contract.js';

/** Thrown before an organisation's first write. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly refusal: Refusal,
    reason: string,
  ) {
    super(reason);
  }
}

/**
 * Does what comes before the first write: a step that fails there ends the run as refused, since there is nothing to undo.
 * @throws Refused, and whatever else `work` throws
 */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    const { code, message } = error.failure;
    throw new Refused(code === 'unauthenticated' ? 'unauthenticated' : 'failed', message);
  }
}

/** Thrown when what belongs to the organisation itself failed for good, and the file says `on_failure: rollback`. */
export class OrganizationFailed extends Error {
  override readonly name = 'OrganizationFailed';
}

/** Thrown where somebody has ended a page: what it had begun goes on, and the run can neither follow nor undo it. */
export class PageLost extends Error {
  override readonly name = 'PageLost';

  constructor(number: number, organization: string) {
    super(
      `page ${number} of ${organization} was ended from outside; what it had begun goes on without the run`,
    );
  }
}

/** A page's failure, where it is one of its own; else that it is lost. */
export const pageFailure = (error: unknown, number: number, organization: string): unknown =>
  error instanceof ChildWorkflowFailure &&
  (error.cause instanceof TerminatedFailure || error.cause instanceof TimeoutFailure)
    ? new PageLost(number, organization)
    : error;

/** Thrown where the same was asked under the same key before: the run ends as that one did, and does nothing. */
export class DoneBefore extends Error {
  override readonly name = 'DoneBefore';

  constructor(
    readonly state: RunState,
    readonly totals: Totals,
    reason: string,
  ) {
    super(reason);
  }
}
