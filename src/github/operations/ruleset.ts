import type { ChangeKind, Json, JsonObject, Ruleset, Target } from '../../standards/model.js';
import { mergeRuleset, normalizeRuleset } from '../../standards/rulesets.js';
import { isRefused } from '../errors.js';
import { isObject, object, text, toJsonObject } from '../json.js';
import { getOrNull, restRulesets } from '../read/rest-repository.js';
import { type LiveRuleset, rulesetOfRest } from '../read/rulesets.js';
import { holds } from './holds.js';
import type { Operation, OperationContext } from './operation.js';
import { readTarget, refused, repository, sameId } from './target.js';

/** Where rulesets live: in a repository or in an organisation. */
interface Place {
  route: string;
  at: JsonObject;
  all(): Promise<LiveRuleset[]>;
  /** Whether {@link all} shows every parameter, as REST does. */
  isExact(): boolean;
}

/** Ids of the rulesets that a step has just read, for its write. */
const ids = new WeakMap<OperationContext, number>();

/** A repository's own ruleset, by name. */
export const ruleset: Operation = rulesetOperation(
  'ruleset',
  { do: 'applyRuleset', undo: 'restoreRuleset' },
  (context, target) => ({
    route: '/repos/{owner}/{repo}/rulesets',
    at: repository(target),
    all: async () => (await readTarget(context, target, { rulesets: true })).rulesets,
    isExact: () => !context.github.hasGraphql,
  }),
);

/** An organisation's ruleset, by name. */
export const organizationRuleset: Operation = rulesetOperation(
  'organization_ruleset',
  { do: 'applyOrganizationRuleset', undo: 'restoreOrganizationRuleset' },
  ({ github }, target) => ({
    route: '/orgs/{org}/rulesets',
    at: { org: target.owner },
    all: async () => {
      sameId(target, (await github.rest('GET /orgs/{org}', { org: target.owner })).data, target.owner);
      return restRulesets(github, 'GET /orgs/{org}/rulesets', { org: target.owner });
    },
    isExact: () => true,
  }),
);

function rulesetOperation(
  kind: ChangeKind,
  names: Operation['names'],
  placeOf: (context: OperationContext, target: Target) => Place,
): Operation {
  return {
    kind,
    names,
    owns: 'fields',
    idempotent: false,
    over,
    // A plan is read by GraphQL, which does not know every parameter, and the repository's name may be another's by now.
    looksFirst: () => true,
    read: (context, target, { key }) => exact(context, placeOf(context, target), key),
    async write(context, target, { key }, from, to) {
      const place = placeOf(context, target);
      if (from === null && isObject(to)) return create(context, place, toJsonObject(to));
      const id = ids.get(context) ?? (await named(place, key))?.id;
      if (id === undefined) {
        if (!isObject(to)) return;
        throw refused(
          404,
          `the ruleset ${key} of ${target.owner}/${target.name} is not there any more; plan again`,
        );
      }
      const one = { ...place.at, ruleset_id: id };
      if (!isObject(to)) return remove(context, place, key, one);
      const body = { ...one, ...bodyOf(toJsonObject(to), from) };
      const { data } = await context.github.rest(`PUT ${place.route}/{ruleset_id}`, body);
      return valueOf(rulesetOfRest(object(data)));
    },
  };
}

/** "Already exists" is success only where what is there holds what was to be made. */
async function create(context: OperationContext, place: Place, to: JsonObject): Promise<JsonObject> {
  try {
    const { data } = await context.github.rest(`POST ${place.route}`, { ...place.at, ...bodyOf(to) });
    return valueOf(rulesetOfRest(object(data)));
  } catch (error) {
    if (!isRefused(error, 422)) throw error;
    const found = await exact(context, place, text(to['name']));
    if (found === null || !holds({ over }, found, to)) throw error;
    return found;
  }
}

/** Gone already is what was wanted; a 404 may also be for who may not know: only a read that finds nothing makes it gone. */
async function remove(context: OperationContext, place: Place, key: string, one: JsonObject): Promise<void> {
  try {
    await context.github.rest(`DELETE ${place.route}/{ruleset_id}`, one);
  } catch (error) {
    if (!isRefused(error, 404) || (await named(place, key)) !== undefined) throw error;
  }
}

const named = async (place: Place, key: string): Promise<LiveRuleset | undefined> =>
  (await place.all()).find(({ name }) => name === key);

/** The ruleset of that name with every parameter, also those that no list shows; null where there is none. */
async function exact(context: OperationContext, place: Place, key: string): Promise<JsonObject | null> {
  const found = await named(place, key);
  if (found === undefined) return null;
  ids.set(context, found.id);
  if (place.isExact()) return valueOf(found);
  const one = { ...place.at, ruleset_id: found.id };
  const body = await getOrNull(context.github, `GET ${place.route}/{ruleset_id}`, one);
  return body === null ? null : valueOf(rulesetOfRest(object(body)));
}

/** GitHub adds parameters that were not named. */
function over(found: JsonObject, wanted: JsonObject): JsonObject {
  return { ...(mergeRuleset(rulesetIn(found), rulesetIn(wanted)) ?? found) };
}

function valueOf({ id: _id, ...live }: LiveRuleset): JsonObject {
  return { ...normalizeRuleset(live) };
}

/** A value of the form that {@link valueOf} gives. */
const rulesetIn = (value: JsonObject): Ruleset => value as unknown as Ruleset;

/** What a PUT does not name stays, so that there are to be no conditions has to be said. */
function bodyOf(to: JsonObject, from: Json = null): JsonObject {
  const { conditions, ...body } = to;
  if (isObject(conditions)) return to;
  return isObject(from) && isObject(from['conditions']) ? { ...body, conditions: {} } : body;
}
