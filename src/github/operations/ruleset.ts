import { sameJson } from '../../standards/json.js';
import type { ChangeKind, Json, JsonObject, Target } from '../../standards/model.js';
import { mergeRuleset } from '../../standards/rulesets.js';
import { rulesets } from '../../standards/schema/rulesets.js';
import { isObject, toJsonObject } from '../json.js';
import { restRulesets } from '../read/rest-repository.js';
import type { LiveRuleset } from '../read/rulesets.js';
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
    async read(context, target, { key, after }) {
      const found = (await placeOf(context, target).all()).find(({ name }) => name === key);
      return found === undefined ? null : asWritten(found, after);
    },
    async write(context, target, { key }, from, to) {
      const place = placeOf(context, target);
      if (from === null && isObject(to)) return create(context, place, toJsonObject(to));
      const found = (await place.all()).find(({ name }) => name === key);
      if (found === undefined) {
        if (to === null) return;
        throw refused(
          404,
          `the ruleset ${key} of ${target.owner}/${target.name} is not there any more; plan again`,
        );
      }
      const one = { ...place.at, ruleset_id: found.id };
      if (isObject(to))
        await context.github.rest(`PUT ${place.route}/{ruleset_id}`, { ...one, ...bodyOf(toJsonObject(to)) });
      else await context.github.rest(`DELETE ${place.route}/{ruleset_id}`, one);
    },
  };
}

/** "Already exists" is success only where what is there is what was to be made. */
async function create({ github }: OperationContext, place: Place, to: JsonObject): Promise<void> {
  try {
    await github.rest(`POST ${place.route}`, { ...place.at, ...bodyOf(to) });
  } catch (error) {
    if (!isRefused(error, 422)) throw error;
    const found = (await place.all()).find(({ name }) => name === to['name']);
    if (found === undefined || !sameJson(asWritten(found, to), to)) throw error;
  }
}

/** GitHub adds parameters that were not named; a ruleset that holds all that was written is as it was written. */
function asWritten(found: LiveRuleset, after: Json): Json {
  const { id: _id, ...live } = found;
  const [wanted] = rulesets.safeParse([after]).data ?? [];
  if (wanted !== undefined && wanted.absent !== true && mergeRuleset(live, wanted) === null) return after;
  return toJsonObject({ ...live });
}

function bodyOf({ conditions, ...body }: JsonObject): JsonObject {
  return conditions === null || conditions === undefined ? body : { ...body, conditions };
}
