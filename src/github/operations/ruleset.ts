import { sameJson } from '../../standards/json.js';
import type { ChangeKind, JsonObject, Ruleset, Target } from '../../standards/model.js';
import { mergeRuleset, normalizeRuleset } from '../../standards/rulesets.js';
import { isObject, object, text, toJsonObject } from '../json.js';
import { getOrNull, restRulesets } from '../read/rest-repository.js';
import { type LiveRuleset, rulesetOfRest } from '../read/rulesets.js';
import type { Operation, OperationContext } from './operation.js';
import { isRefused, readTarget, refused, repository, sameId } from './target.js';

/** Where rulesets live: in a repository or in an organisation. */
interface Place {
  route: string;
  at: JsonObject;
  all(): Promise<LiveRuleset[]>;
}

/** A repository's own ruleset, by name. */
export const ruleset: Operation = rulesetOperation(
  'ruleset',
  { do: 'applyRuleset', undo: 'restoreRuleset' },
  (context, target) => ({
    route: '/repos/{owner}/{repo}/rulesets',
    at: repository(target),
    all: async () => (await readTarget(context, target, { rulesets: true })).rulesets,
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
    // A plan is read by GraphQL, which does not know every parameter.
    looksFirst: ({ before }) => before !== null,
    read: (context, target, { key }) => exact(context, placeOf(context, target), key),
    async write(context, target, { key }, from, to) {
      const place = placeOf(context, target);
      if (from === null && isObject(to)) return create(context, place, toJsonObject(to));
      const found = await named(place, key);
      if (found === undefined) {
        if (!isObject(to)) return;
        throw refused(
          404,
          `the ruleset ${key} of ${target.owner}/${target.name} is not there any more; plan again`,
        );
      }
      const one = { ...place.at, ruleset_id: found.id };
      if (!isObject(to)) {
        await context.github.rest(`DELETE ${place.route}/{ruleset_id}`, one);
        return;
      }
      const body = { ...one, ...bodyOf(toJsonObject(to)) };
      return formOf((await context.github.rest(`PUT ${place.route}/{ruleset_id}`, body)).data);
    },
  };
}

/** "Already exists" is success only where what is there holds what was to be made. */
async function create(context: OperationContext, place: Place, to: JsonObject): Promise<JsonObject> {
  try {
    const { data } = await context.github.rest(`POST ${place.route}`, { ...place.at, ...bodyOf(to) });
    return formOf(data);
  } catch (error) {
    if (!isRefused(error, 422)) throw error;
    const found = await exact(context, place, text(to['name']));
    if (!isObject(found) || !sameJson(over(found, to), found)) throw error;
    return found;
  }
}

const named = async (place: Place, key: string): Promise<LiveRuleset | undefined> =>
  (await place.all()).find(({ name }) => name === key);

/** The ruleset of that name with every parameter, also those that no list shows; null where there is none. */
async function exact({ github }: OperationContext, place: Place, key: string): Promise<JsonObject | null> {
  const found = await named(place, key);
  if (found === undefined) return null;
  const one = { ...place.at, ruleset_id: found.id };
  const body = await getOrNull(github, `GET ${place.route}/{ruleset_id}`, one);
  return body === null ? null : formOf(body);
}

/** GitHub adds parameters that were not named. */
function over(found: JsonObject, wanted: JsonObject): JsonObject {
  return { ...(mergeRuleset(rulesetIn(found), rulesetIn(wanted)) ?? found) };
}

function formOf(body: unknown): JsonObject {
  const { id: _id, ...live } = rulesetOfRest(object(body));
  return { ...normalizeRuleset(live) };
}

/** A value of the form that {@link formOf} gives. */
const rulesetIn = (value: JsonObject): Ruleset => value as unknown as Ruleset;

function bodyOf({ conditions, ...body }: JsonObject): JsonObject {
  return conditions === null || conditions === undefined ? body : { ...body, conditions };
}
