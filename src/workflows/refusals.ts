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

/** Thrown when what belongs to the organisation itself failed for good, and the file says `on_failure: rollback`. */
export class OrganizationFailed extends Error {
  override readonly name = 'OrganizationFailed';
}

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
