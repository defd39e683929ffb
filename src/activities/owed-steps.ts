import { operations } from '../github/operations/index.js';
import { isObject } from '../standards/json.js';
import type { JsonObject } from '../standards/model.js';
import type { MutationRecord } from '../store/store.js';
import type { Conflict } from '../transaction/journal.js';
import { leftBehind, leftOfLast, type Owed, owed } from './step-records.js';
import { storedOf } from './stored.js';

/** An item's records by step, in the order in which the steps were begun; those of each oldest first. */
export function bySteps(records: MutationRecord[]): MutationRecord[][] {
  const steps = [...new Set(records.map(({ step }) => step))];
  return steps.map((step) => records.filter((record) => record.step === step));
}

/** What a step owes, see {@link owed}, by its own records alone: a connector's step is its own as a whole. */
export function owedBy(records: MutationRecord[]): Owed | null {
  const kind = records[0]?.change.kind ?? 'connector';
  return owed(kind === 'connector' ? 'whole' : operations[kind].owns, records);
}

/** Records of those steps of which something is not undone yet. */
export const owedOf = (records: MutationRecord[]): MutationRecord[] =>
  bySteps(records)
    .filter((mine) => owedBy(mine) !== null)
    .flat();

/**
 * What a step was owed when it was last undone, where somebody else had changed some of it, and that was left: a rollback tells of it
 * again, and with force puts it back. Null where all was put back, and for what only a person can remove.
 */
export function leftOwing(records: MutationRecord[]): Owed | null {
  const kind = records[0]?.change.kind ?? 'connector';
  if (kind === 'connector' || kind === 'repository') return null;
  const operation = operations[kind];
  const last = leftOfLast(operation.owns, records, ({ to, dos }, found) =>
    storedOf(operation, to, dos, found),
  );
  if (last === null) return null;
  const { owing, conflicts } = last;
  const isTheirs = conflicts.some(({ found }) => isObject(found) && 'changed' in found);
  if (conflicts.length === 0 || isTheirs) return null;
  const fields = conflicts.map(({ field }) => field);
  // Fields that were put back are nobody's to take back any more.
  if (fields.includes('') || !isObject(owing.from) || !isObject(owing.to)) return owing;
  return { ...owing, from: only(fields, owing.from), to: only(fields, owing.to) };
}

/** What a run's own undo had to leave of a repository that it had made: only a person can remove it. */
export function leftRepository(records: MutationRecord[]): Conflict[] {
  const made = records.filter(({ change }) => change.kind === 'repository');
  const [first] = made;
  if (first === undefined) return [];
  return leftBehind('whole', made).map((left) => ({ ...left, step: first.step, stays: true }));
}

function only(fields: readonly string[], value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([field]) => fields.includes(field)));
}
