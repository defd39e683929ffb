import { canonicalJson, isObject, sameJson } from './json.js';
import type { Json, JsonObject } from './model.js';

/** What an undo can put back, and what it has to leave because somebody else has changed it since. */
export interface Restoration {
  /** What the live value is to become; the live value itself where nothing can or need be done. */
  to: Json;
  conflicts: { field: string; before: Json; wrote: Json; found: Json; stays?: true }[];
}

/**
 * The three-way rule of undo (G6): what still holds what we wrote goes back to what was before; what holds what was before
 * stays; anything else is a conflict and stays. Objects are judged field by field, sets member by member.
 */
export function restoration(
  owns: 'whole' | 'fields' | 'set',
  before: Json,
  wrote: Json,
  found: Json,
): Restoration {
  if (sameJson(found, before)) return { to: found, conflicts: [] };
  if (sameJson(found, wrote)) return { to: before, conflicts: [] };
  if (owns === 'set' && Array.isArray(before) && Array.isArray(wrote) && Array.isArray(found)) {
    return { to: restoreSet(before, wrote, found), conflicts: [] };
  }
  if (owns === 'fields' && isObject(before) && isObject(wrote) && isObject(found)) {
    return restoreFields(before, wrote, found);
  }
  return { to: found, conflicts: [{ field: '', before, wrote, found }] };
}

/** Whether a value that was read still shows some of what a write has changed as it was before it. Shapes as in {@link restoration}. */
export function isBehind(owns: 'whole' | 'fields' | 'set', before: Json, wrote: Json, found: Json): boolean {
  if (sameJson(before, wrote)) return false;
  if (owns === 'set' && Array.isArray(before) && Array.isArray(wrote) && Array.isArray(found)) {
    const [was, we, is] = [before, wrote, found].map((members) => new Set(members.map(canonicalJson)));
    const shows = (member: string): boolean => is?.has(member) === true;
    const putIn = [...(we ?? [])].filter((member) => was?.has(member) !== true);
    const takenOut = [...(was ?? [])].filter((member) => we?.has(member) !== true);
    return !putIn.every(shows) || takenOut.some(shows);
  }
  if (owns === 'fields' && isObject(before) && isObject(wrote) && isObject(found)) {
    return Object.keys(wrote).some((field) => {
      const [was, we, is] = [before[field] ?? null, wrote[field] ?? null, found[field] ?? null];
      return !sameJson(was, we) && sameJson(is, was);
    });
  }
  return sameJson(found, before);
}

/** Settings that GitHub takes in certain pairs only, https://docs.github.com/rest/repos/repos#update-a-repository. */
export const PAIRS = [
  ['squash_merge_commit_title', 'squash_merge_commit_message'],
  ['merge_commit_title', 'merge_commit_message'],
] as const;

/** Fields that are left because the other of their pair is. */
function leftWith(conflicts: Restoration['conflicts']): string[] {
  const fields = new Set(conflicts.map(({ field }) => field));
  return PAIRS.flatMap((pair) =>
    pair.some((field) => fields.has(field)) ? pair.filter((field) => !fields.has(field)) : [],
  );
}

function restoreFields(before: JsonObject, wrote: JsonObject, found: JsonObject): Restoration {
  const to: JsonObject = { ...found };
  const conflicts: Restoration['conflicts'] = [];
  for (const field of Object.keys(wrote)) {
    const [was, we, is] = [before[field] ?? null, wrote[field] ?? null, found[field] ?? null];
    if (sameJson(was, we) || sameJson(is, was)) continue;
    if (sameJson(is, we)) to[field] = was;
    else conflicts.push({ field, before: was, wrote: we, found: is });
  }
  for (const field of leftWith(conflicts)) {
    const [was, we, is] = [before[field] ?? null, wrote[field] ?? null, found[field] ?? null];
    if (sameJson(to[field] ?? null, is)) continue;
    to[field] = is;
    conflicts.push({ field, before: was, wrote: we, found: is });
  }
  return { to, conflicts };
}

/** Takes out what we put in and puts back what we took out; what others put in or took out stays as they left it. */
function restoreSet(before: Json[], wrote: Json[], found: Json[]): Json[] {
  const was = new Set(before.map(canonicalJson));
  const we = new Set(wrote.map(canonicalJson));
  const is = new Set(found.map(canonicalJson));
  const kept = found.filter((member) => was.has(canonicalJson(member)) || !we.has(canonicalJson(member)));
  const back = before.filter((member) => !we.has(canonicalJson(member)) && !is.has(canonicalJson(member)));
  return [...kept, ...back];
}
