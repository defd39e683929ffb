import type {
  PageCursor,
  Permission,
  RepositoryNeeds,
  RepositoryPage,
  RepositoryState,
} from '../../standards/model.js';
import type { GitHubClient } from '../client.js';
import { type Fields, isObject, number, object, objects, text, textOrNull } from '../json.js';
import { completeRepository } from './complete.js';
import { hasNext } from './protection.js';
import { organizationMissing, queryWhole, repeatRead } from './query.js';
import { repositorySelection, repositoryState } from './repository.js';
import { readRestPage } from './rest-page.js';
import { readTeamEdges, readTeamWindows, teamSelection, teamWindows } from './team-edges.js';
import { selectedTeamIds, type TeamIds, teamIdSelection, teamIds } from './team-ids.js';
import { joinTeam, permissionsOf, type TeamJoin, type TeamWindow } from './team-join.js';

/** GraphQL lets a list have 100. */
const MOST = 100;
/** A page of REST is several requests a repository: so many that a page stays well below a minute's points. */
const MOST_BY_REST = 40;
/** In {@link PageCursor.teams}: the team's list is used up; the team's list follows no order. */
const END = 'end';
const UNSORTED = 'unsorted';
const AFTER = 'after:';

/**
 * One page of an organisation's repositories by name, with only what `needs` names, in one request as a rule; where
 * GraphQL fails for its weight, with fewer repositories, and then so for the pages behind it.
 * Guarantees: no repository twice or left out while none is created, renamed or deleted; a permission is missing only
 * where the team has none.
 * @param size repositories in the page, at most
 * @throws GitHubError refused 404 where the organisation is not there
 */
export async function readRepositoryPage(
  github: GitHubClient,
  login: string,
  needs: RepositoryNeeds,
  cursor: PageCursor | null,
  size: number,
): Promise<RepositoryPage> {
  if (!github.hasGraphql) return readRestPage(github, login, needs, cursor, Math.min(size, MOST_BY_REST));
  const from = decode(cursor?.repositories ?? null);
  let first = Math.min(size, from.limit, MOST);

  const teams = needs.teams
    .filter((slug) => cursor?.teams[slug] !== END && cursor?.teams[slug] !== UNSORTED)
    .map((slug) => ({ slug, after: cursor?.teams[slug]?.slice(AFTER.length) ?? null }));
  const others = needs.teams.filter((slug) => !teams.some((team) => team.slug === slug));
  let lightened = false;
  const organization = await repeatRead(
    async () => {
      const data = await queryWhole(
        github,
        pageQuery(needs, [teamSelection(teams, first), teamIdSelection(others)].join('\n')),
        { login, first, after: from.after },
        (path) => path.length <= 2 && path[1] !== 'repositories',
      );
      if (!isObject(data['organization'])) throw organizationMissing(login);
      return data['organization'];
    },
    () => {
      first = Math.max(1, Math.floor(first / 2));
      lightened = true;
    },
  );
  const readAt = Date.now();
  const connection = object(organization['repositories']);
  const nodes = objects(connection['nodes']);
  const page = nodes.map((node) => ({ id: text(node['id']), name: text(node['name']) }));

  const permissions = new Map<string, Map<string, Permission>>();
  const positions: Record<string, string | null> = { ...cursor?.teams };
  const windows = teamWindows(organization, teams);
  const ids = {
    ...selectedTeamIds(organization, others),
    ...teamIds(
      teams.map(({ slug }) => slug),
      (index) => windows[index]?.id,
    ),
  };
  for (const slug of needs.teams.filter((each) => positions[each] === UNSORTED))
    permissions.set(slug, await readWholeTeam(github, login, slug, page));
  for (const [index, { slug, after }] of teams.entries()) {
    const window = windows[index] ?? { edges: [], more: false };
    const joined = await join(github, login, { slug, after }, page, window);
    permissions.set(slug, joined.permissions);
    positions[slug] = joined.position;
  }
  return {
    repositories: await states(github, login, needs, nodes, { permissions, ids }),
    next: hasNext(connection)
      ? {
          repositories: encode(
            lightened ? first : from.limit,
            textOrNull(object(connection['pageInfo'])['endCursor']),
          ),
          teams: positions,
        }
      : null,
    total: number(connection['totalCount']),
    readAt,
  };
}

/** The query of a page; exported so that a test can validate all that can be built. */
export function pageQuery(needs: RepositoryNeeds, teams: string): string {
  return `query($login: String!, $first: Int!, $after: String) { organization(login: $login) {
    repositories(first: $first, after: $after, orderBy: { field: NAME, direction: ASC }) {
      totalCount pageInfo { hasNextPage endCursor } nodes { ${repositorySelection(needs)} }
    }
    ${teams}
  } }`;
}

/** A team's permissions in the page and where the next page reads on. */
async function join(
  github: GitHubClient,
  login: string,
  team: { slug: string; after: string | null },
  page: readonly { id: string; name: string }[],
  first: TeamWindow,
): Promise<{ permissions: Map<string, Permission>; position: string | null }> {
  const before = team.after === null ? null : AFTER + team.after;
  if (page.length === 0) return { permissions: new Map(), position: before };
  let window = first;
  let joined: TeamJoin = joinTeam(page, window);
  while (joined.verdict === 'more') {
    const after = window.edges.at(-1)?.cursor ?? team.after;
    const [next] = await readTeamWindows(github, login, [{ slug: team.slug, after }]);
    if (next === undefined || next.edges.length === 0) window = { edges: window.edges, more: false };
    else window = { edges: [...window.edges, ...next.edges], more: next.more };
    joined = joinTeam(page, window);
  }
  if (joined.verdict === 'joined') {
    const { permissions, consumed, end } = joined;
    return { permissions, position: end ? END : consumed === null ? before : AFTER + consumed };
  }
  // A team that came whole needs no order: it comes whole with the next page, too.
  if (team.after === null && !window.more)
    return { permissions: permissionsOf(window.edges, idsOf(page)), position: null };
  return { permissions: await readWholeTeam(github, login, team.slug, page), position: UNSORTED };
}

async function readWholeTeam(
  github: GitHubClient,
  login: string,
  slug: string,
  page: readonly { id: string }[],
): Promise<Map<string, Permission>> {
  return permissionsOf(await readTeamEdges(github, login, { slug, after: null }), idsOf(page));
}

function idsOf(page: readonly { id: string }[]): Set<string> {
  return new Set(page.map(({ id }) => id));
}

async function states(
  github: GitHubClient,
  login: string,
  needs: RepositoryNeeds,
  nodes: readonly Fields[],
  { permissions, ids }: { permissions: ReadonlyMap<string, ReadonlyMap<string, Permission>>; ids: TeamIds },
): Promise<RepositoryState[]> {
  const all: RepositoryState[] = [];
  for (const node of nodes) {
    const teams: Record<string, Permission> = {};
    for (const slug of needs.teams) {
      const permission = permissions.get(slug)?.get(text(node['id']));
      if (permission !== undefined) teams[slug] = permission;
    }
    const state = { ...repositoryState(node, needs, teams), team_ids: ids };
    all.push(await completeRepository(github, login, node, needs, state));
  }
  return all;
}

/** `limit:after`, so that a page that was too heavy makes the pages behind it lighter. */
function encode(limit: number, after: string | null): string {
  return `${limit}:${after ?? ''}`;
}

function decode(position: string | null): { limit: number; after: string | null } {
  if (position === null) return { limit: MOST, after: null };
  const colon = position.indexOf(':');
  return { limit: Number(position.slice(0, colon)), after: position.slice(colon + 1) || null };
}
