import { holds } from '../github/operations/holds.js';
import type { Operation } from '../github/operations/operation.js';
import { isObject } from '../standards/json.js';
import type { Json } from '../standards/model.js';
import type { MutationRecord } from '../store/store.js';
import type { Conflict } from '../transaction/journal.js';
import { NotYet, StepError } from './answering.js';
import { unrestored } from './standing.js';
import { callsOf } from './step-records.js';

/** How soon to write again what GitHub has not taken whole, milliseconds: what it lacks may be made at the same time. */
const AGAIN_MS = 2_000;

type Holding = Pick<Operation, 'over'>;

const isLeftOut = (operation: Holding, { seen, to, wrote }: MutationRecord): boolean =>
  seen && !holds(operation, to, wrote);

/** Whether GitHub has left out some of what a step last wrote, so that it is not done yet. */
export function lacksSome(operation: Holding, records: MutationRecord[]): boolean {
  const last = records.findLast(({ direction, outcome }) => direction === 'do' && outcome === 'applied');
  return last !== undefined && isLeftOut(operation, last);
}

/**
 * What to say of a write that GitHub has taken without some of it, as of a team in a protection that has no access: the first time that it is
 * tried again, then that a person has to see to it.
 */
export function leftOut(
  operation: Holding,
  known: MutationRecord[],
  made: Json,
  wrote: Json,
  now: number,
): NotYet | StepError {
  const fields = unrestored(made, wrote).map(({ field }) => field);
  const what = `GitHub has taken it without some of ${fields.join(', ')}`;
  if (!callsOf(known, 'do').some((record) => isLeftOut(operation, record)))
    return new NotYet(now + AGAIN_MS, what);
  const why = 'whom or what it names may not be there, or has no access; mend that, then retry';
  return new StepError(`${what}: ${why}`, 'refused', 'incomplete', true);
}

/** What GitHub has left out of what an undo was to put back. */
export const notPutBack = (step: string, made: Json, wrote: Json, before: Json): Conflict[] =>
  unrestored(made, before).map(({ field }) => ({
    step,
    field,
    before: partOf(before, field),
    wrote: partOf(wrote, field),
    found: partOf(made, field),
  }));

const partOf = (value: Json, field: string): Json => (isObject(value) ? (value[field] ?? null) : value);
