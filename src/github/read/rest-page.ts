import type { PageCursor, Permission, RepositoryNeeds, RepositoryPage } from '../../standards/model.js';
import type { GitHubClient } from '../client.js';
import { GitHubError } from '../errors.js';
import { object, objects, text } from '../json.js';
import { repositoryCount } from './organization.js';
import { mapLimited, organizationMissing, repeatRead } from './query.js';
import { getOrNull, restRepositoryState } from './rest-repository.js';
import { restPermission } from './team-edges.js';
import { readTeamIds } from './team-ids.js';

/** Repositories read at once. */
const AT_ONCE = 10;

/** {@link readRepositoryPage} by REST alone: requests for every repository, as many as `needs` names. */
export async function readRestPage(
  github: GitHubClient,
  login: string,
  needs: RepositoryNeeds,
  cursor: PageCursor | null,
  size: number,
): Promise<RepositoryPage> {
  const page = Number(cursor?.repositories ?? '1');
  const organization = await getOrNull(github, 'GET /orgs/{org}', { org: login });
  if (organization === null) throw organizationMissing(login);
  const answer = await repeatRead(() =>
    github.rest('GET /orgs/{org}/repos', {
      org: login,
      sort: 'full_name',
      direction: 'asc',
      per_page: size,
      page,
    }),
  );
  const readAt = Date.now();
  const listed = objects(answer.data);
  const teams = await permissionsById(github, login, needs.teams);
  const team_ids = await readTeamIds(github, login, needs.teams);
  return {
    repositories: await mapLimited(listed, AT_ONCE, async (repository) => {
      const permissions = teams.get(text(repository['node_id'])) ?? {};
      return { ...(await restRepositoryState(github, login, needs, repository, permissions)), team_ids };
    }),
    next: /rel="next"/.test(answer.headers['link'] ?? '')
      ? { repositories: String(page + 1), teams: {} }
      : null,
    total: repositoryCount(object(organization)),
    readAt,
  };
}

/** What each team may do, by repository. REST cannot ask for a part of a team's list that fits a page. */
async function permissionsById(
  github: GitHubClient,
  org: string,
  slugs: readonly string[],
): Promise<Map<string, Record<string, Permission>>> {
  const byId = new Map<string, Record<string, Permission>>();
  for (const slug of slugs)
    for (const repository of objects(await teamRepositories(github, org, slug))) {
      const permission = restPermission(repository['permissions']);
      const id = text(repository['node_id']);
      if (permission !== null) byId.set(id, { ...byId.get(id), [slug]: permission });
    }
  return byId;
}

async function teamRepositories(github: GitHubClient, org: string, slug: string): Promise<unknown[]> {
  try {
    return await repeatRead(() =>
      github.list('GET /orgs/{org}/teams/{team_slug}/repos', { org, team_slug: slug }),
    );
  } catch (error) {
    if (error instanceof GitHubError && error.failure.kind === 'refused' && error.failure.status === 404)
      return [];
    throw error;
  }
}
