import type {
  App,
  Invitation,
  Organization,
  Repository,
  Team,
  TeamPermission,
  User,
} from '../state/model.js';
import { ORGANIZATION_FIELDS } from '../state/settings.js';
import { byName, fold } from '../state/state.js';
import { connection } from './connection.js';
import type { Fields } from './context.js';
import { foundRepository, listRepositories } from './repository-list.js';
import { rulesetsOf } from './ruleset.js';

const settings = Object.fromEntries(
  Object.entries(ORGANIZATION_FIELDS).flatMap(([name, { graphql }]) =>
    graphql === undefined ? [] : [[graphql, (source: Organization) => source.settings[name]]],
  ),
);

const foldedName = (item: { name: string }): string => fold(item.name);

function orderedTeams(teams: Iterable<Team>, args: Record<string, unknown>): unknown {
  const descending = (args['orderBy'] as { direction?: string } | undefined)?.direction === 'DESC';
  const query = typeof args['query'] === 'string' ? fold(args['query']) : '';
  const wanted = [...teams].filter(
    (team) =>
      fold(team.name).includes(query) &&
      (args['rootTeamsOnly'] !== true || team.parent === null) &&
      (typeof args['privacy'] !== 'string' || PRIVACY[team.privacy] === args['privacy']),
  );
  wanted.sort((a, b) => (foldedName(a) < foldedName(b) === descending ? 1 : -1));
  return connection(wanted, args, { key: foldedName, descending });
}

export const organization: Fields<Organization> = {
  ...settings,
  requiresTwoFactorAuthentication: (source) => source.settings['two_factor_requirement_enabled'],
  url: (source, _args, context) => `${context.origin}/${source.login}`,
  resourcePath: (source) => `/${source.login}`,
  isVerified: () => false,
  archivedAt: () => null,
  viewerCanAdminister: () => true,
  viewerIsAMember: () => true,
  repositories: (source, args) => listRepositories(byName(source), args),
  repository: (source, args, context) =>
    foundRepository(context, source.login, String(args['name']), args['followRenames'] !== false),
  team: (source, args) => source.teams.get(String(args['slug'])) ?? null,
  teams: (source, args) => orderedTeams(source.teams.values(), args),
  membersWithRole: (source, args) => {
    const members = [...source.members.values()];
    const roles = new Map(members.map((member) => [member.user, member.role.toUpperCase()]));
    return connection(
      members.map((member) => member.user),
      args,
      { edge: (user) => ({ role: roles.get(user), hasTwoFactorEnabled: true }) },
    );
  },
  pendingMembers: (source, args) =>
    connection(
      [...source.invitations.values()].map((invitation) => invitation.user),
      args,
    ),
  ruleset: (source, args) => source.rulesets.get(Number(args['databaseId'])) ?? null,
  rulesets: (source, args) => rulesetsOf(source, args),
};

const PRIVACY = { closed: 'VISIBLE', secret: 'SECRET' } as const;

export const PERMISSIONS: Readonly<Record<TeamPermission, string>> = {
  pull: 'READ',
  triage: 'TRIAGE',
  push: 'WRITE',
  maintain: 'MAINTAIN',
  admin: 'ADMIN',
};

function teamMembers(source: Team, args: Record<string, unknown>): unknown {
  const teams = [source];
  if (args['membership'] !== 'IMMEDIATE')
    for (const team of source.organization.teams.values())
      if (team.parent !== null && teams.includes(team.parent)) teams.push(team);
  const roles = new Map<User, string>();
  for (const team of teams)
    for (const member of team.members.values())
      if (member.state === 'active' && !roles.has(member.user))
        roles.set(member.user, member.role.toUpperCase());
  const users = [...roles.keys()].filter((user) => !args['role'] || roles.get(user) === args['role']);
  users.sort((a, b) => (fold(a.login) < fold(b.login) ? -1 : 1));
  const edge = (user: User) => ({ role: roles.get(user), memberAccessUrl: '', memberAccessResourcePath: '' });
  return connection(users, args, { key: (user) => fold(user.login), edge });
}

function teamRepositories(source: Team, args: Record<string, unknown>): unknown {
  const edge = (repository: Repository) => ({
    permission: PERMISSIONS[source.repositories.get(repository) ?? 'pull'],
  });
  const query = typeof args['query'] === 'string' ? fold(args['query']) : '';
  const found = byName(source).filter((repository) => fold(repository.name).includes(query));
  return listRepositories(query === '' ? byName(source) : found, args, edge);
}

export const team: Fields<Team> = {
  combinedSlug: (source) => `${source.organization.login}/${source.slug}`,
  privacy: (source) => PRIVACY[source.privacy],
  notificationSetting: (source) => source.notification_setting.toUpperCase(),
  parentTeam: (source) => source.parent,
  childTeams: (source, args) =>
    orderedTeams(
      [...source.organization.teams.values()].filter((child) => child.parent === source),
      args,
    ),
  url: (source, _args, context) => `${context.origin}/orgs/${source.organization.login}/teams/${source.slug}`,
  members: teamMembers,
  invitations: (source, args) => {
    const { invitations } = source.organization;
    const pending = [...source.members.values()].filter((member) => member.state === 'pending');
    return connection(
      pending.flatMap((member) => invitations.get(fold(member.user.login)) ?? []),
      args,
    );
  },
  repositories: teamRepositories,
};

export const user: Fields<User> = {
  name: (source) => source.login,
  email: (source) => `${source.login}@users.example`,
  url: (source, _args, context) => `${context.origin}/${source.login}`,
  resourcePath: (source) => `/${source.login}`,
  avatarUrl: (source, _args, context) => `${context.origin}/avatars/${source.id}`,
  isViewer: (source, _args, context) => source === context.writer.actor,
};

export const app: Fields<App> = { name: (source) => source.slug };

export const organizationInvitation: Fields<Invitation> = {
  invitee: (source) => source.user,
  email: () => null,
  inviterActor: () => null,
  invitationSource: () => 'MEMBER',
  invitationType: () => 'USER',
  role: (source) => (source.role === 'admin' ? 'ADMIN' : 'DIRECT_MEMBER'),
};
