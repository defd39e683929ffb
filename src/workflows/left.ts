import { sameJson } from '../standards/json.js';
import type { Json, JsonObject } from '../standards/model.js';
import type { Conflict, Entry } from '../transaction/journal.js';
import type { Left, StepInput } from './contract.js';

/** What a step wrote and its undo would put back: for objects the fields that differ, else the whole value. */
export function leftOf({ undo }: Entry): Left[] {
  const change = (undo?.input as Partial<StepInput> | undefined)?.change;
  if (change === undefined) return [];
  const { before, after } = change;
  if (!isObject(before) || !isObject(after)) return [{ field: '', before, wrote: after }];
  return Object.keys({ ...before, ...after })
    .toSorted()
    .filter((field) => !sameJson(before[field] ?? null, after[field] ?? null))
    .map((field) => ({ field, before: before[field] ?? null, wrote: after[field] ?? null }));
}

/** What a person decided not to undo, as conflicts: it is still there, and nobody is to take it for undone. */
export function conflictsLeft(entry: Entry): Conflict[] {
  const fields = leftOf(entry);
  const all = fields.length > 0 ? fields : [{ field: '', before: null, wrote: null }];
  return all.map(({ field, before, wrote }) => ({ step: entry.step, field, before, wrote, found: wrote }));
}

/** What a person is told of an undo that has ended: not that all is undone, where something is left. */
export const undoneBut = (says: string, conflicts: readonly unknown[]): string =>
  conflicts.length === 0 ? says : `${says}, but for what is listed as a conflict`;

function isObject(value: Json): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
