import { isObject, sameJson } from '../standards/json.js';
import type { Json } from '../standards/model.js';
import { type Restoration, restoration } from '../standards/restore.js';
import type { MutationRecord } from '../store/store.js';
import type { Conflict } from '../transaction/journal.js';

/** When lost calls can no longer take effect: each goes out at the latest when its activity ends. */
export function settledAt(
  lost: MutationRecord[],
  { settle, start_to_close }: { settle: number; start_to_close: number },
): number {
  return lost.reduce(
    (latest, { intendedAt, lostAt }) => Math.max(latest, (lostAt ?? intendedAt + start_to_close) + settle),
    0,
  );
}

type Direction = MutationRecord['direction'];

/** Whether nobody knows yet what became of the call. */
export const isOpen = ({ outcome }: MutationRecord): boolean =>
  outcome === 'intended' || outcome === 'unknown';

/** Whether a call did what it was to do, or found it done. */
const hasEnded = ({ outcome }: MutationRecord): boolean => outcome === 'applied' || outcome === 'unchanged';

const mayBeApplied = (record: MutationRecord): boolean => record.outcome === 'applied' || isOpen(record);

/**
 * Those of some calls that may take effect yet: the lost ones, also where the effect of one of them has been found since, for
 * nobody can tell of which. Only where a single one was lost, and its effect is there, is there none to come.
 */
export function mayLand(records: readonly MutationRecord[]): MutationRecord[] {
  const lost = records.filter((record) => isOpen(record) || record.found);
  const same = new Map<string, number>();
  for (const record of lost) same.set(nameOf(record), (same.get(nameOf(record)) ?? 0) + 1);
  return lost.filter((record) => record.outcome !== 'applied' || (same.get(nameOf(record)) ?? 0) > 1);
}

const nameOf = ({ run, item, step, direction }: MutationRecord): string =>
  JSON.stringify([run, item, step, direction]);

/** Records of one direction. */
export const callsOf = (records: MutationRecord[], direction: Direction): MutationRecord[] =>
  records.filter((record) => record.direction === direction);

/** Records of one direction whose outcome is not known. */
export const openOf = (records: MutationRecord[], direction: Direction): MutationRecord[] =>
  callsOf(records, direction).filter(isOpen);

/** Whether the step stands done: a do was applied, and no undo has been tried since. */
export function isDone(records: MutationRecord[]): boolean {
  const applied = records.findLastIndex(
    ({ direction, outcome }) => direction === 'do' && outcome === 'applied',
  );
  return applied >= 0 && records.slice(applied + 1).every(({ direction }) => direction === 'do');
}

/**
 * Whether another call of that direction has had the effect already since the step last turned. Several calls for one value
 * have one effect between them, and one record of it.
 */
export function isProved(records: MutationRecord[], direction: Direction): boolean {
  const turned = records.findLastIndex((record) => record.direction !== direction && hasEnded(record));
  return records
    .slice(turned + 1)
    .some((record) => record.direction === direction && record.outcome === 'applied');
}

/** Ids of the calls of one direction that were applied. */
export const appliedOf = (records: MutationRecord[], direction: Direction): number[] =>
  records.flatMap((record) =>
    record.direction === direction && record.outcome === 'applied' ? [record.id] : [],
  );

/** What an undo has to answer for: calls that were or may have been applied, and what they made of what. */
export interface Owed {
  dos: [MutationRecord, ...MutationRecord[]];
  /** What the value goes back to, in fields or members that still hold `to`. */
  from: Json;
  to: Json;
}

/**
 * What a step owes since it was last undone for certain; null where it owes nothing. A do that was planned anew, because somebody else had
 * changed some of the value, names only that: the rest of what was done before it is owed all the same.
 */
export function owed(owns: Owns, records: MutationRecord[]): Owed | null {
  let owing: Owed | null = null;
  for (const record of records) {
    const { direction, outcome, from, to } = record;
    if (direction === 'do' && mayBeApplied(record))
      owing = owing === null ? { dos: [record], from, to } : doneAgain(owns, owing, record);
    // An undo after which all stands as it was made has left something of it, and so owes it still.
    const isLeft = owns === 'whole' && owing !== null && sameJson(to, owing.to);
    if (direction === 'undo' && owing !== null && outcome === 'applied' && !isLeft) owing = null;
    if (direction === 'undo' && owing !== null && outcome === 'unchanged') owing = foundSo(owns, owing, from);
  }
  return owing;
}

type Owns = 'whole' | 'fields' | 'set';

/** What somebody else had made of the value between two dos is what it goes back to there. */
function doneAgain(owns: Owns, owing: Owed, record: MutationRecord): Owed {
  const from = restoration(owns, owing.from, owing.to, record.from).to;
  const dos: Owed['dos'] = [...owing.dos, record];
  if (
    owns === 'fields' &&
    isObject(owing.from) &&
    isObject(owing.to) &&
    isObject(from) &&
    isObject(record.to)
  )
    return { dos, from: { ...owing.from, ...from }, to: { ...owing.to, ...record.to } };
  return { dos, from, to: record.to };
}

/** The value was looked at and not written: what of it was ours then still is. Fields that a look does not name were not asked for. */
function foundSo(owns: Owns, owing: Owed, found: Json): Owed | null {
  const to = owns === 'fields' && isObject(owing.to) && isObject(found) ? { ...owing.to, ...found } : found;
  const from = restoration(owns, owing.from, owing.to, to).to;
  return sameJson(from, to) ? null : { dos: owing.dos, from, to };
}

/**
 * What the step's last act, an undo, had to leave because somebody else had changed it: for an undo that is asked for
 * again because its answer was lost. `wroteOf` says what GitHub had made of what is owed.
 */
export function leftBehind(
  owns: Owns,
  records: MutationRecord[],
  wroteOf: (owing: Owed, found: Json) => Json = ({ to }) => to,
): Omit<Conflict, 'step'>[] {
  return leftOfLast(owns, records, wroteOf)?.conflicts ?? [];
}

/** {@link leftBehind}, with what was owed until then; null where the last act was no undo, or nothing was owed. */
export function leftOfLast(
  owns: Owns,
  records: MutationRecord[],
  wroteOf: (owing: Owed, found: Json) => Json,
): { owing: Owed; conflicts: Restoration['conflicts'] } | null {
  const place = lastUndone(records);
  const undo = records[place];
  if (undo === undefined || place < records.length - 1) return null;
  const owing = owed(owns, records.slice(0, place));
  if (owing === null) return null;
  const { conflicts } = restoration(owns, owing.from, wroteOf(owing, undo.from), undo.from);
  return { owing, conflicts };
}

/** Whether the step's last act was an undo that came to its end: then nothing of it stands, and the store says so. */
export function isUndone(records: MutationRecord[]): boolean {
  return records.length > 0 && lastUndone(records) === records.length - 1;
}

/**
 * By how many milliseconds the step's newest record is younger than an attempt, which was scheduled then; 0 for the attempt whose
 * turn it is. One that was given up for lost may wake up when others have gone on or the step was undone, and must not act then:
 * its answer is heard by nobody. Whoever is asked in earnest and finds a clock ahead is asked again so much later.
 */
export function overtakenBy(records: MutationRecord[], scheduledAt: number): number {
  return Math.max(0, (records.at(-1)?.intendedAt ?? 0) - scheduledAt);
}

function lastUndone(records: MutationRecord[]): number {
  return records.findLastIndex((record) => record.direction === 'undo' && hasEnded(record));
}
