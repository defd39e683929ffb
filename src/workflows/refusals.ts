import type { Refusal } from './contract.js';

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
