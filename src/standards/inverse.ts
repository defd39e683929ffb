import { change as changeOf } from './changes.js';
import type { Change, Json, JsonObject } from './model.js';
import { type Restoration, restoration } from './restore.js';

/** What a step of a run did, by its records: the value it first found and the one it last wrote. */
export interface Written {
  change: Change;
  first: Json;
  last: Json;
}

/** The change that takes back what a step of run `of` wrote; taken back itself, it brings the value forward again. */
export function inverseOf({ change, first, last }: Written, of: string, force: boolean): Change {
  const { step, kind, key, restore } = change;
  return {
    ...changeOf(step, kind, key, last, first),
    ...kept(change),
    restore: { of, origin: restore?.origin ?? of, reversed: restore?.reversed !== true, force },
  };
}

/** A change in the direction in which it was first planned: operations find by it what is ours, and how GitHub spells it. */
export function asPlanned(change: Change): Change {
  if (change.restore?.reversed !== true) return change;
  const { step, kind, key, before, after } = change;
  return { ...changeOf(step, kind, key, after, before), ...kept(change) };
}

/** What is the same in either direction. */
const kept = ({ via, team }: Change): Pick<Change, 'via' | 'team'> => ({
  ...(via === undefined ? {} : { via }),
  ...(team === undefined ? {} : { team }),
});

/** The change that leaves what others have changed since. */
export const unforced = ({ restore, ...change }: Change): Change =>
  restore === undefined ? change : { ...change, restore: { ...restore, force: false } };

/**
 * What a rollback makes of the live value: what still holds what the run wrote goes back to what was before, and what somebody
 * changed since is a conflict and stays, or with `force` goes back as well.
 */
export function takenBack(
  owns: 'whole' | 'fields' | 'set',
  { before: wrote, after: before, restore }: Change,
  found: Json,
): Restoration {
  const restored = restoration(owns, before, wrote, found);
  if (restore?.force !== true || restored.conflicts.length === 0) return restored;
  if (restored.conflicts.some(({ field }) => field === '')) return { to: before, conflicts: [] };
  const back = restored.conflicts.map(({ field, before: value }) => [field, value] as const);
  return { to: { ...(restored.to as JsonObject), ...Object.fromEntries(back) }, conflicts: [] };
}
