import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAnswers, saveAnswers } from '../../src/github/cache-file.js';
import { ReadCache } from '../../src/github/read-cache.js';
import type { CacheMode, CachePolicy } from '../../src/policies/read-cache.js';
import { failureOfCall, type World, world } from './support.js';

const seed = [{ login: 'acme', repositories: [{ name: 'api' }, { name: 'web' }] }];
const at = { owner: 'acme', repo: 'api' };
const REPOSITORY = 'GET /repos/{owner}/{repo}';
const POLICY: CachePolicy = { mode: 'revalidate', maxEntries: 100, ttlMs: 300_000, slowTtlMs: 3_600_000 };
const QUERY = 'query($owner: String!) { repository(owner: $owner, name: "api") { description } }';

/** A cache with a clock of its own, and what tells how GitHub was asked. */
function cached(w: World, given: Partial<CachePolicy> = {}) {
  const clock = { now: 1_000_000 };
  const cache = new ReadCache({ ...POLICY, ...given }, undefined, () => clock.now);
  const sent = () => w.github.journal.requests().map(({ status }) => status);
  return { cache, clock, sent, github: w.client({ cache }) };
}
const change = (w: World, description: string): Promise<unknown> =>
  w.client().rest('PATCH /repos/{owner}/{repo}', { ...at, description });
const charged = async (w: World): Promise<number> => {
  const { data } = await w.client().rest('GET /rate_limit');
  return (data as { rate: { used: number } }).rate.used;
};

describe('answers that are asked for by their ETag', () => {
  it('cost nothing of the limit while they are unchanged, and show a change at once', async () => {
    const w = await world(seed, { limits: 'documented' });
    const { cache, github, sent } = cached(w);
    const first = await github.rest(REPOSITORY, at);
    const before = await charged(w);
    const again = await github.rest(REPOSITORY, at);
    expect(again).toMatchObject({ status: 200, data: first.data });
    expect(again.requestId).not.toBe(first.requestId);
    expect(sent().filter((status) => status === 304)).toHaveLength(1);
    expect(await charged(w)).toBe(before);
    await change(w, 'two');
    expect((await github.rest(REPOSITORY, at)).data).toMatchObject({ description: 'two' });
    expect(cache.statistics()).toEqual({
      cache_size: 1,
      cache_hits: 0,
      cache_misses: 2,
      revalidations: 1,
      hit_rate: 1 / 3,
      calls_saved: 1,
    });
  });

  it('are a GraphQL query’s never: it is asked each time', async () => {
    const w = await world(seed);
    const { cache, github } = cached(w);
    await github.graphql(QUERY, { owner: 'acme' });
    await change(w, 'two');
    expect((await github.graphql(QUERY, { owner: 'acme' })).data).toEqual({
      repository: { description: 'two' },
    });
    expect(cache.statistics()).toMatchObject({ cache_size: 0, cache_misses: 0, calls_saved: 0 });
  });

  it('are another’s where the media type or the page is another', async () => {
    const w = await world(seed);
    const { github, sent } = cached(w);
    const list = { org: 'acme', per_page: 1 };
    for (const page of [1, 2]) await github.rest('GET /orgs/{org}/repos', { ...list, page });
    for (const accept of ['application/vnd.github.mercy-preview+json', 'application/vnd.github+json'])
      await github.rest('GET /orgs/{org}/repos', { ...list, page: 1, headers: { accept } });
    expect(sent()).toEqual([200, 200, 200, 200]);
  });

  it.each([
    ['a full page without a next one', 2, undefined, false],
    ['a full page with a next one', 2, '<https://x/labels?page=2>; rel="next"', true],
    ['a page that is not full', 1, undefined, true],
  ])('of %s: what is added behind it is never hidden', (_, length, link, isKept) => {
    const key = 'https://x/labels?per_page=2';
    const headers = { etag: '"1"', ...(link === undefined ? {} : { link }) };
    const cache = new ReadCache(POLICY);
    cache.answered(key, {
      came: true,
      status: 200,
      readable: true,
      headers,
      data: [{}, {}].slice(0, length),
    });
    expect(cache.kept(key) !== undefined).toBe(isKept);
  });

  it('are refused and failed answers never', async () => {
    const w = await world(seed);
    const { cache, github } = cached(w);
    await github.rest(REPOSITORY, at);
    const missing = { owner: 'acme', repo: 'none' };
    expect((await failureOfCall(github.rest(REPOSITORY, missing))).failure).toMatchObject({ status: 404 });
    w.github.faults.add({ kind: 'malformed', match: { method: 'GET' }, times: 1 });
    await failureOfCall(github.rest(REPOSITORY, at));
    w.github.faults.add({ kind: 'status', status: 502, match: { method: 'GET' }, times: 1 });
    await failureOfCall(github.rest(REPOSITORY, at));
    expect(cache.statistics()).toMatchObject({ cache_size: 1, cache_misses: 1 });
    expect((await github.rest(REPOSITORY, at)).data).toMatchObject({ description: null });
  });

  it('are what a client without a cache sees, whatever others do meanwhile', async () => {
    const w = await world(seed);
    const plain = w.client();
    const label = fc.constantFrom('a', 'b', 'c');
    const act = fc.oneof(
      label.map(
        (name) => () => plain.rest('POST /repos/{owner}/{repo}/labels', { ...at, name, color: 'd73a4a' }),
      ),
      label.map((name) => () => plain.rest('DELETE /repos/{owner}/{repo}/labels/{name}', { ...at, name })),
      label.map((description) => () => change(w, description)),
      fc.constant(async () => undefined),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (acts) => {
        const { github } = cached(w);
        for (const one of acts) {
          await one().catch(() => undefined);
          const list = { ...at, per_page: 2 };
          expect(await github.list('GET /repos/{owner}/{repo}/labels', list)).toEqual(
            await plain.list('GET /repos/{owner}/{repo}/labels', list),
          );
          expect((await github.rest(REPOSITORY, at)).data).toEqual((await plain.rest(REPOSITORY, at)).data);
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe('recent answers', () => {
  it('are taken unasked for the time to live, then asked for by their ETag', async () => {
    const w = await world(seed);
    const { cache, clock, github, sent } = cached(w, { mode: 'recent' });
    await github.rest(REPOSITORY, at);
    await change(w, 'two');
    clock.now += 299_999;
    const kept = await github.rest(REPOSITORY, at);
    expect(kept.data).toMatchObject({ description: null });
    expect(sent()).toEqual([200, 200]);
    clock.now += 1;
    expect((await github.rest(REPOSITORY, at)).data).toMatchObject({ description: 'two' });
    clock.now += 300_000;
    await github.rest(REPOSITORY, at);
    expect(sent()).toEqual([200, 200, 200, 304]);
    clock.now += 299_999;
    await github.rest(REPOSITORY, at);
    expect(sent()).toEqual([200, 200, 200, 304]);
    expect(cache.statistics()).toMatchObject({ cache_hits: 2, revalidations: 1, cache_misses: 2 });
  });

  it('are taken for longer where they hardly ever change', async () => {
    const w = await world([{ ...seed[0], login: 'acme', members: [{ login: 'ada', role: 'member' }] }]);
    const { clock, github, sent } = cached(w, { mode: 'recent' });
    await github.rest('GET /users/{username}', { username: 'ada' });
    clock.now += 3_599_999;
    await github.rest('GET /users/{username}', { username: 'ada' });
    expect(sent()).toEqual([200]);
    clock.now += 1;
    await github.rest('GET /users/{username}', { username: 'ada' });
    expect(sent()).toEqual([200, 304]);
  });

  it('are a GraphQL query’s, too, where the answer is whole', async () => {
    const w = await world(seed);
    const { clock, github, sent } = cached(w, { mode: 'recent' });
    const inPart = '{ api: repository(owner: "acme", name: "none") { id } }';
    for (const _ of [1, 2]) {
      expect((await github.graphql(QUERY, { owner: 'acme' })).data).toEqual({
        repository: { description: null },
      });
      expect((await github.graphql(inPart)).errors).toHaveLength(1);
    }
    expect(sent()).toEqual([200, 200, 200]);
    await github.graphql(QUERY, { owner: 'ACME' });
    clock.now += 300_000;
    await github.graphql(QUERY, { owner: 'acme' });
    expect(sent()).toHaveLength(5);
  });

  it('do not change with what somebody does to one of them, nor under a clock that goes back', async () => {
    const w = await world(seed);
    const { clock, github, sent } = cached(w, { mode: 'recent' });
    const { data } = await github.rest(REPOSITORY, at);
    (data as { description: string }).description = 'mine';
    expect((await github.rest(REPOSITORY, at)).data).toMatchObject({ description: null });
    clock.now -= 1;
    await github.rest(REPOSITORY, at);
    expect(sent()).toEqual([200, 304]);
  });
});

describe('a cache', () => {
  it('holds no more answers than it may; the least recently used go', async () => {
    const repositories = ['a', 'b', 'c'].map((name) => ({ name }));
    const w = await world([{ login: 'acme', repositories }]);
    const { cache, github, sent } = cached(w, { maxEntries: 2 });
    for (const repo of ['a', 'b', 'a', 'c', 'a', 'b']) await github.rest(REPOSITORY, { owner: 'acme', repo });
    expect(sent()).toEqual([200, 200, 304, 200, 304, 200]);
    expect(cache.statistics().cache_size).toBe(2);
  });

  it.each<CacheMode>(['revalidate', 'recent'])('%s: lets its client write nothing', async (mode) => {
    const w = await world(seed);
    const { github } = cached(w, { mode });
    const mutation = 'mutation { deleteLabel(input: { id: "x" }) { clientMutationId } }';
    const writes = [
      () => github.rest('PATCH /repos/{owner}/{repo}', { ...at, has_wiki: false }),
      () => github.graphql(mutation, {}, { mutation: true }),
      () => github.mutate({ name: 'deleteLabel', input: { id: 'x' }, selection: 'x', what: 'x' }),
    ];
    for (const write of writes)
      expect((await failureOfCall(write())).message).toContain('a client with a cache writes nothing');
    expect(w.github.journal.requests()).toEqual([]);
  });
});

describe('the answers on disk', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orgsaga-cache-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('are another process’s, are this user’s only, and counts add up', async () => {
    const w = await world(seed);
    const path = join(directory, 'github', 'token.json');
    const reading = async () => {
      const cache = new ReadCache(POLICY, await loadAnswers(path));
      return { cache, github: w.client({ cache }) };
    };
    const first = await reading();
    const beside = await reading();
    for (const { cache, github } of [first, beside]) {
      await github.rest(REPOSITORY, at);
      await saveAnswers(path, cache);
    }
    const { cache, github } = await reading();
    await github.rest(REPOSITORY, at);
    expect(cache.statistics()).toMatchObject({ cache_misses: 2, revalidations: 1, cache_size: 1 });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it.each(['', '{', '{"version":2,"answers":[]}', '{"version":1,"answers":[["x",{"etag":1}]]}'])(
    'are none where the file holds %j',
    async (text) => {
      const path = join(directory, 'broken.json');
      await writeFile(path, text);
      expect(await loadAnswers(path)).toMatchObject({ answers: [] });
      await saveAnswers(path, new ReadCache(POLICY));
      expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ version: 1, answers: [] });
    },
  );

  it('hold no token', async () => {
    const w = await world(seed);
    const { cache, github } = cached(w, { mode: 'recent' });
    await github.rest(REPOSITORY, at);
    await github.graphql(QUERY, { owner: 'acme' });
    expect(JSON.stringify(cache.dump())).not.toContain('ghp_');
  });
});
