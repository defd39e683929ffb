import type { Permission, RepositoryNeeds, RepositoryState } from '../../standards/model.js';
import type { GitHubClient } from '../client.js';
import { GitHubError } from '../errors.js';
import { array, type Fields, isObject, object, text, textOrNull } from '../json.js';
import { completeRepository } from './complete.js';
import { chunks, mapLimited, queryWhole, repeatRead } from './query.js';
import { repositorySelection, repositoryState } from './repository.js';
import { getOrNull, readTeamPermission, restRepositoryState } from './rest-repository.js';
import { readTeamWindows, type TeamPosition } from './team-edges.js';
import { readTeamIds, type TeamIds, teamIds } from './team-ids.js';

/** A repository as it was when it was planned. */
export interface RepositoryRef {
  id: number;
  node_id: string;
  name: string;
}

/** What is asked of a repository that only has to be found. */
export const NOTHING: RepositoryNeeds = {
  settings: [],
  topics: false,
  branch_protection: false,
  teams: [],
  labels: false,
  rulesets: false,
  files: [],
};

/** Repositories in one query, and single reads at once. */
const IN_ONE = 50;
const AT_ONCE = 10;

/**
 * Repositories by their pinned ids, in the order of `refs`; null where that very repository is not in the
 * organisation any more. A renamed one comes with its new name.
 * @throws GitHubError
 */
export async function readRepositories(
  github: GitHubClient,
  login: string,
  needs: RepositoryNeeds,
  refs: readonly RepositoryRef[],
): Promise<(RepositoryState | null)[]> {
  if (refs.length === 0) return [];
  if (!github.hasGraphql) {
    const team_ids = await readTeamIds(github, login, needs.teams);
    return mapLimited(refs, AT_ONCE, async (ref) => {
      const state = await readByRest(github, login, needs, ref);
      return state && { ...state, team_ids };
    });
  }
  const nodes = new Map<string, Fields>();
  for (const part of chunks(refs, IN_ONE)) await readNodes(github, login, needs, part, nodes);
  const present = [...nodes].map(([id, node]) => ({ id, name: text(node['name']) }));
  const { permissions, ids } = await permissionsById(github, login, needs.teams, present);
  return mapLimited(refs, AT_ONCE, async ({ node_id }) => {
    const node = nodes.get(node_id);
    if (node === undefined) return null;
    const state = { ...repositoryState(node, needs, permissions.get(node_id) ?? {}), team_ids: ids };
    return completeRepository(github, login, node, needs, state);
  });
}

/**
 * Where the repository of that id is now, as owner/name, whoever owns it; null where this token sees none.
 * @throws GitHubError
 */
export async function whereIs(
  github: GitHubClient,
  { id, node_id }: Omit<RepositoryRef, 'name'>,
): Promise<string | null> {
  if (!github.hasGraphql) {
    const body = object(await byRestId(github, id));
    return textOrNull(body['full_name']);
  }
  const data = await repeatRead(() =>
    queryWhole(github, nodesQuery(NOTHING), { ids: [node_id] }, (path) => path.length <= 2),
  );
  const [node] = array(data['nodes']);
  return isObject(node) ? `${text(object(node['owner'])['login'])}/${text(node['name'])}` : null;
}

/** The query of repositories by node id; exported so that a test can validate all that can be built. */
export function nodesQuery(needs: RepositoryNeeds): string {
  return `query($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository {
    owner { login } ${repositorySelection(needs)}
  } } }`;
}

async function readNodes(
  github: GitHubClient,
  login: string,
  needs: RepositoryNeeds,
  refs: readonly RepositoryRef[],
  into: Map<string, Fields>,
): Promise<void> {
  let size = refs.length;
  for (let at = 0; at < refs.length; ) {
    const data = await repeatRead(
      () => {
        const ids = refs.slice(at, at + size).map(({ node_id }) => node_id);
        return queryWhole(github, nodesQuery(needs), { ids }, (path) => path.length <= 2);
      },
      () => {
        size = Math.max(1, Math.floor(size / 2));
      },
    );
    for (const node of array(data['nodes'])) {
      // A transferred repository keeps its id, but is another owner's business.
      if (!isObject(node) || text(object(node['owner'])['login']).toLowerCase() !== login.toLowerCase())
        continue;
      into.set(text(node['id']), node);
    }
    at += size;
  }
}

/**
 * What the teams may do in those repositories. GraphQL cannot ask a team for certain repositories, so either the whole
 * lists are read, all teams' together in one request, or the pairs that are left by REST: whichever takes fewer requests.
 */
async function permissionsById(
  github: GitHubClient,
  login: string,
  teams: readonly string[],
  repositories: readonly { id: string; name: string }[],
): Promise<{ permissions: Map<string, Record<string, Permission>>; ids: TeamIds }> {
  const found = new Map(repositories.map(({ id }): [string, Record<string, Permission>] => [id, {}]));
  let ids: TeamIds = {};
  if (repositories.length === 0) return { permissions: found, ids };
  const note = (id: string, slug: string, permission: Permission | null): void => {
    const of = found.get(id);
    if (of !== undefined && permission !== null) of[slug] = permission;
  };
  let open: TeamPosition[] = teams.map((slug) => ({ slug, after: null }));
  while (open.length > 0) {
    const windows = await readTeamWindows(github, login, open);
    const slugs = open.map(({ slug }) => slug);
    ids = { ...ids, ...teamIds(slugs, (index) => windows[index]?.id) };
    const next: (TeamPosition & { left: number })[] = [];
    for (const [index, { slug, read = 0 }] of open.entries()) {
      const window = windows[index];
      if (window === undefined) continue;
      for (const edge of window.edges) note(edge.id, slug, edge.permission);
      const after = window.edges.at(-1)?.cursor;
      const sofar = read + window.edges.length;
      const wanting = repositories.some(({ id }) => found.get(id)?.[slug] === undefined);
      if (window.more && after !== undefined && wanting)
        next.push({ slug, after, read: sofar, left: window.total - sofar });
    }
    const pages = Math.max(0, ...next.map(({ left }) => Math.ceil(left / 100)));
    const pairs = next.flatMap(({ slug }) =>
      repositories
        .filter(({ id }) => found.get(id)?.[slug] === undefined)
        .map(({ id, name }) => ({ slug, id, name })),
    );
    if (pairs.length > 0 && pairs.length < pages) {
      await mapLimited(pairs, AT_ONCE, async ({ slug, id, name }) =>
        note(id, slug, await readTeamPermission(github, login, slug, name)),
      );
      return { permissions: found, ids };
    }
    open = next;
  }
  return { permissions: found, ids };
}

async function readByRest(
  github: GitHubClient,
  login: string,
  needs: RepositoryNeeds,
  ref: RepositoryRef,
): Promise<RepositoryState | null> {
  const body = await pinned(github, login, ref);
  if (text(object(body['owner'])['login']).toLowerCase() !== login.toLowerCase()) return null;
  const teams: Record<string, Permission> = {};
  for (const slug of needs.teams) {
    const permission = await readTeamPermission(github, login, slug, text(body['name']));
    if (permission !== null) teams[slug] = permission;
  }
  return restRepositoryState(github, login, needs, body, teams);
}

/** The repository by the name it had, where it is the very one still; else by its id. Without it there is nothing. */
async function pinned(github: GitHubClient, owner: string, { id, name }: RepositoryRef): Promise<Fields> {
  const named = await byName(github, owner, name);
  if (named['id'] === id) return named;
  return object(await byRestId(github, id));
}

/** Not in GitHub's reference, but it is where GitHub redirects the old names of a renamed repository to. */
const byRestId = (github: GitHubClient, id: number): Promise<unknown> =>
  getOrNull(github, 'GET /repositories/{id}', { id });

async function byName(github: GitHubClient, owner: string, repo: string): Promise<Fields> {
  try {
    return object(await getOrNull(github, 'GET /repos/{owner}/{repo}', { owner, repo }));
  } catch (error) {
    // Renamed or transferred: the name leads elsewhere now.
    if (
      error instanceof GitHubError &&
      error.failure.kind === 'refused' &&
      MOVED.includes(error.failure.status)
    )
      return {};
    throw error;
  }
}

const MOVED = [301, 307, 308];
