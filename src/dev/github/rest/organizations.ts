import { notFound, validationFailed } from '../errors.js';
import type { Repository } from '../state/model.js';
import { putMember, removeMember, updateOrganization } from '../state/organizations.js';
import { createRepository } from '../state/repositories.js';
import { byName, fold } from '../state/state.js';
import { page } from './pagination.js';
import { created, noContent, ok, type Reply, type RestRequest, route } from './types.js';
import { listedRepository, organizationView, ownerView, repositoryDetail, userView } from './views.js';

const organizationOf = (request: RestRequest) => request.state.organization(request.params['org'] ?? '');

const KEYS: Readonly<Record<string, (repository: Repository) => string>> = {
  created: (repository) => repository.created_at,
  updated: (repository) => repository.updated_at,
  pushed: (repository) => repository.pushed_at ?? '',
};

function listRepositories(request: RestRequest): Reply {
  const type = request.query.get('type') ?? 'all';
  const sort = request.query.get('sort') ?? 'created';
  const wanted = (repository: Repository): boolean =>
    type === 'all' || type === 'sources' || repository.settings['visibility'] === type;
  const repositories = byName(organizationOf(request)).filter(wanted);
  const key = KEYS[sort];
  if (key !== undefined)
    repositories.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.id - b.id));
  const direction = request.query.get('direction') ?? (sort === 'full_name' ? 'asc' : 'desc');
  if (direction === 'desc') repositories.reverse();
  return page(request, repositories, (repository) => listedRepository(request, repository));
}

function membershipView(request: RestRequest): Record<string, unknown> {
  const organization = organizationOf(request);
  const user = request.state.user(request.params['username'] ?? '');
  const member = organization.members.get(fold(user.login));
  const invitation = organization.invitations.get(fold(user.login));
  if (member === undefined && invitation === undefined) throw notFound();
  return {
    url: `${request.base}/orgs/${organization.login}/memberships/${user.login}`,
    state: member === undefined ? 'pending' : 'active',
    role: (member ?? invitation)?.role,
    organization_url: `${request.base}/orgs/${organization.login}`,
    organization: ownerView(request, organization),
    user: userView(request, user),
  };
}

function listMembers(request: RestRequest): Reply {
  const role = request.query.get('role') ?? 'all';
  const members = [...organizationOf(request).members.values()].filter(
    (member) => role === 'all' || member.role === role,
  );
  return page(request, members, (member) => userView(request, member.user));
}

export const organizationRoutes = [
  route('GET /orgs/{org}', (request) => ok(organizationView(request, organizationOf(request)))),
  route('PATCH /orgs/{org}', (request) => {
    const organization = organizationOf(request);
    updateOrganization(request.writer, organization, request.body);
    return ok(organizationView(request, organization));
  }),
  route('GET /orgs/{org}/repos', listRepositories),
  route(
    'POST /orgs/{org}/repos',
    (request) =>
      created(
        repositoryDetail(request, createRepository(request.writer, organizationOf(request), request.body)),
      ),
    { content: true },
  ),
  route('GET /orgs/{org}/members', listMembers),
  route('GET /orgs/{org}/members/{username}', (request) => {
    if (!organizationOf(request).members.has(fold(request.params['username'] ?? ''))) throw notFound();
    return noContent();
  }),
  route('GET /orgs/{org}/memberships/{username}', (request) => ok(membershipView(request))),
  route('PUT /orgs/{org}/memberships/{username}', (request) => {
    const { role = 'member' } = request.body;
    if (role !== 'admin' && role !== 'member')
      throw validationFailed({ resource: 'Membership', code: 'invalid', field: 'role' });
    const user = request.state.user(request.params['username'] ?? '');
    putMember(request.writer, organizationOf(request), user, role);
    return ok(membershipView(request));
  }),
  route('DELETE /orgs/{org}/memberships/{username}', (request) => {
    removeMember(
      request.writer,
      organizationOf(request),
      request.state.user(request.params['username'] ?? ''),
    );
    return noContent();
  }),
  route('GET /orgs/{org}/invitations', (request) =>
    page(request, [...organizationOf(request).invitations.values()], (invitation) => ({
      id: invitation.id,
      node_id: invitation.node_id,
      login: invitation.user.login,
      email: null,
      role: invitation.role === 'admin' ? 'admin' : 'direct_member',
      created_at: invitation.created_at,
    })),
  ),
];
