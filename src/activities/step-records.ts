import { restoration } from '../standards/restore.js';
import type { MutationRecord } from '../store/store.js';
import type { Conflict } from '../transaction/journal.js';

type Direction = MutationRecord['direction'];

/** Whether nobody knows yet what became of the call. */
export const isOpen = ({ outcome }: MutationRecord): boolean =>
  outcome === 'intended' || outcome === 'unknown';

const mayBeApplied = (record: MutationRecord): boolean => record.outcome === 'applied' || isOpen(record);

/** Records of one direction whose outcome is not known. */
export const openOf = (records: MutationRecord[], direction: Direction): MutationRecord[] =>
  records.filter((record) => record.direction === direction && isOpen(record));

/** What an undo has to answer for: dos that were or may have been applied since the step was last undone for certain. */
export function owed(records: MutationRecord[]): MutationRecord[] {
  return records
    .slice(lastUndone(records) + 1)
    .filter((record) => record.direction === 'do' && mayBeApplied(record));
}

/**
 * What the step's last act, an undo, had to leave because somebody else had changed it: for an undo that is asked for
 * again because its answer was lost.
 */
export function leftBehind(
  owns: 'whole' | 'fields' | 'set',
  records: MutationRecord[],
): Omit<Conflict, 'step'>[] {
  const place = lastUndone(records);
  const undo = records[place];
  if (undo === undefined || place < records.length - 1) return [];
  const done = owed(records.slice(0, place));
  const [first, last] = [done[0], done.at(-1)];
  if (first === undefined || last === undefined) return [];
  return restoration(owns, first.from, last.to, undo.from).conflicts;
}

function lastUndone(records: MutationRecord[]): number {
  return records.findLastIndex(({ direction, outcome }) => direction === 'undo' && outcome === 'applied');
}
