import type { App, Organization, Repository, Team, TeamPermission, User } from '../state/model.js';
import type { RestRequest } from './types.js';

export function userView(request: RestRequest, user: User): Record<string, unknown> {
  return {
    login: user.login,
    id: user.id,
    node_id: user.node_id,
    avatar_url: `${request.origin}/avatars/${user.id}`,
    gravatar_id: '',
    url: `${request.base}/users/${user.login}`,
    html_url: `${request.origin}/${user.login}`,
    type: 'User',
    site_admin: false,
  };
}

export const userOrNull = (request: RestRequest, user: User | null): Record<string, unknown> | null =>
  user === null ? null : userView(request, user);

export const appView = (app: App): Record<string, unknown> => ({
  id: app.id,
  node_id: app.node_id,
  slug: app.slug,
  name: app.slug,
  permissions: {},
  events: [],
});

export function ownerView(request: RestRequest, organization: Organization): Record<string, unknown> {
  return {
    login: organization.login,
    id: organization.id,
    node_id: organization.node_id,
    avatar_url: `${request.origin}/avatars/${organization.id}`,
    gravatar_id: '',
    url: `${request.base}/users/${organization.login}`,
    html_url: `${request.origin}/${organization.login}`,
    type: 'Organization',
    site_admin: false,
  };
}

export function organizationView(request: RestRequest, organization: Organization): Record<string, unknown> {
  const { login } = organization;
  const url = `${request.base}/orgs/${login}`;
  const repositories = [...organization.repositories.values()];
  const open = repositories.filter((repository) => repository.settings['visibility'] === 'public').length;
  return {
    login,
    id: organization.id,
    node_id: organization.node_id,
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${request.origin}/avatars/${organization.id}`,
    html_url: `${request.origin}/${login}`,
    ...organization.settings,
    is_verified: false,
    public_repos: open,
    total_private_repos: repositories.length - open,
    owned_private_repos: repositories.length - open,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: organization.created_at,
    updated_at: organization.updated_at,
    type: 'Organization',
    plan: {
      name: 'enterprise',
      space: 976562499,
      private_repos: 999999,
      filled_seats: organization.members.size,
      seats: 1000,
    },
  };
}

const LEVELS: readonly TeamPermission[] = ['pull', 'triage', 'push', 'maintain', 'admin'];

/** The five booleans that GitHub shows for a permission. */
export function permissionsView(permission: TeamPermission): Record<string, boolean> {
  const level = LEVELS.indexOf(permission);
  return Object.fromEntries(LEVELS.map((name, index) => [name, index <= level]).toReversed());
}

export const ROLE_NAMES: Readonly<Record<TeamPermission, string>> = {
  pull: 'read',
  triage: 'triage',
  push: 'write',
  maintain: 'maintain',
  admin: 'admin',
};

/** A repository as lists show it. */
export function repositoryView(
  request: RestRequest,
  repository: Repository,
  permission: TeamPermission = 'admin',
): Record<string, unknown> {
  const { organization, name, settings } = repository;
  const full = `${organization.login}/${name}`;
  const url = `${request.base}/repos/${full}`;
  const html = `${request.origin}/${full}`;
  return {
    id: repository.id,
    node_id: repository.node_id,
    name,
    full_name: full,
    owner: ownerView(request, organization),
    html_url: html,
    url,
    fork: false,
    clone_url: `${html}.git`,
    git_url: `git:${html.slice(html.indexOf('//'))}.git`,
    ssh_url: `git@${request.origin.slice(7)}:${full}.git`,
    hooks_url: `${url}/hooks`,
    teams_url: `${url}/teams`,
    branches_url: `${url}/branches{/branch}`,
    contents_url: `${url}/contents/{+path}`,
    labels_url: `${url}/labels{/name}`,
    issues_url: `${url}/issues{/number}`,
    pulls_url: `${url}/pulls{/number}`,
    created_at: repository.created_at,
    updated_at: repository.updated_at,
    pushed_at: repository.pushed_at,
    size: repository.branches.size === 0 ? 0 : 1,
    stargazers_count: 0,
    watchers_count: 0,
    forks_count: 0,
    forks: 0,
    watchers: 0,
    open_issues_count: 0,
    open_issues: 0,
    language: null,
    license: null,
    mirror_url: null,
    has_pages: false,
    has_downloads: true,
    disabled: false,
    private: settings['visibility'] !== 'public',
    ...settings,
    topics: repository.topics,
    permissions: permissionsView(permission),
  };
}

/** The merge settings that lists leave out; only a repository's own page and an answer to a write have them. */
const DETAIL = [
  'allow_squash_merge',
  'allow_merge_commit',
  'allow_rebase_merge',
  'allow_auto_merge',
  'delete_branch_on_merge',
  'allow_update_branch',
  'squash_merge_commit_title',
  'squash_merge_commit_message',
  'merge_commit_title',
  'merge_commit_message',
];

/** A repository in a list: without the merge settings, as on GitHub. */
export function listedRepository(request: RestRequest, repository: Repository): Record<string, unknown> {
  const view = repositoryView(request, repository);
  for (const key of DETAIL) delete view[key];
  return view;
}

export function repositoryDetail(request: RestRequest, repository: Repository): Record<string, unknown> {
  return {
    ...repositoryView(request, repository),
    use_squash_pr_title_as_default: repository.settings['squash_merge_commit_title'] === 'PR_TITLE',
    temp_clone_token: null,
    organization: ownerView(request, repository.organization),
    network_count: 0,
    subscribers_count: 0,
  };
}

export function teamView(request: RestRequest, team: Team): Record<string, unknown> {
  const url = `${request.base}/organizations/${team.organization.id}/team/${team.id}`;
  return {
    name: team.name,
    id: team.id,
    node_id: team.node_id,
    slug: team.slug,
    description: team.description,
    privacy: team.privacy,
    notification_setting: team.notification_setting,
    url,
    html_url: `${request.origin}/orgs/${team.organization.login}/teams/${team.slug}`,
    members_url: `${url}/members{/member}`,
    repositories_url: `${url}/repos`,
    permission: team.permission,
    parent: team.parent === null ? null : teamView(request, team.parent),
  };
}

export const teamDetail = (request: RestRequest, team: Team): Record<string, unknown> => ({
  ...teamView(request, team),
  members_count: [...team.members.values()].filter((member) => member.state === 'active').length,
  repos_count: team.repositories.size,
  created_at: team.created_at,
  updated_at: team.updated_at,
  organization: organizationView(request, team.organization),
});
