import type { SeedOrganization, SeedRepository } from '../../src/dev/github/index.js';
import type { Draw } from './draw.js';

/** Few names, so that a standards file and an organisation meet often. */
export const TEAMS = ['core', 'devs'] as const;
export const PERMISSIONS = ['pull', 'triage', 'push', 'maintain', 'admin'] as const;
/** Only GraphQL can write the protection of such a pattern. */
export const WILDCARD = 'rel/*';

/** A body of a branch protection PUT; `teams` are those that may be let through. */
export const randomProtection = (draw: Draw, teams: readonly string[]): Record<string, unknown> => ({
  enforce_admins: draw.chance(),
  required_status_checks: draw.chance()
    ? null
    : { strict: draw.chance(), contexts: draw.some(['ci', 'lint', 'x/y']) },
  required_pull_request_reviews: draw.chance()
    ? null
    : { required_approving_review_count: draw.whole(1, 3), dismiss_stale_reviews: draw.chance() },
  restrictions: draw.chance(0.6)
    ? null
    : { users: draw.some(['ada', 'lin']), teams: draw.some(teams), apps: [] },
  ...draw.maybe(0.3, () => ({ allow_deletions: draw.chance() })),
  ...draw.maybe(0.3, () => ({ required_linear_history: draw.chance() })),
  ...draw.maybe(0.3, () => ({ lock_branch: draw.chance() })),
});

/** A ruleset; one of an organisation also says which repositories it is for. */
export const randomRuleset = (
  draw: Draw,
  name: string,
  of: 'organization' | 'repository',
): Record<string, unknown> => ({
  name,
  target: 'branch',
  enforcement: draw.one(['active', 'disabled']),
  conditions: {
    ref_name: { include: [draw.one(['~DEFAULT_BRANCH', 'refs/heads/x'])], exclude: [] },
    ...(of === 'organization' ? { repository_name: { include: ['*'], exclude: [] } } : {}),
  },
  rules: draw.some([{ type: 'deletion' }, { type: 'non_fast_forward' }, { type: 'creation' }], 0.6),
});

const randomRepository = (draw: Draw, name: string): SeedRepository => ({
  name,
  branches: ['develop'],
  settings: {
    visibility: draw.one(['private', 'public']),
    has_wiki: draw.chance(),
    allow_merge_commit: true,
    delete_branch_on_merge: draw.chance(),
  },
  topics: draw.some(['go', 'managed', 'old']),
  files: {
    'README.md': 'hi\n',
    ...draw.maybe(0.5, () => ({ OLD: 'old\n' })),
    ...draw.maybe(0.5, () => ({ NEW: 'was\n' })),
  },
  labels: draw.some([
    { name: 'bug', color: 'd73a4a', description: 'b' },
    { name: 'fresh', color: '00ff00', description: 'g' },
  ]),
  branch_protection: {
    ...draw.maybe(0.4, () => ({ main: randomProtection(draw, TEAMS) })),
    ...draw.maybe(0.3, () => ({ [WILDCARD]: randomProtection(draw, []) })),
  },
  teams: Object.fromEntries(draw.some(TEAMS).map((slug) => [slug, draw.one(PERMISSIONS)])),
  rulesets: draw.some([randomRuleset(draw, 'repository-old', 'repository')], 0.4),
});

/** An organisation of three repositories and four teams, two of which a standards file may remove. */
export const randomOrganization = (login: string, draw: Draw): SeedOrganization => ({
  login,
  settings: { default_repository_permission: draw.one(['read', 'write']), description: 'old' },
  members: ['ada', 'lin', 'sam', 'kim'].map((name) => ({ login: name })),
  teams: [
    {
      name: 'core',
      description: 'c',
      privacy: 'closed',
      members: draw.some(['ada', 'lin']).map((name) => ({ login: name })),
    },
    {
      name: 'devs',
      description: 'd',
      privacy: 'closed',
      ...draw.maybe(0.5, () => ({ parent: 'core' })),
      members: [{ login: 'sam' }],
    },
    { name: 'bare', privacy: 'closed' },
    { name: 'lone', privacy: 'secret', description: 'l' },
  ],
  rulesets: draw.some([randomRuleset(draw, 'organization-old', 'organization')]),
  repositories: ['one', 'two', 'three'].map((name) => randomRepository(draw, name)),
});
