import { expect, it } from 'vitest';
import type { BreakerTransition } from '../../src/store/breaker-ledger.js';
import { describeStores } from '../support/stores.js';

const HOST = 'https://api.github.com';
const OTHER = 'https://github.example.com/api/v3';
const isolate = { kind: 'isolate', actor: 'ada', reason: 'an incident' } as const;
const transition = (over: Partial<BreakerTransition> = {}): BreakerTransition => ({
  host: HOST,
  lane: 'write',
  worker: 'w1',
  token: 'default',
  from: 'closed',
  to: 'open',
  reason: 'status 502',
  at: 0,
  ...over,
});

describeStores('Circuit breakers in the store', ({ kind, fresh, open }) => {
  it('have the newest order for each lane of a host, told to every worker with its turns', async () => {
    const options = await fresh();
    const [one, other] = [await open(options), await open(options)];
    await one.orderBreakers(HOST, isolate, ['read', 'write']);
    await other.orderBreakers(HOST, { kind: 'reset', actor: 'lin', reason: '' }, ['read']);
    await one.orderBreakers(OTHER, isolate, ['content']);
    const orders = await other.breakerOrders(HOST);
    expect(orders).toMatchObject([
      { lane: 'write', ...isolate },
      { lane: 'read', kind: 'reset', actor: 'lin' },
    ]);
    expect(orders[1]?.id).toBeGreaterThan(orders[0]?.id ?? 0);
    const noting = { host: HOST, token: 't', worker: 'w', after: 0 };
    await other.noteTurns(noting, (noted) => {
      expect(noted.orders).toEqual(orders);
      return [];
    });
  });

  it('keep their transitions, the newest first', async () => {
    const store = await open(await fresh());
    await store.saveTransition(transition());
    await store.saveTransition(transition({ host: OTHER }));
    await store.saveTransition(transition({ from: 'open', to: 'half-open', reason: 'it is time to ask' }));
    expect(await store.transitions(HOST, 10)).toMatchObject([
      { from: 'open', to: 'half-open', lane: 'write', worker: 'w1', token: 'default' },
      { from: 'closed', to: 'open', reason: 'status 502' },
    ]);
    expect(await store.transitions(HOST, 1)).toHaveLength(1);
  });

  it('know which workers are there and how each stands with each token, until it ends', async () => {
    const store = await open(await fresh());
    const gate = { host: HOST, worker: 'w1', token: 'default', body: { queued: 1 } };
    await store.saveGate(gate);
    await store.saveGate({ ...gate, body: { queued: 2 } });
    await store.saveGate({ ...gate, token: 'acme' });
    await store.saveGate({ ...gate, worker: 'w2' });
    await store.saveGate({ ...gate, worker: 'w3', host: OTHER });
    const known = async () =>
      (await store.gates(HOST)).map(({ worker, token, body }) => ({ worker, token, body }));
    expect(await known()).toEqual([
      { worker: 'w1', token: 'acme', body: { queued: 1 } },
      { worker: 'w1', token: 'default', body: { queued: 2 } },
      { worker: 'w2', token: 'default', body: { queued: 1 } },
    ]);
    await store.forgetGates('w1');
    expect(await known()).toHaveLength(1);
  });

  it.runIf(kind === 'sqlite')('forget a worker that has said nothing for half a minute', async () => {
    const clock = { now: 1_700_000_000_000 };
    const store = await open({ ...(await fresh()), now: () => clock.now });
    await store.saveGate({ host: HOST, worker: 'w1', token: 'default', body: {} });
    clock.now += 30_000;
    expect(await store.gates(HOST)).toHaveLength(1);
    clock.now += 1;
    expect(await store.gates(HOST)).toEqual([]);
    await store.saveGate({ host: HOST, worker: 'w2', token: 'default', body: {} });
    clock.now -= 1;
    expect((await store.gates(HOST)).map(({ worker }) => worker)).toEqual(['w2']);
  });
});
