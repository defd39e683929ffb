import type { AuditRow } from './audit.js';

interface Judged {
  audit: readonly AuditRow[] | null;
  lockLost?: { run: string; at: number };
}

/** Clocks of two processes on one machine, and an intent that was written while the lock changed hands; milliseconds. */
const CROSSING_MS = 200;

/**
 * Stages of a run that follow each other: the organisation's settings, new teams, repositories, what becomes of teams. What
 * runs side by side inside of one has no order that could be seen from outside.
 */
const STAGES: readonly (readonly string[])[] = [
  ['organization_settings', 'organization_ruleset'],
  ['team'],
  ['repository_settings', 'topics', 'branch_protection', 'team_repository', 'label', 'ruleset', 'file'],
  ['team_settings', 'team_member'],
];

interface Change {
  row: AuditRow;
  done: number;
  undone: number;
}

/** Compensations out of order, and intents of a run that had lost its lock. */
export function orderFindings({ audit, lockLost }: Judged): string[] {
  const runs = new Set((audit ?? []).map(({ run }) => run));
  const found = [...runs].flatMap((run) => outOfOrder((audit ?? []).filter((row) => row.run === run)));
  for (const { run, item, key, kind, intended_at: at } of audit ?? [])
    if (lockLost !== undefined && run === lockLost.run && at > lockLost.at + CROSSING_MS)
      found.push(`fence: ${run} began ${kind} ${key} of ${item} without the lock`);
  return found;
}

const nameOf = ({ item, kind, key }: AuditRow): string => `${item} ${kind} ${key}`.trim();

/** The first effective do and the last effective undo of each change. */
function changes(rows: readonly AuditRow[]): Change[] {
  const all = new Map<string, Change>();
  for (const row of rows) {
    if (row.outcome !== 'applied') continue;
    const known = all.get(nameOf(row));
    if (row.direction === 'do' && known === undefined)
      all.set(nameOf(row), { row, done: row.id, undone: Infinity });
    if (row.direction === 'undo' && known !== undefined) known.undone = row.id;
  }
  return [...all.values()];
}

/** Whether two changes are made one after the other by what the documents say of order. */
function follow(first: AuditRow, second: AuditRow): boolean {
  if (first.kind === 'file' && second.kind === 'file') return first.item === second.item;
  const [one, other] = [first, second].map(({ kind }) => STAGES.findIndex((kinds) => kinds.includes(kind)));
  return one !== other;
}

/** When something was undone, nothing that had been begun after it may still have stood. */
function outOfOrder(rows: readonly AuditRow[]): string[] {
  const undone = changes(rows).filter((change) => change.undone < Infinity);
  return undone.flatMap((first) =>
    undone
      .filter((later) => first.done < later.done && later.done < first.undone && first.undone < later.undone)
      .filter((later) => follow(first.row, later.row))
      .map((later) => `order: ${nameOf(first.row)} was undone before ${nameOf(later.row)}`),
  );
}
