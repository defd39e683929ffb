import type { TeamId } from '../../standards/model.js';
import type { GitHubClient } from '../client.js';
import { GitHubError } from '../errors.js';
import { type Fields, number, object, objects, text } from '../json.js';
import { mapLimited, repeatRead } from './query.js';
import { getOrNull } from './rest-repository.js';
import { teamId, teamIdOf } from './team-edges.js';

/** Single reads at once. */
const AT_ONCE = 10;

/** Teams' ids, by the slugs asked for; a team that is not there is missing. */
export type TeamIds = Record<string, TeamId>;

/** {@link TeamIds} by REST. @throws GitHubError */
export async function readTeamIds(
  github: GitHubClient,
  login: string,
  slugs: readonly string[],
): Promise<TeamIds> {
  const found = await mapLimited(slugs, AT_ONCE, (slug) => readTeam(github, login, slug));
  return teamIds(slugs, (index) => teamId(found[index]?.['id'], found[index]?.['node_id']));
}

/** To go under `organization`, for teams of which no more is read. */
export function teamIdSelection(slugs: readonly string[]): string {
  return slugs
    .map((slug, index) => `known${index}: team(slug: ${JSON.stringify(slug)}) { id databaseId }`)
    .join('\n');
}

/** What {@link teamIdSelection} has brought. */
export const selectedTeamIds = (organization: Fields, slugs: readonly string[]): TeamIds =>
  teamIds(slugs, (index) => teamIdOf(object(organization[`known${index}`])));

export function teamIds(slugs: readonly string[], idAt: (index: number) => TeamId | undefined): TeamIds {
  return Object.fromEntries(
    slugs.flatMap((slug, index) => {
      const id = idAt(index);
      return id === undefined ? [] : [[slug, id]];
    }),
  );
}

/** A team by its slug, as REST shows it; null where there is none. @throws GitHubError */
async function readTeam(github: GitHubClient, org: string, slug: string): Promise<Fields | null> {
  const body = await getOrNull(github, 'GET /orgs/{org}/teams/{team_slug}', { org, team_slug: slug });
  return body === null ? null : object(body);
}

/**
 * Where the team of that id is now: its slug, null where it is gone, and the id of another team that has the slug it had. The list of all
 * teams is only asked where the slug does not lead to it.
 * @param isSame what else than the id proves that a team is the one
 * @throws GitHubError
 */
export async function whereTeamIs(
  github: GitHubClient,
  org: string,
  { id, slug }: { id: number; slug: string },
  isSame: (team: Fields) => boolean,
): Promise<{ slug: string | null; namesake: number | null }> {
  const named = await readTeam(github, org, slug);
  if (named !== null && (named['id'] === id || isSame(named))) return { slug, namesake: null };
  const all = objects(await repeatRead(() => github.list('GET /orgs/{org}/teams', { org })));
  const found = all.find((team) => team['id'] === id);
  const now = found === undefined ? null : text(found['slug']);
  if (named !== null && now === slug)
    throw new GitHubError(`GitHub shows the team ${org}/${slug} by its name and another by its id`, {
      kind: 'unknown',
      status: null,
    });
  return { slug: now, namesake: named === null ? null : number(named['id']) };
}
