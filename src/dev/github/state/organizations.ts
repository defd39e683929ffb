import { notFound } from '../errors.js';
import type { Invitation, Organization, OrganizationRole, User } from './model.js';
import { knownSettings, ORGANIZATION_FIELDS, pick } from './settings.js';
import { fold, type Writer } from './state.js';

const placeOf = (organization: Organization, part = '') => ({
  organization: organization.login,
  target: `${organization.login}${part}`,
});

/** Applies the named settings and leaves the others. */
export function updateOrganization(
  writer: Writer,
  organization: Organization,
  body: Readonly<Record<string, unknown>>,
): void {
  const changes = knownSettings(ORGANIZATION_FIELDS, body);
  const before = pick(organization.settings, Object.keys(changes));
  Object.assign(organization.settings, changes);
  organization.updated_at = writer.state.timestamp();
  writer.record('organization.update', placeOf(organization), before, changes);
}

/** Invites a user once; a second invitation of the same one changes nothing but is recorded. */
export function invite(
  writer: Writer,
  organization: Organization,
  user: User,
  role: OrganizationRole,
): Invitation {
  const known = organization.invitations.get(fold(user.login));
  const place = placeOf(organization, `/invitations/${user.login}`);
  if (known !== undefined) {
    writer.record('invitation.create', place, { role: known.role }, { role: known.role });
    return known;
  }
  const invitation = writer.state.register<Invitation>({
    kind: 'OrganizationInvitation',
    ...writer.state.identify('OrganizationInvitation'),
    organization,
    user,
    role,
    created_at: writer.state.timestamp(),
  });
  organization.invitations.set(fold(user.login), invitation);
  writer.record('invitation.create', place, null, { role });
  return invitation;
}

/** Changes a member's role, or invites who is not one. */
export function putMember(
  writer: Writer,
  organization: Organization,
  user: User,
  role: OrganizationRole,
): void {
  const member = organization.members.get(fold(user.login));
  if (member === undefined) {
    invite(writer, organization, user, role);
    return;
  }
  const before = member.role;
  member.role = role;
  writer.record(
    'membership.put',
    placeOf(organization, `/members/${user.login}`),
    { role: before },
    { role },
  );
}

/** Removes a member or an invited user, also from all teams. Throws 404 for anyone else. */
export function removeMember(writer: Writer, organization: Organization, user: User): void {
  const key = fold(user.login);
  const member = organization.members.get(key);
  const invitation = organization.invitations.get(key);
  if (member === undefined && invitation === undefined) throw notFound();
  organization.members.delete(key);
  organization.invitations.delete(key);
  for (const team of organization.teams.values()) team.members.delete(key);
  const role = (member ?? invitation)?.role;
  writer.record('membership.delete', placeOf(organization, `/members/${user.login}`), { role }, null);
}
