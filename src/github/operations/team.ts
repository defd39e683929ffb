import { sameJson } from '../../standards/json.js';
import type { Json, JsonObject, Target } from '../../standards/model.js';
import { markedDescription } from '../../standards/team-marker.js';
import { isRefused } from '../errors.js';
import { isObject, number, object, text, toJsonObject } from '../json.js';
import { childTeams } from '../read/child-teams.js';
import { getOrNull } from '../read/rest-repository.js';
import { teamOfRest } from '../read/teams.js';
import type { Operation, OperationContext } from './operation.js';
import { differing, ownedFields, refused, sameId } from './target.js';
import { isMadeBy } from './team-marker.js';
import { occupants } from './team-occupants.js';

const ROUTE = '/orgs/{org}/teams';

/**
 * A team of the organisation. A team that is made carries the run's marker in its description, until the step that
 * writes its settings; undo removes a team only while it carries it. One that was removed comes back as it was, unmarked.
 */
export const team: Operation = {
  kind: 'team',
  names: { do: 'createTeam', undo: 'removeCreatedTeam' },
  owns: 'whole',
  idempotent: false,
  async read(context, target, { key, action, before, after }) {
    const found = await findTeam(context, target.owner, key);
    if (found === null) return null;
    const owned = ownedFields({ ...teamOfRest(object(found)) }, before, after);
    const isOurs = isObject(after) && isMadeBy(found, context.run);
    if (isOurs) await keep(context, found);
    // What proves that it is ours is the marker alone; what others have made of it since is not taken away with it.
    const changed =
      action === 'create' && context.takesBack !== undefined ? changedIn(owned, after, isOurs) : [];
    if (changed.length > 0) return { ...owned, changed };
    return isOurs ? after : owned;
  },
  others: ({ github }, target, { key }) => occupants(github, target.owner, key),
  takesAlong: async ({ github }, target, { key }) =>
    (await childTeams(github, target.owner, key)).map((slug) => `the child team ${slug}`),
  async write(context, target, { key, action }, _from, to) {
    if (isObject(to))
      return action === 'create'
        ? create(context, target, key, toJsonObject(to))
        : makeAgain(context, target, key, toJsonObject(to));
    const found = await findTeam(context, target.owner, key);
    if (found === null) return;
    if (action === 'create' && !isMadeBy(found, context.run))
      throw refused(
        409,
        `the team ${target.owner}/${key} does not carry this run's mark, so it is not removed; look at it and remove it by hand`,
      );
    if (action !== 'create') sameId(target, found, `the team ${target.owner}/${key}`);
    await context.github.rest(`DELETE ${ROUTE}/{team_slug}`, { org: target.owner, team_slug: key });
  },
};

/**
 * Fields of a team that its run made, and others have written since; its mark is in the description. Another name makes it no other team,
 * an undo of its settings has taken its parent away, and not every host shows every field.
 */
function changedIn(owned: JsonObject, made: Json, isMarked: boolean): string[] {
  const others = Object.keys(differing(made, owned)).filter(
    (field) => owned[field] !== null && !['name', 'description'].includes(field),
  );
  return isMarked ? others : ['description', ...others];
}

function findTeam({ github }: OperationContext, org: string, slug: string): Promise<unknown> {
  return getOrNull(github, `GET ${ROUTE}/{team_slug}`, { org, team_slug: slug });
}

/** GitHub's number of a parent team. @throws GitHubError refused where it is not there */
export async function parentId(
  context: OperationContext,
  org: string,
  parent: Json | undefined,
): Promise<number | null> {
  if (typeof parent !== 'string') return null;
  const found = await findTeam(context, org, parent);
  if (found === null) throw refused(404, `the parent team ${org}/${parent} is not there`);
  return number(object(found)['id']);
}

async function create(
  context: OperationContext,
  target: Target,
  slug: string,
  wanted: JsonObject,
): Promise<void> {
  const description = markedDescription(text(wanted['description']), context.run);
  try {
    await post(context, target, slug, { ...wanted, description });
  } catch (error) {
    if (!isRefused(error, 422)) throw error;
    const found = await findTeam(context, target.owner, slug);
    if (!isMadeBy(found, context.run)) throw error;
    await keep(context, found);
  }
}

/** "Already exists" is success only where what is there is what was to be made. */
async function makeAgain(
  context: OperationContext,
  target: Target,
  slug: string,
  was: JsonObject,
): Promise<void> {
  try {
    await post(context, target, slug, { ...was, description: text(was['description']) });
  } catch (error) {
    if (!isRefused(error, 422)) throw error;
    const found = await findTeam(context, target.owner, slug);
    if (found === null || !sameJson(ownedFields({ ...teamOfRest(object(found)) }, was, was), was))
      throw error;
  }
}

async function post(
  context: OperationContext,
  target: Target,
  slug: string,
  { parent, ...fields }: JsonObject,
): Promise<void> {
  const parent_team_id = await parentId(context, target.owner, parent);
  const body = { ...fields, org: target.owner, ...(parent_team_id === null ? {} : { parent_team_id }) };
  const { data } = await context.github.rest(`POST ${ROUTE}`, body);
  await sameSlug(context, target.owner, slug, text(object(data)['slug']));
  await keep(context, data);
}

/** No plan has seen the id of what the run made, and the mark goes with the settings: by the id it is found when it is taken back. */
async function keep(context: OperationContext, made: unknown): Promise<void> {
  await context.keepTeam?.(number(object(made)['id']));
}

/** GitHub makes the slug of the name, and a number where it is taken: a team by another slug is taken back. */
async function sameSlug(context: OperationContext, org: string, wanted: string, made: string): Promise<void> {
  if (made === wanted) return;
  await context.github.rest(`DELETE ${ROUTE}/{team_slug}`, { org, team_slug: made });
  throw refused(
    409,
    `GitHub would call the team ${org}/${made} instead of ${wanted}; give it a name whose slug is ${wanted}`,
  );
}
