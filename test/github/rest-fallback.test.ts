import { describe, expect, it } from 'vitest';
import type { SeedOrganization } from '../../src/dev/github/index.js';
import { readOrganization, readRepositories, readRepositoryPage } from '../../src/github/read/index.js';
import { countRequests } from '../../src/github/request-count.js';
import type { OrganizationNeeds, RepositoryNeeds, RepositoryState } from '../../src/standards/model.js';
import { asRestShows, failureOfCall, NO_NEEDS, world } from './support.js';

const PROTECTION = {
  required_status_checks: { strict: true, contexts: ['lint', 'ci'] },
  enforce_admins: true,
  required_pull_request_reviews: {
    required_approving_review_count: 2,
    require_code_owner_reviews: true,
    dismissal_restrictions: { users: ['lin'], teams: ['ops'], apps: [] },
    bypass_pull_request_allowances: { users: ['ada'], teams: [], apps: ['robot'] },
  },
  restrictions: { users: ['ada'], teams: ['ops'], apps: ['robot'] },
  required_linear_history: true,
  allow_fork_syncing: true,
};

const RULESET = {
  name: 'main only',
  target: 'branch',
  enforcement: 'active',
  conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
  bypass_actors: [{ actor_id: 1, actor_type: 'OrganizationAdmin', bypass_mode: 'always' }],
  rules: [
    { type: 'deletion' },
    {
      type: 'pull_request',
      parameters: {
        dismiss_stale_reviews_on_push: true,
        require_code_owner_review: false,
        require_last_push_approval: false,
        required_approving_review_count: 1,
        required_review_thread_resolution: true,
        allowed_merge_methods: ['squash'],
      },
    },
    {
      type: 'required_status_checks',
      parameters: {
        strict_required_status_checks_policy: true,
        do_not_enforce_on_create: false,
        required_status_checks: [{ context: 'ci', integration_id: 15368 }],
      },
    },
    {
      type: 'commit_message_pattern',
      parameters: { operator: 'regex', pattern: '^[A-Z]', negate: false, name: 'capital' },
    },
  ],
};

const ONLY_REST = new Set(['automatic_copilot_code_review_enabled', 'required_reviewers']);

/** As GraphQL shows it: it does not know every parameter of a rule. */
function known(state: RepositoryState): RepositoryState {
  return JSON.parse(JSON.stringify(state, (key, value) => (ONLY_REST.has(key) ? undefined : value)));
}

const SEED: SeedOrganization = {
  login: 'acme',
  settings: { description: 'Everything' },
  members: [{ login: 'ada' }, { login: 'lin' }],
  users: ['outsider'],
  teams: [
    { name: 'ops', members: [{ login: 'ada', role: 'maintainer' }, { login: 'outsider' }] },
    { name: 'dev', parent: 'ops', description: 'Builds', members: [{ login: 'lin' }] },
    { name: 'quiet', privacy: 'secret', notification_setting: 'notifications_disabled' },
  ],
  rulesets: [
    {
      ...RULESET,
      name: 'everywhere',
      conditions: { ...RULESET.conditions, repository_name: { include: ['~ALL'], exclude: [] } },
    },
  ],
  repositories: [
    {
      name: 'api',
      settings: {
        description: 'The API',
        homepage: 'https://acme.example',
        allow_merge_commit: false,
        has_wiki: false,
      },
      topics: ['managed', 'go'],
      branches: ['release'],
      branch_protection: {
        main: PROTECTION,
        release: { ...PROTECTION, required_pull_request_reviews: null, restrictions: null },
      },
      teams: { ops: 'admin', dev: 'push' },
      rulesets: [RULESET],
      files: { 'README.md': '# api\n', '.github/CODEOWNERS': '* @acme/ops\n' },
    },
    { name: 'empty', empty: true, teams: { dev: 'triage' } },
    { name: 'old', settings: { archived: true, default_branch: 'master', visibility: 'public' } },
  ],
};

const NEEDS: RepositoryNeeds = {
  settings: [
    'description',
    'homepage',
    'allow_merge_commit',
    'has_wiki',
    'visibility',
    'archived',
    'default_branch',
    'squash_merge_commit_title',
  ],
  topics: true,
  branch_protection: true,
  teams: ['ops', 'dev', 'nobody'],
  labels: true,
  rulesets: true,
  files: ['README.md', '.github/CODEOWNERS', '.github'],
};

const ORGANIZATION_NEEDS: OrganizationNeeds = {
  settings: ['description', 'default_repository_permission'],
  rulesets: true,
  teams: ['ops', 'dev', 'quiet', 'nobody'],
  members: ['ops', 'dev'],
  absent: ['ops', 'nobody'],
  logins: ['ada', 'outsider', 'nobody-here'],
  repositories: ['api', 'gone'],
};

describe('REST alone reads the same as GraphQL', () => {
  it('repositories, page by page and by id', async () => {
    const { client } = await world([SEED]);
    const graphql = await readRepositoryPage(client({ timeoutMs: 20_000 }), 'acme', NEEDS, null, 100);
    expect(graphql.repositories.map(({ name }) => name)).toEqual(['api', 'empty', 'old']);
    expect(graphql.repositories[0]).toMatchObject({
      topics: ['go', 'managed'],
      teams: { ops: 'admin', dev: 'push' },
      branch_protection: {
        main: {
          required_status_checks: { strict: true, contexts: ['ci', 'lint'] },
          required_pull_request_reviews: {
            required_approving_review_count: 2,
            dismissal_restrictions: { users: ['lin'], teams: ['ops'], apps: [] },
            bypass_pull_request_allowances: { users: ['ada'], teams: [], apps: ['robot'] },
          },
          restrictions: { users: ['ada'], teams: ['ops'], apps: ['robot'] },
          required_linear_history: true,
          allow_fork_syncing: true,
        },
        release: { required_pull_request_reviews: null, restrictions: null },
      },
      rulesets: [{ name: 'main only', bypass_actors: RULESET.bypass_actors, conditions: RULESET.conditions }],
      files: { '.github': null },
    });
    expect(new Set(graphql.repositories[0]?.rulesets[0]?.rules)).toEqual(new Set(RULESET.rules));
    expect(graphql.repositories[1]).toMatchObject({
      empty: true,
      default_branch: null,
      files: { 'README.md': null },
    });

    const rest = client({ graphql: false });
    const pages = [await readRepositoryPage(rest, 'acme', NEEDS, null, 2)];
    pages.push(await readRepositoryPage(rest, 'acme', NEEDS, pages[0]?.next ?? null, 2));
    expect(pages.flatMap(({ repositories }) => repositories).map(known)).toEqual(
      graphql.repositories.map(asRestShows),
    );
    expect(pages.map(({ total }) => total)).toEqual([3, 3]);
    expect(pages[1]?.next).toBeNull();

    const refs = graphql.repositories.toReversed();
    expect(await readRepositories(client(), 'acme', NEEDS, refs)).toEqual(refs);
    const byRest = await readRepositories(rest, 'acme', NEEDS, refs);
    expect(byRest.map((state) => state && known(state))).toEqual(refs.map(asRestShows));
  });

  it('the organisation', async () => {
    const { client } = await world([SEED]);
    const { outcome, count } = await countRequests(() =>
      readOrganization(client({ timeoutMs: 20_000 }), 'acme', ORGANIZATION_NEEDS),
    );
    if (!outcome.ok) throw outcome.error;
    expect(outcome.value).toMatchObject({
      settings: { description: 'Everything', default_repository_permission: 'read' },
      teams: {
        ops: { privacy: 'closed', parent: null, members: { ada: 'maintainer', outsider: 'member' } },
        dev: { description: 'Builds', parent: 'ops', members: { lin: 'member' } },
        quiet: { privacy: 'secret', notification_setting: 'notifications_disabled', members: {} },
        nobody: null,
      },
      childTeams: { ops: ['dev'] },
      teamCount: 3,
      repositoryCount: SEED.repositories?.length,
      missingLogins: ['nobody-here'],
      missingRepositories: ['gone'],
      rulesets: [{ name: 'everywhere', conditions: { repository_name: { include: ['~ALL'] } } }],
    });
    expect(count).toEqual({ rest: 5, graphql: 3, mutating: 0 });
    expect(await readOrganization(client({ graphql: false }), 'acme', ORGANIZATION_NEEDS)).toEqual(
      outcome.value,
    );
  });

  it('an organisation that is not there is refused', async () => {
    const { client } = await world([SEED]);
    const error = await failureOfCall(readOrganization(client(), 'nobody', ORGANIZATION_NEEDS));
    expect(error.failure).toEqual({ kind: 'refused', status: 404 });
    expect(error.message).toContain('organization nobody is not there');
  });
});

describe('repositories by their pinned ids', () => {
  it.each([true, false])('tell renamed, recreated and deleted ones apart (GraphQL: %s)', async (graphql) => {
    const { client } = await world([
      { login: 'acme', repositories: ['a', 'b', 'c'].map((name) => ({ name })) },
    ]);
    const github = client({ graphql, timeoutMs: 20_000 });
    const { repositories } = await readRepositoryPage(github, 'acme', NO_NEEDS, null, 10);
    await github.rest('PATCH /repos/{owner}/{repo}', { owner: 'acme', repo: 'a', name: 'renamed' });
    await github.rest('DELETE /repos/{owner}/{repo}', { owner: 'acme', repo: 'b' });
    await github.rest('POST /orgs/{org}/repos', { org: 'acme', name: 'b' });
    const read = await readRepositories(github, 'acme', NO_NEEDS, repositories);
    expect(read.map((state) => state?.name ?? null)).toEqual(['renamed', null, 'c']);
  });

  it('read the teams by the fewest requests', async () => {
    const repositories = Array.from({ length: 450 }, (_, at) => ({
      name: `r${String(at).padStart(3, '0')}`,
      teams: { dev: 'push' as const },
    }));
    const { client } = await world([{ login: 'acme', teams: [{ name: 'dev' }], repositories }]);
    const github = client({ timeoutMs: 20_000 });
    const needs = { ...NO_NEEDS, teams: ['dev'] };
    const last = await readRepositoryPage(github, 'acme', NO_NEEDS, null, 100);
    const tail = await readRepositoryPage(github, 'acme', NO_NEEDS, last.next, 100);
    const few = await countRequests(() =>
      readRepositories(github, 'acme', needs, tail.repositories.slice(50, 52)),
    );
    expect(few.outcome).toMatchObject({
      ok: true,
      value: [{ teams: { dev: 'push' } }, { teams: { dev: 'push' } }],
    });
    expect(few.count).toEqual({ rest: 2, graphql: 2, mutating: 0 });
    const more = await countRequests(() =>
      readRepositories(github, 'acme', needs, tail.repositories.slice(50, 60)),
    );
    expect(more.outcome).toMatchObject({
      ok: true,
      value: Array.from({ length: 10 }, () => ({ teams: { dev: 'push' } })),
    });
    expect(more.count).toEqual({ rest: 0, graphql: 3, mutating: 0 });
    const page = await readRepositoryPage(github, 'acme', NO_NEEDS, null, 100);
    const early = await countRequests(() =>
      readRepositories(github, 'acme', needs, page.repositories.slice(0, 50)),
    );
    expect(early.count).toEqual({ rest: 0, graphql: 2, mutating: 0 });
  });
});
