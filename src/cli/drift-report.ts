import type { ScheduleSummary } from '../api.js';
import type { RunState } from '../workflows/contract.js';
import type { DriftReport } from '../workflows/drift-contract.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { oneLine } from './theme.js';

const MOST_NAMED = 20;

/** As `plan` exits by what differs; where a run has put it right, as that run ended. */
export function driftExit({ organizations, items, run, state }: DriftReport): ExitCode {
  if (organizations.some(({ error }) => error !== null)) return EXIT.error;
  if (items === 0) return EXIT.done;
  if (run === null) return EXIT.changes;
  return (state === null ? undefined : ENDED[state]) ?? EXIT.error;
}

/** A run that was refused, or ended from outside, has put nothing right. */
const ENDED: Partial<Record<RunState, ExitCode>> = {
  Committed: EXIT.done,
  RolledBack: EXIT.rolledBack,
  Cancelled: EXIT.rolledBack,
  AwaitingOperator: EXIT.needsPerson,
  AwaitingApproval: EXIT.needsPerson,
  Parked: EXIT.needsPerson,
};

const count = (items: number, changes: number): string =>
  `${items} ${items === 1 ? 'item differs' : 'items differ'}, by ${changes} ${changes === 1 ? 'change' : 'changes'}`;

/** What a check has found, for a person. */
export function driftLines({ organizations, run, state }: DriftReport): string[] {
  const lines = organizations.flatMap(({ login, items, changes, named, error, repositories }) => {
    if (error !== null) return [`${login}: could not be checked: ${oneLine(error)}`];
    if (items === 0) return [`${login}: as the file says (${repositories} repositories)`];
    const shown = named.slice(0, MOST_NAMED).map((one) => `  ${oneLine(one.item)}  ${one.changes}`);
    const more = items - shown.length;
    return [`${login}: ${count(items, changes)}`, ...shown, ...(more > 0 ? [`  and ${more} more`] : [])];
  });
  return run === null ? lines : [...lines, `Put right by ${run}: ${state ?? 'gone'}`];
}

/** The same in a few words, for a list. */
export function foundOf({ check, found }: ScheduleSummary): string {
  if (check === null) return 'not checked yet';
  if (found === null) return 'being checked, or ended from outside';
  const failed = found.organizations.filter(({ error }) => error !== null).map(({ login }) => login);
  const unknown = failed.length > 0 ? `${failed.join(', ')} could not be checked` : null;
  if (found.items === 0 && unknown !== null) return unknown;
  if (found.items === 0) return `nothing differs (${found.checkedAt})`;
  const what = [count(found.items, found.changes), ...(unknown === null ? [] : [unknown])].join('; ');
  return found.run === null ? what : `${what}; ${found.run}: ${found.state ?? 'gone'}`;
}
