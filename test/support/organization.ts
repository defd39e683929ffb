import type { SeedOrganization, SeedRepository } from '../../src/dev/github/index.js';

/** A repository as the simulated GitHub's state dump has it. */
export interface RepositoryDump {
  id: number;
  settings: Record<string, unknown>;
  topics: string[];
  branches: Record<string, unknown>;
  branch_protection: Record<string, unknown>;
  teams: Record<string, string>;
  labels: { name: string; color: string; description: string | null }[];
  rulesets: unknown[];
  hooks: unknown[];
  threads: unknown[];
}

interface TeamDump {
  id: number;
  description: string | null;
  members: Record<string, { role: string; state: string }>;
  [field: string]: unknown;
}

export interface OrganizationDump {
  settings: Record<string, unknown>;
  teams: Record<string, TeamDump>;
  repositories: Record<string, RepositoryDump>;
  [field: string]: unknown;
}

const RIGHT = {
  required_status_checks: { strict: true, contexts: ['ci'] },
  required_pull_request_reviews: { required_approving_review_count: 1 },
  enforce_admins: true,
  restrictions: null,
};
const WEAK = {
  required_status_checks: null,
  required_pull_request_reviews: { required_approving_review_count: 2, dismiss_stale_reviews: true },
  enforce_admins: false,
  restrictions: null,
  allow_deletions: true,
};

function repositoryAt(index: number): SeedRepository {
  const protection = [undefined, WEAK, RIGHT][index % 3];
  return {
    name: `repo-${String(index).padStart(3, '0')}`,
    settings: {
      visibility: index % 2 === 0 ? 'private' : 'public',
      delete_branch_on_merge: index % 5 === 0,
      has_wiki: true,
      allow_merge_commit: true,
    },
    topics: index % 2 === 0 ? ['go'] : [],
    teams: index % 3 === 0 ? {} : { developers: index % 3 === 1 ? 'pull' : 'admin' },
    ...(protection === undefined ? {} : { branch_protection: { main: protection } }),
    ...(index % 4 === 0
      ? { labels: [{ name: 'security', color: '00ff00', description: 'Green' }] }
      : { labels: [{ name: 'bug', color: 'd73a4a' }] }),
  };
}

/** An organisation of `count` repositories, every one of which the {@link standards} change in several ways. */
export function organization(login: string, count: number): SeedOrganization {
  return {
    login,
    settings: { default_repository_permission: 'write' },
    members: ['ada', 'lin'].map((name) => ({ login: name })),
    teams: [
      { name: 'maintainers', description: 'Old words', members: [{ login: 'lin' }] },
      { name: 'developers', description: 'They develop' },
    ],
    repositories: Array.from({ length: count }, (_, index) => repositoryAt(index)),
  };
}

/** Text of a standards file for one organisation, of which the lines are. */
export const standardsOf = (login: string, ...lines: string[]): string =>
  ['version: 1', 'organizations:', `  - login: ${login}`, ...lines.map((line) => `    ${line}`), ''].join(
    '\n',
  );

/** Text of a standards file for {@link organization}; `more` are lines of the organisation's part. */
export function standards(login: string, ...more: string[]): string {
  return `version: 1
organizations:
  - login: ${login}
    settings: { default_repository_permission: read }
    teams:
      - { slug: maintainers, description: Looks after all, members: [{ login: ada, role: maintainer }] }
      - { slug: platform, description: New here, privacy: closed, members: [{ login: lin, role: member }] }
    repositories:
      - match: ['*']
        settings: { delete_branch_on_merge: true, allow_merge_commit: false, has_wiki: false }
        topics: [managed]
        branch_protection:
          $default:
            enforce_admins: true
            required_status_checks: { strict: true, contexts: [ci] }
            required_pull_request_reviews: { required_approving_review_count: 1 }
            restrictions: null
        teams: { maintainers: maintain, developers: push, platform: triage }
        labels: [{ name: security, color: d73a4a, description: Security }]
${more.map((line) => `    ${line}\n`).join('')}`;
}

const NOBODY = { users: [], teams: [], apps: [] };

function wantedProtection(before: Record<string, unknown> | undefined): Record<string, unknown> {
  const kept = before ?? {
    required_linear_history: false,
    allow_force_pushes: false,
    bypass_force_push_allowances: NOBODY,
    allow_deletions: false,
    block_creations: false,
    required_conversation_resolution: false,
    lock_branch: false,
    allow_fork_syncing: false,
    required_signatures: false,
    required_deployments: null,
  };
  const reviews = kept['required_pull_request_reviews'] ?? {
    dismiss_stale_reviews: false,
    require_code_owner_reviews: false,
    require_last_push_approval: false,
    dismissal_restrictions: null,
    bypass_pull_request_allowances: NOBODY,
  };
  return {
    ...kept,
    enforce_admins: true,
    required_status_checks: { strict: true, checks: [{ context: 'ci', app_id: null }] },
    required_pull_request_reviews: { ...reviews, required_approving_review_count: 1 },
    restrictions: null,
  };
}

function wantedRepository(before: RepositoryDump): RepositoryDump {
  const { main } = before.branch_protection as { main?: Record<string, unknown> };
  return {
    ...before,
    settings: {
      ...before.settings,
      delete_branch_on_merge: true,
      allow_merge_commit: false,
      has_wiki: false,
    },
    topics: [...before.topics.filter((topic) => topic !== 'managed'), 'managed'].toSorted(),
    branch_protection: { ...before.branch_protection, main: wantedProtection(main) },
    teams: { ...before.teams, maintainers: 'maintain', developers: 'push', platform: 'triage' },
    labels: [
      ...before.labels.filter(({ name }) => name !== 'security'),
      { name: 'security', color: 'd73a4a', description: 'Security' },
    ],
  };
}

/** What {@link standards} ask of an organisation, field by field; written here by hand, not worked out by the product. */
export function wanted(before: OrganizationDump): OrganizationDump {
  const { maintainers } = before.teams;
  if (maintainers === undefined) throw new Error('The organisation has no team maintainers.');
  return {
    ...before,
    settings: { ...before.settings, default_repository_permission: 'read' },
    teams: {
      ...before.teams,
      maintainers: {
        ...maintainers,
        description: 'Looks after all',
        members: { ...maintainers.members, ada: { role: 'maintainer', state: 'active' } },
      },
      platform: {
        // Given by GitHub.
        id: 0,
        name: 'platform',
        slug: 'platform',
        description: 'New here',
        privacy: 'closed',
        notification_setting: 'notifications_enabled',
        permission: 'pull',
        parent: null,
        members: {
          // GitHub makes who creates a team its maintainer.
          'octo-admin': { role: 'maintainer', state: 'active' },
          lin: { role: 'member', state: 'active' },
        },
      },
    },
    repositories: Object.fromEntries(
      Object.entries(before.repositories).map(([name, repository]) => [name, wantedRepository(repository)]),
    ),
  };
}
