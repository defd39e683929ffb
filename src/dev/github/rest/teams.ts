import { notFound } from '../errors.js';
import type { Team, TeamMember, TeamPermission, TeamRole } from '../state/model.js';
import { byName, fold } from '../state/state.js';
import {
  createTeam,
  deleteTeam,
  putTeamMember,
  putTeamRepository,
  removeTeamMember,
  removeTeamRepository,
  updateTeam,
} from '../state/teams.js';
import { page } from './pagination.js';
import { repositoryOf } from './target.js';
import { created, noContent, ok, type Reply, type RestRequest, route } from './types.js';
import { ROLE_NAMES, repositoryView, teamDetail, teamView, userView } from './views.js';

const TEAM = '/orgs/{org}/teams/{team_slug}';

const teamOf = (request: RestRequest): Team =>
  request.state.team(request.params['org'] ?? '', request.params['team_slug'] ?? '');

const userOf = (request: RestRequest) => request.state.user(request.params['username'] ?? '');

function membershipView(request: RestRequest, team: Team, member: TeamMember): Record<string, unknown> {
  return {
    url: `${request.base}/organizations/${team.organization.id}/team/${team.id}/memberships/${member.user.login}`,
    role: member.role,
    state: member.state,
  };
}

function members(request: RestRequest, state: TeamMember['state']): TeamMember[] {
  const role = request.query.get('role') ?? 'all';
  return [...teamOf(request).members.values()].filter(
    (member) => member.state === state && (role === 'all' || member.role === role),
  );
}

function teamRepository(request: RestRequest): Reply {
  const team = teamOf(request);
  const repository = repositoryOf(request);
  const permission = team.repositories.get(repository);
  if (permission === undefined) throw notFound();
  if (!request.accept.includes('repository+json')) return noContent();
  return ok({ ...repositoryView(request, repository, permission), role_name: ROLE_NAMES[permission] });
}

const sortedTeams = (request: RestRequest): Team[] =>
  [...request.state.organization(request.params['org'] ?? '').teams.values()].toSorted((a, b) =>
    fold(a.name) < fold(b.name) ? -1 : 1,
  );

export const teamRoutes = [
  route('GET /orgs/{org}/teams', (request) =>
    page(request, sortedTeams(request), (team) => teamView(request, team)),
  ),
  route('POST /orgs/{org}/teams', (request) => {
    const organization = request.state.organization(request.params['org'] ?? '');
    const team = createTeam(request.writer, organization, request.body);
    const { maintainers } = request.body;
    for (const login of Array.isArray(maintainers) ? maintainers : [])
      putTeamMember(request.writer, team, request.state.user(String(login)), 'maintainer');
    return created(teamDetail(request, team));
  }),
  route(`GET ${TEAM}`, (request) => ok(teamDetail(request, teamOf(request)))),
  route(`PATCH ${TEAM}`, (request) => {
    const team = teamOf(request);
    updateTeam(request.writer, team, request.body);
    return ok(teamDetail(request, team));
  }),
  route(`DELETE ${TEAM}`, (request) => {
    deleteTeam(request.writer, teamOf(request));
    return noContent();
  }),
  route(`GET ${TEAM}/teams`, (request) => {
    const parent = teamOf(request);
    const children = sortedTeams(request).filter((team) => team.parent === parent);
    return page(request, children, (team) => teamView(request, team));
  }),
  route(`GET ${TEAM}/members`, (request) =>
    page(request, members(request, 'active'), (member) => userView(request, member.user)),
  ),
  route(`GET ${TEAM}/invitations`, (request) =>
    page(request, members(request, 'pending'), ({ user }) => {
      const invitation = teamOf(request).organization.invitations.get(fold(user.login));
      return {
        id: invitation?.id ?? 0,
        node_id: invitation?.node_id ?? '',
        login: user.login,
        email: null,
        role: 'direct_member',
        created_at: invitation?.created_at ?? '',
      };
    }),
  ),
  route(`GET ${TEAM}/memberships/{username}`, (request) => {
    const team = teamOf(request);
    const member = team.members.get(fold(request.params['username'] ?? ''));
    if (member === undefined) throw notFound();
    return ok(membershipView(request, team, member));
  }),
  route(`PUT ${TEAM}/memberships/{username}`, (request) => {
    const team = teamOf(request);
    const role = (request.body['role'] ?? 'member') as TeamRole;
    return ok(membershipView(request, team, putTeamMember(request.writer, team, userOf(request), role)));
  }),
  route(`DELETE ${TEAM}/memberships/{username}`, (request) => {
    removeTeamMember(request.writer, teamOf(request), userOf(request));
    return noContent();
  }),
  route(`GET ${TEAM}/repos`, (request) => {
    const team = teamOf(request);
    return page(request, byName(team), (repository) => {
      const permission = team.repositories.get(repository) ?? 'pull';
      return { ...repositoryView(request, repository, permission), role_name: ROLE_NAMES[permission] };
    });
  }),
  route(`GET ${TEAM}/repos/{owner}/{repo}`, teamRepository),
  route(`PUT ${TEAM}/repos/{owner}/{repo}`, (request) => {
    const team = teamOf(request);
    const permission = (request.body['permission'] ?? team.permission) as TeamPermission;
    putTeamRepository(request.writer, team, repositoryOf(request), permission);
    return noContent();
  }),
  route(`DELETE ${TEAM}/repos/{owner}/{repo}`, (request) => {
    removeTeamRepository(request.writer, teamOf(request), repositoryOf(request));
    return noContent();
  }),
];
