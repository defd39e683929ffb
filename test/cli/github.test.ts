import { describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { GitHubError } from '../../src/github/errors.js';
import type { BreakerOrder } from '../../src/policies/breaker-orders.js';
import type { BreakerLedger, GateRecord } from '../../src/store/breaker-ledger.js';
import { fakeDeps, orgsaga } from './support/fakes.js';

const HOST = 'https://api.github.com';
const NOW = Date.parse('2026-01-02T03:04:05Z');
const CLOSED = { state: 'closed', failures: 0 } as const;
const TOLD_CLOSED = { state: 'closed', since: null, until: null };
const env = { GITHUB_TOKEN: 'a-token', ORGSAGA_ACTOR: 'ada' };
const window = { limit: 5_000, used: 1, remaining: 4_999, reset: NOW / 1_000 + 3_600 };

const gate = (worker: string, write: object): GateRecord => ({
  host: HOST,
  worker,
  token: 'default',
  at: NOW,
  body: {
    queued: 3,
    inFlight: 1,
    budgets: {},
    closed: { secondary: NOW + 60_000 },
    pace: { rest: 10, graphql: 5, content: 0 },
    breakers: { read: CLOSED, write, content: CLOSED } as never,
  },
});

interface Known {
  gates?: GateRecord[];
  orders?: BreakerOrder[];
}

/** What was ordered of the store, and the rest of what a command needs. */
function installation({ gates = [], orders = [] }: Known = {}, given: Partial<Deps> = {}) {
  const ordered: unknown[] = [];
  const store: Partial<BreakerLedger> = {
    orderBreakers: async (...order) => void ordered.push(order),
    breakerOrders: async () => orders,
    gates: async () => gates,
    transitions: async () => [
      {
        host: HOST,
        lane: 'write',
        worker: '1@here',
        token: 'default',
        from: 'closed',
        to: 'open',
        reason: 'status 502',
        at: NOW,
      },
    ],
  };
  const deps = fakeDeps({
    withStore: (_, work) => work(store as BreakerLedger),
    probeGitHub: async () => ({ rest: window, graphql: null }),
    ...given,
  });
  return { deps, ordered };
}

const NOTHING_CACHED = {
  cache_size: 0,
  cache_hits: 0,
  cache_misses: 0,
  revalidations: 0,
  hit_rate: 0,
  calls_saved: 0,
};
const open = { state: 'open', since: NOW - 90_000, until: NOW + 30_000 };

describe('github status', () => {
  it('has limits, the worst state of each lane over all workers, the workers and the transitions', async () => {
    const { deps } = installation({ gates: [gate('1@here', open), gate('2@there', CLOSED)] });
    const ran = await orgsaga(['github', 'status', '--json'], deps, { env });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toEqual({
      host: HOST,
      limits: [
        {
          token: 'default',
          core: { ...window, reset: '2026-01-02T04:04:05.000Z' },
          graphql: null,
          error: null,
        },
      ],
      cache: [{ token: 'default', ...NOTHING_CACHED }],
      breakers: [
        { lane: 'read', state: 'closed', order: null },
        { lane: 'write', state: 'open', order: null },
        { lane: 'content', state: 'closed', order: null },
      ],
      workers: ['1@here', '2@there'].map((worker) => ({
        worker,
        token: 'default',
        at: '2026-01-02T03:04:05.000Z',
        queued: 3,
        inFlight: 1,
        pace: { rest: 10, graphql: 5, content: 0 },
        breakers: {
          read: TOLD_CLOSED,
          write:
            worker === '1@here'
              ? { state: 'open', since: '2026-01-02T03:02:35.000Z', until: '2026-01-02T03:04:35.000Z' }
              : TOLD_CLOSED,
          content: TOLD_CLOSED,
        },
        closed: [{ window: 'secondary', until: '2026-01-02T03:05:05.000Z' }],
      })),
      transitions: [
        {
          at: '2026-01-02T03:04:05.000Z',
          lane: 'write',
          from: 'closed',
          to: 'open',
          worker: '1@here',
          token: 'default',
          reason: 'status 502',
        },
      ],
    });
    const { stdout } = await orgsaga(['github', 'status'], deps, { env });
    expect(stdout).toMatch(/default +core +4999 of 5000 +2026-01-02T04:04:05/);
    expect(stdout).toMatch(/write +open +2026-01-02T03:02:35/);
    expect(stdout).toMatch(/1@here +default +1 +3 +10 REST, 5 GraphQL, 0 content +secondary until/);
    expect(stdout).toMatch(/closed +open +1@here +status 502/);
  });

  it('shows a person’s word over what workers have said, which learn of it when they ask next', async () => {
    const order = { id: 1, lane: 'write', actor: 'lin', reason: 'an incident', at: NOW } as const;
    const isolated = { state: 'isolated', since: NOW };
    const shut = installation({ gates: [gate('1@here', CLOSED)], orders: [{ ...order, kind: 'isolate' }] });
    expect((await orgsaga(['github', 'status'], shut.deps, { env })).stdout).toMatch(
      /write +isolated +2026-01-02T03:04:05.000Z +by lin: an incident/,
    );
    const reset = installation({ gates: [gate('1@here', isolated)], orders: [{ ...order, kind: 'reset' }] });
    const { stdout } = await orgsaga(['github', 'status', '--json'], reset.deps, { env });
    expect(JSON.parse(stdout)).toMatchObject({
      breakers: [{}, { state: 'closed', order: { kind: 'reset', actor: 'lin' } }, {}],
    });
  });

  it.each([
    ['does not answer', new GitHubError('GitHub is gone', { kind: 'unknown', status: null }), 0],
    [
      'does not take the token',
      new GitHubError('Bad credentials', { kind: 'unauthenticated', status: 401 }),
      4,
    ],
  ])('is told also where GitHub %s', async (_, error, code) => {
    const { deps } = installation({}, { probeGitHub: () => Promise.reject(error) });
    const ran = await orgsaga(['github', 'status', '--json'], deps, { env });
    expect(ran.code).toBe(code);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      limits: [{ token: 'default', core: null, error: error.message }],
      breakers: [{ state: 'closed' }, { state: 'closed' }, { state: 'closed' }],
    });
    expect(ran.stderr).toContain(error.message);
    expect(ran.stderr).toContain('No worker that shares this store');
  });

  it('says which token is missing, and tells the rest', async () => {
    const { deps } = installation();
    const ran = await orgsaga(['github', 'status'], deps, { env: {} });
    expect(ran.code).toBe(4);
    expect(ran.stdout).toMatch(/default +not known/);
    expect(ran.stdout).toContain('BREAKER');
    expect(ran.stderr).toContain(
      'The limits of token default are not known: there is no token here: set GITHUB_TOKEN',
    );
  });
});

describe('github isolate and reset', () => {
  it('tell all workers of the store, who and why', async () => {
    const { deps, ordered } = installation({ gates: [gate('1@here', CLOSED)] });
    const ran = await orgsaga(['github', 'isolate', '--reason', 'an\nincident'], deps, { env });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('orgsaga github reset');
    const one = await orgsaga(['github', 'reset', '--lane', 'write', '--json'], deps, { env });
    expect(JSON.parse(one.stdout)).toEqual({
      host: HOST,
      lanes: ['write'],
      order: 'reset',
      actor: 'ada',
      reason: '',
    });
    expect(ordered).toEqual([
      [HOST, { kind: 'isolate', actor: 'ada', reason: 'an incident' }, ['read', 'write', 'content']],
      [HOST, { kind: 'reset', actor: 'ada', reason: '' }, ['write']],
    ]);
  });

  it('keep no secret that a reason holds, and no more than is read', async () => {
    const { deps, ordered } = installation();
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    await orgsaga(['github', 'isolate', '--reason', `${secret} ${'x'.repeat(1_000)}`], deps, { env });
    expect(JSON.stringify(ordered)).not.toContain(secret);
    expect(JSON.stringify(ordered).length).toBeLessThan(400);
  });

  it('say where nobody hears it', async () => {
    const { deps, ordered } = installation();
    const ran = await orgsaga(['github', 'isolate'], deps, { env });
    expect([ran.code, ordered.length]).toEqual([0, 1]);
    expect(ran.stderr).toContain('No worker that shares this store');
  });

  it('know the lanes', async () => {
    const { deps, ordered } = installation();
    const ran = await orgsaga(['github', 'isolate', '--lane', 'writes'], deps, { env });
    expect([ran.code, ordered]).toEqual([2, []]);
    expect(ran.stderr).toContain('It must be one of read, write, content.');
  });
});
