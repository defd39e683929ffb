import { sameJson } from '../standards/json.js';
import type { Json, JsonObject } from '../standards/model.js';
import type { Failure } from '../transaction/failure.js';
import type { Conflict, Entry } from '../transaction/journal.js';
import type { Left, StepInput } from './contract.js';
import type { ConnectorStepInput } from './saga-contract.js';

/**
 * What a step wrote and its undo would put back: what the undo found standing where it says so, as that of a connector does; else for objects
 * the fields that differ, or the whole value.
 */
export function leftOf({ undo }: Entry, { stands }: Pick<Failure, 'stands'>): Left[] {
  if (stands !== undefined)
    return stands.map(({ field, wrote, before = null }) => ({
      field,
      before: before as Json,
      wrote: wrote as Json,
    }));
  const {
    change,
    connector,
    options = null,
  } = (undo?.input ?? {}) as Partial<StepInput & ConnectorStepInput>;
  // A worker of an earlier release, or a system that did not answer, says only what was asked for.
  if (connector !== undefined) return [{ field: connector, before: null, wrote: options }];
  if (change === undefined) return [];
  const { before, after } = change;
  if (!isObject(before) || !isObject(after)) return [{ field: '', before, wrote: after }];
  return Object.keys({ ...before, ...after })
    .toSorted()
    .filter((field) => !sameJson(before[field] ?? null, after[field] ?? null))
    .map((field) => ({ field, before: before[field] ?? null, wrote: after[field] ?? null }));
}

/** What a person decided not to undo, as conflicts: it is still there, and nobody is to take it for undone. */
export function conflictsLeft({ step }: Entry, left: readonly Left[]): Conflict[] {
  const all = left.length > 0 ? left : [{ field: '', before: null, wrote: null }];
  return all.map(({ field, before, wrote }) => ({ step, field, before, wrote, found: wrote }));
}

/** After what a rollback says of itself, where it has left items out. */
export const butFor = (items: number): string =>
  items <= 0 ? '' : `, but for ${items === 1 ? '1 item' : `${items} items`}`;

/** What a person is told of an undo that has ended: not that all is undone, where something is left. */
export const undoneBut = (says: string, conflicts: readonly unknown[]): string =>
  conflicts.length === 0 ? says : `${says}, but for what is listed as a conflict`;

function isObject(value: Json): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
