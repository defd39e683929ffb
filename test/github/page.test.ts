import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GitHubClient } from '../../src/github/client.js';
import { readRepositoryPage } from '../../src/github/read/index.js';
import { countRequests } from '../../src/github/request-count.js';
import type { PageCursor, RepositoryNeeds, RepositoryState } from '../../src/standards/model.js';
import { expectedPermission, type FakeLists, fakeLists } from './fake-lists.js';
import { failureOfCall, NO_NEEDS, world } from './support.js';

async function readAll(
  client: GitHubClient,
  needs: RepositoryNeeds,
  size: number,
): Promise<{ repositories: RepositoryState[]; pages: number[] }> {
  const repositories: RepositoryState[] = [];
  const pages: number[] = [];
  let cursor: PageCursor | null = null;
  do {
    const page: Awaited<ReturnType<typeof readRepositoryPage>> = await readRepositoryPage(
      client,
      'acme',
      needs,
      cursor,
      size,
    );
    repositories.push(...page.repositories);
    pages.push(page.repositories.length);
    // The cursor travels as JSON.
    cursor = JSON.parse(JSON.stringify(page.next)) as PageCursor | null;
  } while (cursor !== null);
  return { repositories, pages };
}

function truth({ repositories, teams }: FakeLists): Record<string, Record<string, string>> {
  return Object.fromEntries(
    repositories.map((name) => [
      name,
      Object.fromEntries(
        Object.entries(teams).flatMap(([slug, list]) =>
          list.includes(name) ? [[slug, expectedPermission(slug, name)]] : [],
        ),
      ),
    ]),
  );
}

const found = (repositories: RepositoryState[]): Record<string, Record<string, string>> =>
  Object.fromEntries(repositories.map(({ name, teams }) => [name, teams]));

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `repo-${String(at).padStart(4, '0')}`);

describe('requests of a whole organisation', () => {
  it.each([
    [60, 100, 1],
    [500, 100, 5],
    [500, 50, 10],
  ])('%i repositories by %i take %i queries, teams included', async (count, size, queries) => {
    const repositories = names(count);
    const lists: FakeLists = {
      repositories,
      teams: { dense: repositories, sparse: repositories.filter((_, at) => at % 97 === 3), none: [] },
    };
    const fake = fakeLists(lists);
    const { repositories: read } = await readAll(
      fake.client,
      { ...NO_NEEDS, teams: ['dense', 'sparse', 'none', 'unknown'] },
      size,
    );
    expect(found(read)).toEqual(truth(lists));
    expect(fake.queries()).toBe(queries);
  });

  it('500 repositories of the simulated GitHub take 5 requests, everything asked', async () => {
    const repositories = names(500).map((name, at) => ({
      name,
      topics: ['managed'],
      teams: { dev: 'push' as const, ...(at % 50 === 7 ? { ops: 'admin' as const } : {}) },
      branch_protection: {
        main: {
          required_status_checks: null,
          enforce_admins: true,
          required_pull_request_reviews: null,
          restrictions: null,
        },
      },
    }));
    const { client } = await world([
      { login: 'acme', teams: [{ name: 'dev' }, { name: 'ops' }, { name: 'idle' }], repositories },
    ]);
    const needs = {
      ...NO_NEEDS,
      settings: ['has_wiki', 'allow_merge_commit'],
      topics: true,
      branch_protection: true,
      teams: ['dev', 'ops', 'idle'],
    };
    const { outcome, count } = await countRequests(() => readAll(client({ timeoutMs: 20_000 }), needs, 100));
    if (!outcome.ok) throw outcome.error;
    expect(count).toEqual({ rest: 0, graphql: 5, mutating: 0 });
    const read = outcome.value.repositories;
    expect(read.map(({ name }) => name)).toEqual(names(500));
    expect(read[7]).toMatchObject({
      teams: { dev: 'push', ops: 'admin' },
      topics: ['managed'],
      settings: { has_wiki: true, allow_merge_commit: true },
      branch_protection: { main: { enforce_admins: true, restrictions: null } },
    });
  });
});

describe('teams joined with repositories', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9._-]{1,4}$/);
  const unique = fc.uniqueArray(name, { selector: (each) => each.toLowerCase(), maxLength: 24 });
  const orders: Record<string, (left: string, right: string) => number> = {
    lower: (left, right) => (left.toLowerCase() < right.toLowerCase() ? -1 : 1),
    upper: (left, right) => (left.toUpperCase() < right.toUpperCase() ? -1 : 1),
    binary: (left, right) => (left < right ? -1 : 1),
    english: (left, right) => left.localeCompare(right, 'en'),
  };

  it('finds each permission in whatever collation, with holes, by any page size', async () => {
    await fc.assert(
      fc.asyncProperty(
        unique,
        fc.constantFrom(...Object.keys(orders)),
        fc.integer({ min: 1, max: 7 }),
        fc.func(fc.boolean()),
        fc.func(fc.boolean()),
        async (all, order, size, isHole, hasAccess) => {
          const sorted = all.toSorted(orders[order]);
          const lists: FakeLists = {
            repositories: sorted.filter((each) => !isHole(each)),
            teams: { dense: sorted, sparse: sorted.filter((each) => hasAccess(each)), none: [] },
          };
          const needs = { ...NO_NEEDS, teams: Object.keys(lists.teams) };
          const { repositories } = await readAll(fakeLists(lists).client, needs, size);
          expect(found(repositories)).toEqual(truth(lists));
        },
      ),
    );
  });

  it('reads a team whole where its list follows no order', async () => {
    const repositories = names(30);
    const shuffled = repositories.toSorted(
      (left, right) => ((Number(left.slice(5)) * 7) % 31) - ((Number(right.slice(5)) * 7) % 31),
    );
    const lists = { repositories, teams: { shuffled, sorted: repositories } };
    const fake = fakeLists(lists);
    const { repositories: read } = await readAll(
      fake.client,
      { ...NO_NEEDS, teams: ['shuffled', 'sorted'] },
      10,
    );
    expect(found(read)).toEqual(truth(lists));
  });

  it('reads teams whole where the organisation list follows no order', async () => {
    const sorted = names(30);
    const repositories = sorted.toReversed();
    const lists = { repositories, teams: { dev: sorted } };
    const { repositories: read } = await readAll(
      fakeLists(lists).client,
      { ...NO_NEEDS, teams: ['dev'] },
      10,
    );
    expect(found(read)).toEqual(truth(lists));
  });
});

describe('a page that is too heavy', () => {
  const seed = [{ login: 'acme', repositories: names(40).map((name) => ({ name })) }];

  it('is read again with half as many, and so are the pages behind it', async () => {
    const w = await world(seed);
    w.github.faults.add({ match: { path: '/graphql' }, kind: 'status', status: 502, times: 2 });
    const { repositories, pages } = await readAll(w.client({ timeoutMs: 20_000 }), NO_NEEDS, 40);
    expect(repositories).toHaveLength(40);
    expect(pages).toEqual([10, 10, 10, 10]);
  });

  it('that GitHub answers in part is not taken for whole', async () => {
    const w = await world(seed);
    const body = {
      data: { organization: { repositories: { nodes: [], pageInfo: { hasNextPage: false } } } },
      errors: [{ type: 'RESOURCE_LIMITS_EXCEEDED', message: 'Resource limits for this query exceeded.' }],
    };
    w.github.faults.add({ match: { path: '/graphql' }, kind: 'status', status: 200, body, times: 1 });
    const { repositories, pages } = await readAll(w.client({ timeoutMs: 20_000 }), NO_NEEDS, 40);
    expect(repositories).toHaveLength(40);
    expect(pages).toEqual([20, 20]);
  });

  it('fails in the end, as unknown', async () => {
    const w = await world(seed);
    w.github.faults.add({ match: { path: '/graphql' }, kind: 'status', status: 502 });
    const error = await failureOfCall(readRepositoryPage(w.client(), 'acme', NO_NEEDS, null, 40));
    expect(error.failure).toEqual({ kind: 'unknown', status: 502 });
  });
});

describe('lists inside a repository', () => {
  it('are read to their end', async () => {
    const body = {
      required_status_checks: null,
      enforce_admins: true,
      required_pull_request_reviews: null,
      restrictions: { users: Array.from({ length: 14 }, (_, at) => `user${at}`), teams: [], apps: [] },
    };
    const { client } = await world([
      {
        login: 'acme',
        users: body.restrictions.users,
        repositories: [
          {
            name: 'big',
            labels: Array.from({ length: 130 }, (_, at) => ({
              name: `label ${String(at).padStart(3, '0')}`,
              color: 'ffffff',
            })),
            branch_protection: Object.fromEntries(
              ['main', 'a', 'b', 'c', 'd', 'e', 'f/*'].map((pattern) => [pattern, body]),
            ),
          },
          { name: 'small' },
        ],
      },
    ]);
    const needs = { ...NO_NEEDS, labels: true, branch_protection: true };
    const { outcome, count } = await countRequests(() => readAll(client({ timeoutMs: 20_000 }), needs, 100));
    if (!outcome.ok) throw outcome.error;
    const [big] = outcome.value.repositories;
    expect(big?.labels).toHaveLength(130);
    expect(Object.keys(big?.branch_protection ?? {})).toHaveLength(7);
    expect(big?.branch_protection['main']?.['restrictions']).toMatchObject({ users: { length: 14 } });
    expect(count).toEqual({ rest: 2, graphql: 2, mutating: 0 });
  });
});

it('says that an organisation is not there', async () => {
  const { client } = await world([]);
  for (const graphql of [true, false]) {
    const call = readRepositoryPage(client({ graphql, timeoutMs: 20_000 }), 'nobody', NO_NEEDS, null, 10);
    const error = await failureOfCall(call);
    expect(error.failure).toEqual({ kind: 'refused', status: 404 });
    expect(error.message).toContain('organization nobody is not there');
  }
});
