import type { GitHubClient } from '../client.js';
import { GitHubError } from '../errors.js';
import { type Fields, isObject, number, object, objects, text } from '../json.js';
import { chunks, mapLimited, organizationMissing, queryWhole, repeatRead } from './query.js';
import { getOrNull } from './rest-repository.js';

/** Teams in one query, and single reads at once. */
const IN_ONE = 50;
const AT_ONCE = 10;

/** GitHub's numbers of teams, by the slugs asked for; a team that is not there is missing. @throws GitHubError */
export async function readTeamIds(
  github: GitHubClient,
  login: string,
  slugs: readonly string[],
): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  if (!github.hasGraphql) {
    await mapLimited(slugs, AT_ONCE, async (slug) => {
      const body = await readTeam(github, login, slug);
      if (body !== null) ids.set(slug, number(body['id']));
    });
    return ids;
  }
  for (const part of chunks(slugs, IN_ONE)) {
    const query = teamIdsQuery(part);
    const data = await repeatRead(() => queryWhole(github, query, { login }, (path) => path.length <= 2));
    const organization = data['organization'];
    if (!isObject(organization)) throw organizationMissing(login);
    for (const [index, slug] of part.entries()) {
      const node = organization[`team${index}`];
      if (isObject(node)) ids.set(slug, number(node['databaseId']));
    }
  }
  return ids;
}

/** Exported so that a test can validate all that can be built. */
export function teamIdsQuery(slugs: readonly string[]): string {
  const aliases = slugs.map(
    (slug, index) => `team${index}: team(slug: ${JSON.stringify(slug)}) { databaseId }`,
  );
  return `query($login: String!) { organization(login: $login) { ${aliases.join('\n')} } }`;
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
