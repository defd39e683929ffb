import type { Permission, TeamId } from '../../standards/model.js';
import type { GitHubClient } from '../client.js';
import { type Fields, isObject, object, objects, text } from '../json.js';
import { permissionOf } from './fields.js';
import { hasNext } from './protection.js';
import { organizationMissing, queryWhole, repeatRead } from './query.js';
import type { TeamEdge, TeamWindow } from './team-join.js';

/** Where to read on in a team's repositories. */
export interface TeamPosition {
  slug: string;
  /** Null: from the start. */
  after: string | null;
  /** How many were read before this position. */
  read?: number;
}

/** A window as it is read; `id` is the team's, of one that is there. */
export type ReadWindow = TeamWindow & { total: number; id?: TeamId };

/** GraphQL lets a list have 100. */
const MOST = 100;

/** The selection of windows of teams' repositories, to go under `organization`; `edges`: how many of each. */
export function teamSelection(teams: readonly TeamPosition[], edges: number = MOST): string {
  return teams
    .map(({ slug, after }, index) => {
      const from = after === null ? '' : `, after: ${JSON.stringify(after)}`;
      return `team${index}: team(slug: ${JSON.stringify(slug)}) { id databaseId
        repositories(first: ${edges}${from}, orderBy: { field: NAME, direction: ASC }) {
          totalCount pageInfo { hasNextPage } edges { cursor permission node { id name } }
        }
      }`;
    })
    .join('\n');
}

/** The windows of an answer, in the order of the teams; a team that is not there has no edges. */
export function teamWindows(organization: Fields, teams: readonly TeamPosition[]): ReadWindow[] {
  return teams.map((_, index) => {
    const team = object(organization[`team${index}`]);
    const repositories = object(team['repositories']);
    const id = teamIdOf(team);
    const total = repositories['totalCount'];
    return {
      edges: objects(repositories['edges']).map(edgeOf),
      more: hasNext(repositories),
      total: typeof total === 'number' ? total : 0,
      ...(id === undefined ? {} : { id }),
    };
  });
}

/** The ids of a team that GraphQL has shown, if it is there. */
export const teamIdOf = (team: Fields): TeamId | undefined => teamId(team['databaseId'], team['id']);

/** A team's ids, by REST's names. */
export const teamId = (id: unknown, node_id: unknown): TeamId | undefined =>
  typeof id === 'number' ? { id, node_id: text(node_id) } : undefined;

function edgeOf(edge: Fields): TeamEdge {
  const node = object(edge['node']);
  return {
    cursor: text(edge['cursor']),
    id: text(node['id']),
    name: text(node['name']),
    permission: permissionOf(edge['permission']),
  };
}

/** The next windows of several teams in one request. @throws GitHubError */
export async function readTeamWindows(
  github: GitHubClient,
  login: string,
  teams: readonly TeamPosition[],
): Promise<ReadWindow[]> {
  const query = `query($login: String!) { organization(login: $login) { ${teamSelection(teams)} } }`;
  const data = await repeatRead(() => queryWhole(github, query, { login }, (path) => path.length <= 2));
  if (!isObject(data['organization'])) throw organizationMissing(login);
  return teamWindows(data['organization'], teams);
}

/** All edges of a team from a position on. @throws GitHubError */
export async function readTeamEdges(
  github: GitHubClient,
  login: string,
  from: TeamPosition,
): Promise<TeamEdge[]> {
  const edges: TeamEdge[] = [];
  let after = from.after;
  for (;;) {
    const [window] = await readTeamWindows(github, login, [{ slug: from.slug, after }]);
    edges.push(...(window?.edges ?? []));
    const last = window?.edges.at(-1)?.cursor;
    if (window?.more !== true || last === undefined || last === after) return edges;
    after = last;
  }
}

/** Strongest first. */
const STRONGEST: readonly Permission[] = ['admin', 'maintain', 'push', 'triage', 'pull'];

/** The permission in a REST repository as a team sees it; null for none. */
export function restPermission(permissions: unknown): Permission | null {
  return STRONGEST.find((permission) => object(permissions)[permission] === true) ?? null;
}
