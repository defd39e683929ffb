import { byText, canonicalJson, isObject } from './json.js';
import type { Json, JsonObject, Ruleset } from './model.js';

/**
 * Whether what is there holds everything that is wanted: of an object the named keys, of a list the same elements in
 * any order. What GitHub adds by itself does not count.
 */
function satisfies(there: Json | undefined, wanted: Json): boolean {
  if (Array.isArray(wanted)) return Array.isArray(there) && satisfiesList(there, wanted);
  if (!isObject(wanted)) return (there ?? null) === wanted;
  return isObject(there) && Object.entries(wanted).every(([key, value]) => satisfies(there[key], value));
}

function satisfiesList(there: Json[], wanted: Json[]): boolean {
  if (there.length !== wanted.length) return false;
  const left = [...there];
  // The most exact first, so that a loose one does not take the only element that an exact one fits.
  const exactFirst = [...wanted].toSorted(
    (one, other) => canonicalJson(other).length - canonicalJson(one).length,
  );
  return exactFirst.every((one) => {
    const index = left.findIndex((candidate) => satisfies(candidate, one));
    if (index >= 0) left.splice(index, 1);
    return index >= 0;
  });
}

/** Wanted over what is there: objects key by key, everything else as wanted. */
function over(there: Json | undefined, wanted: Json): Json {
  if (!isObject(wanted) || !isObject(there)) return wanted;
  const merged: JsonObject = { ...there };
  for (const [key, value] of Object.entries(wanted)) merged[key] = over(there[key], value);
  return merged;
}

const isEmpty = (value: JsonObject): boolean => Object.keys(value).length === 0;

/** Without the keys that hold null, at every depth of objects. */
function withoutNulls(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]): [string, Json][] =>
      inner === null ? [] : [[key, isObject(inner) ? withoutNulls(inner) : inner]],
    ),
  );
}

const sorted = (list: JsonObject[]): JsonObject[] =>
  list.toSorted((left, right) => byText(canonicalJson(left), canonicalJson(right)));

/** REST gives administrators the number 1, and deploy keys none, whatever was sent. */
function normalizeActor({
  actor_id = null,
  actor_type = null,
  bypass_mode = 'always',
}: JsonObject): JsonObject {
  const id = actor_type === 'OrganizationAdmin' ? 1 : actor_type === 'DeployKey' ? null : actor_id;
  return { actor_id: id, actor_type, bypass_mode };
}

function normalizeRule({ type = null, parameters }: JsonObject): JsonObject {
  const given = isObject(parameters) ? withoutNulls(parameters) : {};
  return isEmpty(given) ? { type } : { type, parameters: given };
}

/** A ruleset in one form: without what GitHub adds and without nulls, actors and rules sorted. */
export function normalizeRuleset(ruleset: Ruleset): Ruleset {
  const conditions = withoutNulls(ruleset.conditions ?? {});
  return {
    name: ruleset.name,
    target: ruleset.target,
    enforcement: ruleset.enforcement,
    bypass_actors: sorted(ruleset.bypass_actors.map(normalizeActor)),
    conditions: isEmpty(conditions) ? null : conditions,
    rules: sorted(ruleset.rules.map(normalizeRule)),
  };
}

/** A ruleset as a file names it: what is left out keeps what is there. */
type NamedRuleset = Pick<Ruleset, 'name'> & Partial<Ruleset>;

/**
 * The ruleset to write: what the file names over what is there; null where all of it is there already. A new one gets
 * GitHub's defaults for what is left out, and is active.
 */
export function mergeRuleset(live: Ruleset | null, wanted: NamedRuleset): Ruleset | null {
  const there = live && normalizeRuleset(live);
  const merged = normalizeRuleset({
    name: wanted.name,
    target: wanted.target ?? there?.target ?? 'branch',
    enforcement: wanted.enforcement ?? there?.enforcement ?? 'active',
    bypass_actors: wanted.bypass_actors ?? there?.bypass_actors ?? [],
    conditions: mergeConditions(there, wanted.conditions),
    rules: mergeRules(there?.rules ?? [], wanted.rules),
  });
  return there !== null && satisfies({ ...there }, { ...merged }) ? null : merged;
}

function mergeConditions(there: Ruleset | null, wanted: Json | undefined): JsonObject | null {
  if (wanted === undefined) return there?.conditions ?? null;
  const conditions = over(there?.conditions ?? null, wanted);
  return isObject(conditions) ? conditions : null;
}

/** Rules of the wanted types, each with the parameters that are there and not named. */
function mergeRules(live: JsonObject[], wanted: JsonObject[] | undefined): JsonObject[] {
  if (wanted === undefined) return live;
  return wanted.map((rule) => over(singleOfType(live, wanted, rule['type']), rule)).filter(isObject);
}

/** The rule of that type that is there, where the type is the same rule on both sides beyond doubt. */
function singleOfType(
  live: JsonObject[],
  wanted: JsonObject[],
  type: Json | undefined,
): JsonObject | undefined {
  const there = live.filter((rule) => rule['type'] === type);
  return there.length === 1 && wanted.filter((rule) => rule['type'] === type).length === 1
    ? there[0]
    : undefined;
}
