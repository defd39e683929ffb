import * as fc from 'fast-check';
import type { JsonObject, Permission, RepositoryState } from '../../src/standards/model.js';
import { normalizeProtection } from '../../src/standards/protection.js';
import { repositoryState } from './support.js';

/** Few names, so that rules and repositories meet often. */
const topic = fc.constantFrom('managed', 'web', 'old');
const login = fc.constantFrom('ada', 'Ada', 'lin', 'Bo');
const slug = fc.constantFrom('core', 'web', 'ops');
const path = fc.constantFrom('README.md', 'CODEOWNERS');
const context = fc.constantFrom('ci', 'lint', 'e2e');
const sha = fc.constantFrom('a'.repeat(40), 'b'.repeat(40));
const permission = fc.constantFrom<Permission>('pull', 'push', 'admin');
const color = fc.constantFrom('d73a4a', 'ffffff');
const some = <T>(value: fc.Arbitrary<T>) => fc.uniqueArray(value, { maxLength: 3 });
const optional = (model: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(model, { requiredKeys: [] });

const settings = optional({
  has_wiki: fc.boolean(),
  allow_merge_commit: fc.boolean(),
  description: fc.constantFrom('', 'An API', null),
  visibility: fc.constantFrom('private', 'public'),
  merge_commit_title: fc.constantFrom('PR_TITLE', 'MERGE_MESSAGE'),
});

const actors = optional({
  users: some(login),
  teams: some(slug),
  apps: some(fc.constantFrom('bot', 'ci-app')),
});
const checks = some(context).map((contexts) => contexts.map((one) => ({ context: one, app_id: one.length })));

/** A body of a branch protection PUT as a person may write it. */
export const protectionBody: fc.Arbitrary<JsonObject> = optional({
  enforce_admins: fc.boolean(),
  required_linear_history: fc.boolean(),
  lock_branch: fc.boolean(),
  required_status_checks: fc.oneof(
    fc.constant(null),
    optional({ strict: fc.boolean(), contexts: some(context) }),
    optional({ strict: fc.boolean(), checks }),
  ),
  required_pull_request_reviews: fc.oneof(
    fc.constant(null),
    optional({
      required_approving_review_count: fc.integer({ min: 0, max: 6 }),
      dismiss_stale_reviews: fc.boolean(),
      dismissal_restrictions: actors,
      bypass_pull_request_allowances: actors,
    }),
  ),
  restrictions: fc.oneof(fc.constant(null), actors),
}) as fc.Arbitrary<JsonObject>;

const protection = fc.oneof(fc.constant({ absent: true }), protectionBody);
const pattern = fc.constantFrom('$default', 'main', 'develop', 'release/*');

const statusRule = fc.record({
  type: fc.constant('required_status_checks'),
  parameters: fc.record({
    strict_required_status_checks_policy: fc.boolean(),
    required_status_checks: some(context).map((contexts) => contexts.map((one) => ({ context: one }))),
  }),
});
const rules = fc.uniqueArray(
  fc.oneof(statusRule, fc.record({ type: fc.constantFrom('deletion', 'creation', 'non_fast_forward') })),
  { maxLength: 3, selector: (rule) => rule.type },
);
const bypass = fc.uniqueArray(
  fc.record({
    actor_type: fc.constantFrom('OrganizationAdmin', 'DeployKey', 'Team'),
    actor_id: fc.constantFrom(1, 2),
    bypass_mode: fc.constantFrom('always', 'pull_request'),
  }),
  { maxLength: 2, selector: (actor) => actor.actor_type },
);
const conditions = fc.record({
  ref_name: fc.record({
    include: fc.constant(['~DEFAULT_BRANCH']),
    exclude: some(fc.constantFrom('refs/heads/a')),
  }),
});
const rulesetName = fc.constantFrom('base', 'tags');
const wantedRuleset = fc.oneof(
  fc.record({ name: rulesetName, absent: fc.constant(true) }),
  fc.record(
    {
      name: rulesetName,
      target: fc.constantFrom('branch', 'tag'),
      enforcement: fc.constantFrom('active', 'disabled'),
      bypass_actors: bypass,
      conditions,
      rules,
    },
    { requiredKeys: ['name'] },
  ),
);

const labelName = fc.constantFrom('bug', 'Bug', 'docs');
const wantedLabel = fc.oneof(
  fc.record({ name: labelName, absent: fc.constant(true) }),
  fc.record(
    { name: labelName, color, description: fc.constantFrom('', 'x', null) },
    { requiredKeys: ['name'] },
  ),
);
const via = fc.constantFrom('commit', 'pull_request');
const wantedFile = fc.oneof(
  fc.record({ path, absent: fc.constant(true), via }),
  fc.record({ path, from: fc.constantFrom('t/a', 't/b'), via }),
);

const unique = <T>(value: fc.Arbitrary<T>, name: (one: T) => string) =>
  fc.uniqueArray(value, { maxLength: 3, selector: name });

/** A rule of a standards file, with globs that fit `api` and its like now and then. */
export const wantedRule: fc.Arbitrary<JsonObject> = fc.record(
  {
    match: fc.constantFrom(['*'], ['api'], ['a*', 'web'], ['w*']),
    exclude: fc.constantFrom([], ['web'], ['API']),
    archived: fc.boolean(),
    with_topics: fc.constantFrom(['managed']),
    settings,
    topics: unique(fc.oneof(topic, fc.record({ name: topic, absent: fc.constant(true) })), (one) =>
      typeof one === 'string' ? one : one.name,
    ),
    branch_protection: fc.dictionary(pattern, protection, { maxKeys: 3 }),
    teams: fc.dictionary(slug, fc.oneof(permission, fc.constant('absent')), { maxKeys: 3 }),
    labels: unique(wantedLabel, (one) => one.name.toLowerCase()),
    rulesets: unique(wantedRuleset, (one) => one.name),
    files: unique(wantedFile, (one) => one.path),
  },
  { requiredKeys: ['match'] },
) as fc.Arbitrary<JsonObject>;

const liveRuleset = fc.record({
  id: fc.nat(),
  name: rulesetName,
  target: fc.constantFrom('branch', 'tag'),
  enforcement: fc.constantFrom('active', 'disabled'),
  bypass_actors: bypass,
  conditions: fc.oneof(fc.constant(null), conditions),
  rules,
});

/** A live repository, in every state that matters to a plan. */
export const liveRepository: fc.Arbitrary<RepositoryState> = fc
  .record({
    name: fc.constantFrom('api', 'web', 'app.js', '.github'),
    empty: fc.boolean(),
    archived: fc.boolean(),
    visibility: fc.constantFrom('private', 'public'),
    settings: fc.record({
      has_wiki: fc.boolean(),
      allow_merge_commit: fc.boolean(),
      description: fc.constantFrom('An API', null),
      merge_commit_title: fc.constantFrom('PR_TITLE', 'MERGE_MESSAGE'),
    }),
    topics: some(topic),
    branch_protection: fc.dictionary(
      fc.constantFrom('main', 'develop', 'release/*'),
      protectionBody.map(normalizeProtection),
      { maxKeys: 2 },
    ),
    teams: fc.dictionary(slug, permission, { maxKeys: 3 }),
    labels: unique(
      fc.record({ name: labelName, color, description: fc.constantFrom('x', null) }),
      ({ name }) => name.toLowerCase(),
    ),
    rulesets: unique(liveRuleset, ({ name }) => name),
    files: fc.record({
      'README.md': fc.option(fc.record({ sha })),
      CODEOWNERS: fc.option(fc.record({ sha })),
    }),
    proposals: fc.dictionary(path, fc.record({ number: fc.nat(), sha: fc.option(sha) }), { maxKeys: 1 }),
  })
  .map((parts) =>
    repositoryState({
      ...(parts as unknown as Partial<RepositoryState>),
      ...(parts.empty ? { default_branch: null, files: {}, proposals: {}, branch_protection: {} } : {}),
    }),
  );
