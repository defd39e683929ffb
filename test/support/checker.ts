/**
 * Judges a run by what GitHub saw: the simulated GitHub's journal, its state before and after, what the test says was
 * wanted, and the store's own rows. Shares no code with the product.
 */
import type { JournalEntry } from '../../src/dev/github/index.js';
import { type AuditRow, auditFindings } from './checker/audit.js';
import { orderFindings } from './checker/order.js';
import { requestFindings } from './checker/requests.js';
import { type Report, stateFindings } from './checker/state.js';
import { writeFindings } from './checker/writes.js';
import type { OrganizationDump } from './organization.js';

export { type AuditRow, readAudit } from './checker/audit.js';
export type { Report } from './checker/state.js';

export interface Evidence {
  login: string;
  before: OrganizationDump;
  after: OrganizationDump;
  /** The whole organisation as the test wants it in the end. */
  wanted: OrganizationDump;
  /** The journal from `before` to `after`. */
  entries: readonly JournalEntry[];
  /** What `apply --json` said, or `watch --json`. */
  report: Report;
  /** Everything that the store holds of the organisation; null where it is not looked at. */
  audit: readonly AuditRow[] | null;
  /** What it held before: lost calls of those may come through since, and change nothing. */
  earlier?: readonly AuditRow[];
  /** Whether nothing went wrong on the way: then no write may have been repeated. */
  undisturbed: boolean;
  /** Whether the run was cancelled with `--keep`. */
  kept: boolean;
}

/** Everything that is wrong, one line each, beginning with the rule's name. Empty: the run kept its promises. */
export function findings(evidence: Evidence): string[] {
  return [
    ...stateFindings(evidence),
    ...writeFindings(evidence),
    ...requestFindings(evidence),
    ...auditFindings(evidence),
    ...orderFindings(evidence),
  ];
}
