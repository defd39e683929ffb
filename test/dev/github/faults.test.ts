import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type FaultRule,
  type SimulatedGitHub,
  seedDemo,
  startSimulatedGitHub,
} from '../../../src/dev/github/index.js';
import { clientOf, dig } from './client.js';

let github: SimulatedGitHub;
let client: ReturnType<typeof clientOf>;
beforeEach(async () => {
  github = await startSimulatedGitHub({ seed: [seedDemo(6)] });
  client = clientOf(github);
});
afterEach(() => github.close());

const PATCH = 'PATCH /repos/acme/billing-api';
const match = { method: 'PATCH', path: '/repos/acme/*' };
const patch = () => client.call(PATCH, { description: 'changed' });
const applied = (): boolean =>
  github.state.repository('acme', 'billing-api').settings['description'] === 'changed';

/** Resolves when `condition` holds; the test's own timeout bounds it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('faults', () => {
  it.each([
    ['before', false],
    ['after', true],
  ] as const)('answers a status %s the change', async (when, change) => {
    const id = github.faults.add({
      match,
      when,
      kind: 'status',
      status: 503,
      headers: { 'retry-after': '7' },
    });
    const answer = await patch();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(applied()).toBe(change);
    expect(github.journal.requests()).toMatchObject([{ status: 503, fault: id }]);
  });

  it.each([
    ['before', false],
    ['after', true],
  ] as const)('resets the connection %s the change', async (when, change) => {
    github.faults.add({ match, when, kind: 'reset', times: 1 });
    await expect(patch()).rejects.toThrow('fetch failed');
    expect(applied()).toBe(change);
    expect(github.journal.requests()).toMatchObject([{ status: 0 }]);
  });

  it('hangs, and ends at the latest when the server closes', async () => {
    github.faults.add({ match, when: 'after', kind: 'hang' });
    const pending = expect(patch()).rejects.toThrow('fetch failed');
    await until(applied);
    await github.close();
    await pending;
  });

  it('hangs for a given time, then resets', async () => {
    github.faults.add({ match, kind: 'hang', ms: 20 });
    await expect(patch()).rejects.toThrow('fetch failed');
    expect(applied()).toBe(false);
  });

  it('delays the true answer, with the change before or after the wait', async () => {
    github.faults.add({ match, when: 'after', kind: 'delay', ms: 200 });
    const pending = patch();
    await until(applied);
    expect(github.journal.requests()[0]?.status).toBe(0);
    expect((await pending).status).toBe(200);
  });

  it('sends half of the JSON', async () => {
    github.faults.add({ match, when: 'after', kind: 'malformed' });
    await expect(patch()).rejects.toThrow(SyntaxError);
    expect(applied()).toBe(true);
  });

  it('answers 502 and applies the change later', async () => {
    github.faults.add({ match, kind: 'apply-later', ms: 1, apply_ms: 60 });
    expect((await patch()).status).toBe(502);
    expect(applied()).toBe(false);
    await until(applied);
    expect(github.journal.effects()).toMatchObject([
      { kind: 'repository.update', request: 1, changed: true },
    ]);
  });

  it('lets the first pass, strikes so often, and then is over', async () => {
    github.faults.add({ match, kind: 'status', status: 500, skip: 1, times: 2 });
    const statuses: number[] = [];
    for (let index = 0; index < 5; index++) statuses.push((await patch()).status);
    expect(statuses).toEqual([200, 500, 500, 200, 200]);
    expect(github.faults.list()).toMatchObject([{ seen: 5, struck: 2 }]);
  });

  it('strikes the same requests under the same seed', async () => {
    const rule: FaultRule = { match, kind: 'status', status: 500, probability: 0.5, seed: 42 };
    const round = async (): Promise<number[]> => {
      github.faults.clear();
      github.faults.add(rule);
      const statuses: number[] = [];
      for (let index = 0; index < 20; index++) statuses.push((await patch()).status);
      return statuses;
    };
    const first = await round();
    expect(new Set(first)).toEqual(new Set([200, 500]));
    expect(await round()).toEqual(first);
  });

  it.each<[string, FaultRule['match'], boolean]>([
    ['a regular expression', { path: '/billing-(api|web)$/' }, true],
    ['another method', { method: 'PUT' }, false],
    ['the repository', { repo: 'billing-*' }, true],
    ['the full name', { repo: 'acme/billing-api' }, true],
    ['another repository', { repo: 'acme/search-api' }, false],
    ['the caller', { caller: 'test' }, true],
    ['another caller', { caller: 'worker-2' }, false],
    ['a GraphQL operation', { operation: 'createIssue' }, false],
  ])('matches by %s', async (_name, by, strikes) => {
    github.faults.add({ match: by, kind: 'status', status: 500 });
    expect((await patch()).status).toBe(strikes ? 500 : 200);
  });

  it('matches a path by id under its name too', async () => {
    github.faults.add({ match: { path: '/repos/acme/billing-api' }, kind: 'status', status: 500 });
    const { id } = github.state.repository('acme', 'billing-api');
    expect((await client.call(`PATCH /repositories/${id}`, {})).status).toBe(500);
  });
});

const issueIn = (name: string): string =>
  `createIssue(input: { repositoryId: "${github.state.repository('acme', name).node_id}", title: "x" }) { issue { number } }`;
const issues = () => client.graphql(`mutation { a: ${issueIn('billing-api')} b: ${issueIn('search-api')} }`);
const created = () => github.journal.effects().map(({ repository }) => repository);

describe('faults on GraphQL', () => {
  it.each([
    ['before', ['acme/billing-api']],
    ['after', ['acme/billing-api', 'acme/search-api']],
  ] as const)('fails one alias by its repository, %s the change', async (when, effects) => {
    const id = github.faults.add({
      match: { operation: 'createIssue', repo: 'acme/search-api' },
      when,
      kind: 'graphql-error',
      type: 'FORBIDDEN',
      message: 'no',
    });
    const { status, body } = await issues();
    expect(status).toBe(200);
    expect(dig(body, 'data')).toEqual({ a: { issue: { number: 1 } }, b: null });
    expect(dig(body, 'errors')).toMatchObject([{ path: ['b'], type: 'FORBIDDEN', message: 'no' }]);
    expect(created()).toEqual(effects);
    expect(github.journal.requests()[0]?.fault).toBe(id);
  });

  it('fails a request of which only the first mutations were applied', async () => {
    github.faults.add({
      match: { operation: 'createIssue' },
      when: 'after',
      kind: 'status',
      status: 502,
      apply_first: 1,
    });
    expect((await issues()).status).toBe(502);
    expect(created()).toEqual(['acme/billing-api']);
  });

  it('fails the whole request for one repository in it, and no other request', async () => {
    github.faults.add({ match: { repo: 'search-api' }, kind: 'status', status: 500 });
    expect((await issues()).status).toBe(500);
    expect(created()).toEqual([]);
    expect((await client.graphql('{ viewer { login } }')).status).toBe(200);
  });
});

it('drops what is pending when it closes, and frees the port', async () => {
  const other = await startSimulatedGitHub({ seed: [seedDemo(1)] });
  await expect(startSimulatedGitHub({ port: other.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  other.faults.add({ match: {}, kind: 'apply-later', ms: 0, apply_ms: 50 });
  expect((await clientOf(other).call(PATCH, { description: 'changed' })).status).toBe(502);
  await other.close();
  const again = await startSimulatedGitHub({ port: other.port });
  // Longer than the effect was to wait.
  again.setLatency(100);
  await clientOf(again).call('GET /meta');
  await again.close();
  expect(other.journal.effects()).toEqual([]);
});
