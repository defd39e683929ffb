import { type GitHubError, invalidRequest, missingKeys, notFound, validationFailed } from '../errors.js';
import type { Place } from '../journal.js';
import type { Organization, Repository, Team, TeamMember, TeamPermission, TeamRole, User } from './model.js';
import { invite } from './organizations.js';
import { refuseArchived } from './repositories.js';
import { fold, type Writer } from './state.js';

type Body = Readonly<Record<string, unknown>>;

const TEAM_PERMISSIONS: readonly TeamPermission[] = ['pull', 'triage', 'push', 'maintain', 'admin'];

/** The slug as GitHub makes it of a name: lower case, no accents, everything else a single hyphen. */
function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

const placeOfTeam = (team: Team, rest = ''): Place => ({
  organization: team.organization.login,
  target: `${team.organization.login}/teams/${team.slug}${rest}`,
});

export const teamValue = (team: Team) => ({
  name: team.name,
  slug: team.slug,
  description: team.description,
  privacy: team.privacy,
  notification_setting: team.notification_setting,
  permission: team.permission,
  parent: team.parent?.slug ?? null,
});

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  privacy: ['closed', 'secret'],
  notification_setting: ['notifications_enabled', 'notifications_disabled'],
  permission: ['pull', 'push'],
};

function checked(organization: Organization, body: Body): Partial<Team> {
  const changes: Record<string, unknown> = {};
  for (const [key, values] of Object.entries(CHOICES)) {
    const value = body[key];
    if (value === undefined) continue;
    if (typeof value !== 'string' || !values.includes(value))
      throw invalidRequest(
        `For 'properties/${key}', ${JSON.stringify(value)} is not a possible value. Must be one of the following: ${values.join(', ')}.`,
      );
    changes[key] = value;
  }
  if (body['description'] !== undefined) changes['description'] = body['description'] || null;
  if (body['parent_team_id'] !== undefined) {
    const wanted = body['parent_team_id'];
    const parent =
      wanted === null ? null : [...organization.teams.values()].find((team) => team.id === wanted);
    if (parent === undefined)
      throw validationFailed({ resource: 'Team', code: 'invalid', field: 'parent_team_id' });
    changes['parent'] = parent;
  }
  return changes;
}

function nameTaken(organization: Organization, slug: string, self?: Team): boolean {
  const holder = organization.teams.get(slug);
  return holder !== undefined && holder !== self;
}

const duplicate = (): GitHubError =>
  validationFailed({
    resource: 'Team',
    code: 'already_exists',
    field: 'name',
    message: 'Name must be unique for this org',
  });

/** Creates a team. A person who creates one becomes its maintainer, as on GitHub; an app does not. */
export function createTeam(writer: Writer, organization: Organization, body: Body): Team {
  const name = body['name'];
  if (typeof name !== 'string' || name === '') throw missingKeys(['name']);
  const slug = slugOf(name);
  if (slug === '') throw validationFailed({ resource: 'Team', code: 'invalid', field: 'name' });
  if (nameTaken(organization, slug)) throw duplicate();
  const changes = checked(organization, body);
  const now = writer.state.timestamp();
  const team = writer.state.register<Team>({
    kind: 'Team',
    ...writer.state.identify('Team'),
    organization,
    name,
    slug,
    description: null,
    privacy: changes.parent ? 'closed' : 'secret',
    notification_setting: 'notifications_enabled',
    permission: 'pull',
    parent: null,
    created_at: now,
    updated_at: now,
    members: new Map(),
    repositories: new Map(),
    sorted: null,
    ...changes,
  });
  organization.teams.set(slug, team);
  if (writer.actor !== null)
    team.members.set(fold(writer.actor.login), { user: writer.actor, role: 'maintainer', state: 'active' });
  writer.record('team.create', placeOfTeam(team), null, { id: team.id, ...teamValue(team) });
  return team;
}

/** Applies the named fields; a new name gives a new slug. */
export function updateTeam(writer: Writer, team: Team, body: Body): void {
  const { organization } = team;
  const changes = checked(organization, body);
  for (let above = changes.parent; above; above = above.parent)
    if (above === team)
      throw validationFailed({ resource: 'Team', code: 'invalid', field: 'parent_team_id' });
  const place = placeOfTeam(team);
  const before = teamValue(team);
  if (typeof body['name'] === 'string' && body['name'] !== team.name) {
    const slug = slugOf(body['name']);
    if (slug === '' || nameTaken(organization, slug, team)) throw duplicate();
    organization.teams.delete(team.slug);
    team.name = body['name'];
    team.slug = slug;
    organization.teams.set(slug, team);
  }
  Object.assign(team, changes);
  team.updated_at = writer.state.timestamp();
  writer.record('team.update', place, before, teamValue(team));
}

/** Removes a team with its child teams, and from every protection that names it. */
export function deleteTeam(writer: Writer, team: Team): void {
  const { organization } = team;
  for (const child of organization.teams.values()) if (child.parent === team) deleteTeam(writer, child);
  organization.teams.delete(team.slug);
  writer.state.nodes.delete(team.node_id);
  for (const repository of organization.repositories.values())
    for (const rule of repository.protections.values())
      for (const actors of [
        rule.restrictions,
        rule.bypass_force_push_allowances,
        rule.required_pull_request_reviews?.dismissal_restrictions,
        rule.required_pull_request_reviews?.bypass_pull_request_allowances,
      ])
        if (actors) actors.teams = actors.teams.filter((other) => other !== team);
  writer.record('team.delete', placeOfTeam(team), { id: team.id, ...teamValue(team) }, null);
}

const memberValue = (member: TeamMember | undefined) =>
  member === undefined ? null : { role: member.role, state: member.state };

/**
 * Adds a user to a team or changes the role. Someone outside the organisation is invited and stays pending; an
 * owner of the organisation is always a maintainer, whatever role was asked for.
 */
export function putTeamMember(writer: Writer, team: Team, user: User, role: TeamRole): TeamMember {
  if (role !== 'member' && role !== 'maintainer')
    throw invalidRequest(
      `For 'properties/role', ${JSON.stringify(role)} is not a possible value. Must be one of the following: member, maintainer.`,
    );
  const { organization } = team;
  const key = fold(user.login);
  const inOrganization = organization.members.get(key);
  const before = memberValue(team.members.get(key));
  const member: TeamMember = {
    user,
    role: inOrganization?.role === 'admin' ? 'maintainer' : role,
    state: inOrganization === undefined ? 'pending' : 'active',
  };
  team.members.set(key, member);
  writer.record(
    'team_membership.put',
    placeOfTeam(team, `/members/${user.login}`),
    before,
    memberValue(member),
  );
  if (inOrganization === undefined) invite(writer, organization, user, 'member');
  return member;
}

export function removeTeamMember(writer: Writer, team: Team, user: User): void {
  const member = team.members.get(fold(user.login));
  if (member === undefined) throw notFound();
  team.members.delete(fold(user.login));
  writer.record(
    'team_membership.delete',
    placeOfTeam(team, `/members/${user.login}`),
    memberValue(member),
    null,
  );
}

function placeOfPermission(team: Team, repository: Repository): Place {
  const owner = repository.organization.login;
  return {
    ...placeOfTeam(team, `/repos/${owner}/${repository.name}`),
    repository: `${owner}/${repository.name}`,
  };
}

export function putTeamRepository(
  writer: Writer,
  team: Team,
  repository: Repository,
  permission: TeamPermission,
): void {
  refuseArchived(repository);
  if (!TEAM_PERMISSIONS.includes(permission))
    throw validationFailed({ resource: 'TeamMember', code: 'invalid', field: 'permission' });
  const before = team.repositories.get(repository) ?? null;
  if (before === null) team.sorted = null;
  team.repositories.set(repository, permission);
  writer.record('team_repository.put', placeOfPermission(team, repository), before, permission);
}

/** Takes the repository from the team. No permission there is no error: GitHub answers 204 as well. */
export function removeTeamRepository(writer: Writer, team: Team, repository: Repository): void {
  const before = team.repositories.get(repository) ?? null;
  if (before !== null) team.sorted = null;
  team.repositories.delete(repository);
  writer.record('team_repository.delete', placeOfPermission(team, repository), before, null);
}
