import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SimulatedGitHub, seedDemo, startSimulatedGitHub } from '../../../src/dev/github/index.js';
import { clientOf, dig } from './client.js';

let github: SimulatedGitHub;
let client: ReturnType<typeof clientOf>;
beforeEach(async () => {
  github = await startSimulatedGitHub({ seed: [seedDemo(25)], limits: 'documented' });
  client = clientOf(github);
});
afterEach(() => github.close());

const names = (list: unknown): string[] => (list as { name: string }[]).map(({ name }) => name);

describe('pages and conditional reads', () => {
  it('leads by Link headers through every repository once, by name', async () => {
    const all: string[] = [];
    let next: string | undefined = '/orgs/acme/repos?per_page=10&sort=full_name';
    while (next !== undefined) {
      const answer = await client.call(`GET ${next}`);
      all.push(...names(answer.body));
      next = /<[^>]*(\/orgs[^>]*)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    expect(all).toHaveLength(25);
    expect(all).toEqual(all.toSorted());
  });

  it('gives no more than 100 a page', async () => {
    github.reset([seedDemo(130)]);
    expect((await client.call('GET /orgs/acme/repos?per_page=1000')).body).toHaveLength(100);
  });

  it('answers 304 to a known ETag, free of the primary limit, until something changes', async () => {
    const first = await client.call('GET /repos/acme/billing-api');
    const etag = first.headers.get('etag') ?? '';
    const again = await client.call('GET /repos/acme/billing-api', undefined, { 'if-none-match': etag });
    expect(again.status).toBe(304);
    expect(again.headers.get('x-ratelimit-used')).toBe(first.headers.get('x-ratelimit-used'));
    await client.call('PATCH /repos/acme/billing-api', { description: 'other' });
    expect(
      (await client.call('GET /repos/acme/billing-api', undefined, { 'if-none-match': etag })).status,
    ).toBe(200);
  });

  it('marks every answer with a request id, limits and the date', async () => {
    for (const line of ['GET /nowhere', 'GET /orgs/acme', 'POST /graphql']) {
      const { headers } = await client.call(
        line,
        line.startsWith('POST') ? { query: '{viewer{login}}' } : undefined,
      );
      expect(headers.get('x-github-request-id'), line).toBeTruthy();
      expect(headers.get('x-ratelimit-limit'), line).toBe('5000');
      expect(Date.parse(headers.get('date') ?? ''), line).toBeGreaterThan(0);
    }
  });
});

const PAGE = `query($after: String) { organization(login: "acme") {
  repositories(first: 10, after: $after, orderBy: {field: NAME, direction: ASC}) { nodes { name } pageInfo { hasNextPage endCursor } }
  team(slug: "developers") { repositories(first: 100, orderBy: {field: NAME, direction: ASC}) { edges { permission node { name } } } } } }`;

describe('the GraphQL door', () => {
  it('pages by name, stable while repositories come and go', async () => {
    const all: string[] = [];
    let after: unknown = null;
    do {
      const { body } = await client.graphql(PAGE, { after });
      all.push(...names(dig(body, 'data', 'organization', 'repositories', 'nodes')));
      const info = dig(body, 'data', 'organization', 'repositories', 'pageInfo');
      after = dig(info, 'hasNextPage') === true ? dig(info, 'endCursor') : null;
      if (all.length === 10) await client.call(`DELETE /repos/acme/${all[0] ?? ''}`);
    } while (after !== null);
    expect(new Set(all).size).toBe(25);
    expect(all).toEqual(all.toSorted());
  });

  it('shows the same state as REST', async () => {
    const protection = {
      required_status_checks: { strict: false, contexts: ['ci', 'lint'] },
      enforce_admins: true,
      required_pull_request_reviews: null,
      restrictions: { users: [], teams: ['developers'] },
    };
    await client.call('PUT /repos/acme/billing-api/branches/main/protection', protection);
    const { body } = await client.graphql(`{ repository(owner: "acme", name: "billing-api") {
      databaseId hasWikiEnabled defaultBranchRef { name }
      object(expression: "HEAD:README.md") { ... on Blob { text } }
      branchProtectionRules(first: 5) { nodes { pattern isAdminEnforced requiresApprovingReviews
        requiredStatusChecks { context app { slug } } pushAllowances(first: 5) { nodes { actor { ... on Team { slug } } } } } } } }`);
    const rest = await client.call('GET /repos/acme/billing-api');
    expect(dig(body, 'data', 'repository')).toEqual({
      databaseId: dig(rest.body, 'id'),
      hasWikiEnabled: dig(rest.body, 'has_wiki'),
      defaultBranchRef: { name: 'main' },
      object: { text: '# billing-api\n' },
      branchProtectionRules: {
        nodes: [
          {
            pattern: 'main',
            isAdminEnforced: true,
            requiresApprovingReviews: false,
            requiredStatusChecks: [
              { context: 'ci', app: null },
              { context: 'lint', app: null },
            ],
            pushAllowances: { nodes: [{ actor: { slug: 'developers' } }] },
          },
        ],
      },
    });
  });

  it('shows rulesets with their parameters, and what they leave out as false', async () => {
    await client.call('POST /repos/acme/billing-api/rulesets', {
      name: 'main',
      target: 'branch',
      enforcement: 'evaluate',
      bypass_actors: [{ actor_id: 1, actor_type: 'OrganizationAdmin', bypass_mode: 'always' }],
      conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
      rules: [
        { type: 'deletion' },
        {
          type: 'required_status_checks',
          parameters: {
            required_status_checks: [{ context: 'ci' }],
            strict_required_status_checks_policy: true,
          },
        },
      ],
    });
    const { body } =
      await client.graphql(`{ repository(owner: "acme", name: "billing-api") { rulesets(first: 5) { nodes {
      name enforcement conditions { refName { include } repositoryName { include } } bypassActors(first: 5) { nodes { organizationAdmin bypassMode } }
      rules(first: 5) { nodes { type parameters { ... on RequiredStatusChecksParameters { doNotEnforceOnCreate requiredStatusChecks { context integrationId } } } } } } } } }`);
    expect(dig(body, 'data', 'repository', 'rulesets', 'nodes', 0)).toEqual({
      name: 'main',
      enforcement: 'EVALUATE',
      conditions: { refName: { include: ['~DEFAULT_BRANCH'] }, repositoryName: null },
      bypassActors: { nodes: [{ organizationAdmin: true, bypassMode: 'ALWAYS' }] },
      rules: {
        nodes: [
          { type: 'DELETION', parameters: null },
          {
            type: 'REQUIRED_STATUS_CHECKS',
            parameters: {
              doNotEnforceOnCreate: false,
              requiredStatusChecks: [{ context: 'ci', integrationId: null }],
            },
          },
        ],
      },
    });
  });

  it.each([
    ['{ viewer { login shoeSize } }', undefined],
    ['{ organization(login: "acme") { teams { totalCount } } }', 'MISSING_PAGINATION_BOUNDARIES'],
    ['{ organization(login: "acme") { teams(first: 101) { totalCount } } }', 'EXCESSIVE_PAGINATION'],
    [
      '{ organization(login: "acme") { repositories(first: 100) { nodes { issues(first: 100) { nodes { labels(first: 100) { totalCount } } } } } } }',
      'MAX_NODE_LIMIT_EXCEEDED',
    ],
    ['{ organization(login: "nobody") { id } }', 'NOT_FOUND'],
    ['{ node(id: "gone") { id } }', 'NOT_FOUND'],
  ])('refuses %s', async (query, type) => {
    const { status, body } = await client.graphql(query);
    expect(status).toBe(200);
    expect(dig(body, 'errors', 0, 'message')).toBeTruthy();
    expect(dig(body, 'errors', 0, 'type')).toBe(type);
  });

  it('counts a bulk query by its connections', async () => {
    const { body } = await client.graphql(`{ rateLimit { cost nodeCount } organization(login: "acme") {
      repositories(first: 100) { nodes { labels(first: 10) { totalCount } branchProtectionRules(first: 5) { totalCount } } } } }`);
    expect(dig(body, 'data', 'rateLimit')).toEqual({ cost: 2, nodeCount: 100 + 1000 + 500 });
  });
});
