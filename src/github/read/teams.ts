import type { TeamRole, TeamState } from '../../standards/model.js';
import type { GitHubClient } from '../client.js';
import { type Fields, isObject, number, object, objects, text, textOrNull } from '../json.js';
import { hasNext } from './protection.js';
import { chunks, organizationMissing, queryWhole, repeatRead } from './query.js';
import { getOrNull } from './rest-repository.js';

/** Teams in one query. */
const IN_ONE = 50;

const MEMBERS =
  'members(first: 100, membership: IMMEDIATE) { pageInfo { hasNextPage } edges { role node { login } } } ' +
  'invitations(first: 100) { pageInfo { hasNextPage } nodes { invitee { login } } }';

const TEAM = 'databaseId id slug name description privacy notificationSetting parentTeam { slug }';

/** The teams asked for by slug, null where there is none, and how many the organisation has. @throws GitHubError */
export async function readTeams(
  github: GitHubClient,
  login: string,
  slugs: readonly string[],
  withMembers: readonly string[],
): Promise<{ teams: Record<string, TeamState | null>; count: number }> {
  if (!github.hasGraphql) return readByRest(github, login, slugs, withMembers);
  const teams: Record<string, TeamState | null> = {};
  let count = 0;
  for (const part of slugs.length === 0 ? [[]] : chunks(slugs, IN_ONE)) {
    const query = teamsQuery(part, withMembers);
    const data = await repeatRead(() => queryWhole(github, query, { login }, (path) => path.length <= 2));
    const organization = data['organization'];
    if (!isObject(organization)) throw organizationMissing(login);
    count = number(object(organization['teams'])['totalCount']);
    for (const [index, slug] of part.entries()) {
      const node = organization[`team${index}`];
      teams[slug] = isObject(node)
        ? await teamOfGraphQl(github, login, node, withMembers.includes(slug))
        : null;
    }
  }
  return { teams, count };
}

/** Exported so that a test can validate all that can be built. */
export function teamsQuery(slugs: readonly string[], withMembers: readonly string[]): string {
  const aliases = slugs.map(
    (slug, index) =>
      `team${index}: team(slug: ${JSON.stringify(slug)}) { ${TEAM} ${withMembers.includes(slug) ? MEMBERS : ''} }`,
  );
  return `query($login: String!) { organization(login: $login) { teams(first: 1) { totalCount } ${aliases.join('\n')} } }`;
}

async function teamOfGraphQl(
  github: GitHubClient,
  login: string,
  node: Fields,
  withMembers: boolean,
): Promise<TeamState> {
  const slug = text(node['slug']);
  return {
    id: number(node['databaseId']),
    node_id: text(node['id']),
    slug,
    name: text(node['name']),
    description: textOrNull(node['description']),
    privacy: node['privacy'] === 'SECRET' ? 'secret' : 'closed',
    notification_setting: text(node['notificationSetting']).toLowerCase(),
    parent: textOrNull(object(node['parentTeam'])['slug']),
    members: withMembers ? await membersOfGraphQl(github, login, slug, node) : {},
  };
}

async function membersOfGraphQl(
  github: GitHubClient,
  login: string,
  slug: string,
  node: Fields,
): Promise<Record<string, TeamRole>> {
  const members = object(node['members']);
  const invitations = object(node['invitations']);
  if (hasNext(members) || hasNext(invitations)) return readRestMembers(github, login, slug);
  const found: Record<string, TeamRole> = {};
  for (const { role, node: user } of objects(members['edges']))
    found[loginOf(user)] = role === 'MAINTAINER' ? 'maintainer' : 'member';
  for (const { invitee } of objects(invitations['nodes']))
    await noteInvited(github, login, slug, loginOf(invitee), found);
  return found;
}

/** An invitation does not tell the role in the team; the membership that it will become does. */
async function noteInvited(
  github: GitHubClient,
  org: string,
  slug: string,
  login: string,
  into: Record<string, TeamRole>,
): Promise<void> {
  if (login === '') return;
  const role = await readTeamRole(github, org, slug, login);
  if (role !== null) into[login] = role;
}

/** A login's role in a team, a pending one too; null where it has none. @throws GitHubError */
export async function readTeamRole(
  github: GitHubClient,
  org: string,
  slug: string,
  login: string,
): Promise<TeamRole | null> {
  const membership = await getOrNull(github, 'GET /orgs/{org}/teams/{team_slug}/memberships/{username}', {
    org,
    team_slug: slug,
    username: login,
  });
  if (membership === null) return null;
  return object(membership)['role'] === 'maintainer' ? 'maintainer' : 'member';
}

function loginOf(user: unknown): string {
  return text(object(user)['login']).toLowerCase();
}

async function readByRest(
  github: GitHubClient,
  org: string,
  slugs: readonly string[],
  withMembers: readonly string[],
): Promise<{ teams: Record<string, TeamState | null>; count: number }> {
  const teams: Record<string, TeamState | null> = {};
  for (const slug of slugs) {
    const body = await getOrNull(github, 'GET /orgs/{org}/teams/{team_slug}', { org, team_slug: slug });
    const members =
      body !== null && withMembers.includes(slug) ? await readRestMembers(github, org, slug) : {};
    teams[slug] = body === null ? null : { ...teamOfRest(object(body)), members };
  }
  const all = await repeatRead(() => github.list('GET /orgs/{org}/teams', { org }));
  return { teams, count: all.length };
}

/** A team of REST, without its members. */
export function teamOfRest(body: Fields): TeamState {
  return {
    id: number(body['id']),
    node_id: text(body['node_id']),
    slug: text(body['slug']),
    name: text(body['name']),
    description: textOrNull(body['description']),
    privacy: text(body['privacy']),
    notification_setting: text(body['notification_setting']),
    parent: textOrNull(object(body['parent'])['slug']),
    members: {},
  };
}

async function readRestMembers(
  github: GitHubClient,
  org: string,
  slug: string,
): Promise<Record<string, TeamRole>> {
  const at = { org, team_slug: slug };
  const found: Record<string, TeamRole> = {};
  for (const role of ['member', 'maintainer'] as const) {
    const users = await repeatRead(() =>
      github.list('GET /orgs/{org}/teams/{team_slug}/members', { ...at, role }),
    );
    for (const user of users) found[loginOf(user)] = role;
  }
  const invited = await repeatRead(() => github.list('GET /orgs/{org}/teams/{team_slug}/invitations', at));
  for (const user of invited) await noteInvited(github, org, slug, loginOf(user), found);
  return found;
}
