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

/** One time that a change stood: a step that a retry does again after it was undone stands twice. */
interface Change {
  row: AuditRow;
  done: number;
  undone: number;
  /** Whether it has been undone, or found gone: a do after that begins anew. */
  over: boolean;
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

/** Each time that a change stood: from the first effective do since it was last undone to the last effective undo. */
function changes(rows: readonly AuditRow[]): Change[] {
  const all: Change[] = [];
  const newest = new Map<string, Change>();
  for (const row of rows) {
    const known = newest.get(nameOf(row));
    const applied = row.outcome === 'applied';
    if (row.direction === 'do' && applied && known?.over !== false) {
      const change = { row, done: row.id, undone: Infinity, over: false };
      newest.set(nameOf(row), change);
      all.push(change);
    }
    if (row.direction !== 'undo' || known === undefined) continue;
    if (applied) known.undone = row.id;
    known.over ||= applied || row.outcome === 'unchanged';
  }
  return all;
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
