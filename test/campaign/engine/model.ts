import { byName, differences } from '../../support/checker/differences.js';
import type { OrganizationDump, RepositoryDump } from '../../support/organization.js';

type Fields = Record<string, unknown>;

interface Rule {
  match: string[];
  settings?: Record<string, boolean>;
  topics?: string[];
  branch_protection?: { $default: Fields };
  teams?: Record<string, string>;
  labels?: { name: string; color: string; description: string }[];
}

interface Team {
  slug: string;
  description: string;
  privacy?: string;
  members: { login: string; role: string }[];
}

/** An organisation's part of a standards file, as far as the model knows it. */
export interface Standards {
  login: string;
  settings?: Fields;
  teams: Team[];
  repositories: Rule[];
}

const SETTINGS = ['delete_branch_on_merge', 'allow_merge_commit', 'has_wiki', 'has_projects', 'has_issues'];
const PERMISSIONS = ['pull', 'triage', 'push', 'maintain', 'admin'];
const NOBODY = { users: [], teams: [], apps: [] };

/** Draws a file. Rules overlap: a later one overrides settings and permissions of an earlier one, key by key. */
export function randomStandards(login: string, random: () => number): Standards {
  const draw = (end: number): number => Math.floor(random() * end);
  const flip = (): boolean => random() < 0.5;
  const some = <T>(all: readonly T[]): T[] => all.filter(flip);
  const settings = (): Record<string, boolean> =>
    Object.fromEntries(some(SETTINGS).map((name) => [name, flip()]));
  const teams = (slugs: readonly string[]): Record<string, string> =>
    Object.fromEntries(some(slugs).map((slug) => [slug, PERMISSIONS[draw(PERMISSIONS.length)] ?? 'pull']));
  const wantsNewTeam = flip();
  const slugs = ['maintainers', 'developers', ...(wantsNewTeam ? ['platform'] : [])];
  const protection = {
    enforce_admins: flip(),
    required_status_checks: { strict: flip(), contexts: ['ci'] },
    required_pull_request_reviews: { required_approving_review_count: 1 + draw(3) },
    restrictions: null,
  };
  const role = (): string => (flip() ? 'maintainer' : 'member');
  const general: Rule = {
    match: ['*'],
    settings: settings(),
    topics: some(['managed', 'go', 'infra']),
    teams: teams(slugs),
    labels: flip() ? [{ name: 'security', color: `d73a4${draw(10)}`, description: `Number ${draw(3)}` }] : [],
    ...(random() < 0.8 ? { branch_protection: { $default: protection } } : {}),
  };
  const narrow = (): Rule => ({
    match: [`repo-00${draw(3)}`, 'repo-*5'],
    settings: settings(),
    teams: teams(slugs),
  });
  return {
    login,
    ...(flip() ? { settings: { default_repository_permission: flip() ? 'read' : 'none' } } : {}),
    teams: [
      { slug: 'maintainers', description: `Version ${draw(4)}`, members: [{ login: 'ada', role: role() }] },
      ...(wantsNewTeam
        ? [
            {
              slug: 'platform',
              description: 'New here',
              privacy: 'closed',
              members: [{ login: 'lin', role: role() }],
            },
          ]
        : []),
    ],
    repositories: [general, ...(flip() ? [narrow()] : [])],
  };
}

/** The file's text: JSON is YAML. */
export const textOf = (standards: Standards): string =>
  JSON.stringify({ version: 1, organizations: [standards] });

const matches = ({ match }: Rule, name: string): boolean =>
  match.some((glob) => new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(name));

function protectionAfter(before: Fields | undefined, asked: Fields): Fields {
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
  const reviews = (kept['required_pull_request_reviews'] as Fields | null | undefined) ?? {
    dismiss_stale_reviews: false,
    require_code_owner_reviews: false,
    require_last_push_approval: false,
    dismissal_restrictions: null,
    bypass_pull_request_allowances: NOBODY,
  };
  const { strict } = asked['required_status_checks'] as { strict: boolean };
  return {
    ...kept,
    enforce_admins: asked['enforce_admins'],
    required_status_checks: { strict, checks: [{ context: 'ci', app_id: null }] },
    required_pull_request_reviews: { ...reviews, ...(asked['required_pull_request_reviews'] as Fields) },
    restrictions: null,
  };
}

function repositoryAfter(name: string, before: RepositoryDump, rules: readonly Rule[]): RepositoryDump {
  const after = structuredClone(before);
  for (const rule of rules.filter((one) => matches(one, name))) {
    Object.assign(after.settings, rule.settings);
    Object.assign(after.teams, rule.teams);
    after.topics = [...new Set([...after.topics, ...(rule.topics ?? [])])].toSorted();
    for (const label of rule.labels ?? [])
      after.labels = [...after.labels.filter((one) => one.name !== label.name), label];
    if (rule.branch_protection !== undefined) {
      const main = before.branch_protection['main'] as Fields | undefined;
      after.branch_protection['main'] = protectionAfter(main, rule.branch_protection.$default);
    }
  }
  return after;
}

function teamsAfter(before: OrganizationDump['teams'], teams: readonly Team[]): OrganizationDump['teams'] {
  const after = structuredClone(before);
  for (const { slug, members, ...fields } of teams) {
    // GitHub makes who creates a team its maintainer.
    const anew = {
      id: 0,
      name: slug,
      slug,
      privacy: 'closed',
      notification_setting: 'notifications_enabled',
      permission: 'pull',
      parent: null,
      members: { 'octo-admin': { role: 'maintainer', state: 'active' } },
    };
    const team = { ...(after[slug] ?? anew), ...fields };
    const given = members.map(({ login, role }) => [login, { role, state: 'active' }]);
    after[slug] = { ...team, members: { ...team.members, ...Object.fromEntries(given) } };
  }
  return after;
}

/** The organisation after a file was applied to it, but for repositories that GitHub refuses. */
export function modelOf(before: OrganizationDump, standards: Standards): OrganizationDump {
  return {
    ...before,
    settings: { ...before.settings, ...standards.settings },
    teams: teamsAfter(before.teams, standards.teams),
    repositories: Object.fromEntries(
      Object.entries(before.repositories).map(([name, repository]) => [
        name,
        repositoryAfter(name, repository, standards.repositories),
      ]),
    ),
  };
}

const comparable = (repository: RepositoryDump | undefined): unknown =>
  repository && { ...repository, labels: byName(repository.labels) };

/** Repositories that differ between two states. */
export function changed(left: OrganizationDump, right: OrganizationDump): string[] {
  return Object.keys(left.repositories).filter(
    (name) =>
      differences(comparable(left.repositories[name]), comparable(right.repositories[name])).length > 0,
  );
}

/** Repositories whose branch protection has to be written. */
export function protectedAnew(left: OrganizationDump, right: OrganizationDump): string[] {
  return Object.keys(left.repositories).filter(
    (name) =>
      differences(left.repositories[name]?.branch_protection, right.repositories[name]?.branch_protection)
        .length > 0,
  );
}

const bare = ({ repositories: _repositories, ...rest }: OrganizationDump): unknown => rest;

/** Where a state is not what the model says. */
export function deviations(model: OrganizationDump, live: OrganizationDump): string[] {
  return [
    ...differences(bare(model), bare(live)).map((path) => `model: ${path} is not as predicted`),
    ...changed(model, live).map((name) => {
      const [left, right] = [comparable(model.repositories[name]), comparable(live.repositories[name])];
      return `model: ${name} is not as predicted in ${differences(left, right).join(', ')}`;
    }),
  ];
}
