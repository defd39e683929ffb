import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGate, type Gate, type GateOptions } from '../../src/github/gate.js';
import type { Pass } from '../../src/github/gate-contract.js';
import { OPEN } from './support.js';

const read = { lane: 'read', resource: 'core' } as const;
const write = { lane: 'write', resource: 'core' } as const;
const query = { lane: 'read', resource: 'graphql' } as const;
const breaker = { failure_threshold: 3, timeout: 30_000, success_threshold: 2 };
const gateWith = (lanes: Partial<GateOptions['lanes']> = {}, more: Partial<GateOptions> = {}): Gate =>
  createGate({ lanes: { ...OPEN, ...lanes }, breaker, ...more });

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What became of a call that may still wait: its pass, its failure, or nothing yet. */
function watch(promise: Promise<Pass>): { pass: Pass | null; failure: unknown } {
  const seen: { pass: Pass | null; failure: unknown } = { pass: null, failure: null };
  promise.then(
    (pass) => {
      seen.pass = pass;
    },
    (error: { failure: unknown }) => {
      seen.failure = error.failure;
    },
  );
  return seen;
}

const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('gate', () => {
  it('holds back what exceeds the concurrency until something ends, urgent calls first', async () => {
    const gate = gateWith({ concurrent: 1 });
    const first = await gate.acquire(read, { maxWaitMs: 5_000 });
    const later = watch(gate.acquire(read, { maxWaitMs: 5_000 }));
    const urgent = watch(gate.acquire(write, { maxWaitMs: 5_000, priority: 'undo' }));
    await settled();
    expect([later.pass, urgent.pass]).toEqual([null, null]);
    first.settle({ health: 'success' });
    await settled();
    expect(urgent.pass).not.toBeNull();
    expect(later.pass).toBeNull();
    urgent.pass?.settle({ health: 'success' });
    await settled();
    expect(later.pass).not.toBeNull();
  });

  it('lets those of different keys take turns, those of one in the order of asking', async () => {
    const gate = gateWith({ concurrent: 1 });
    const first = await gate.acquire(read, { maxWaitMs: 60_000 });
    const order: string[] = [];
    const ask = (name: string, fairnessKey: string, priority: 'do' | 'undo' = 'do') =>
      gate.acquire(read, { maxWaitMs: 60_000, fairnessKey, priority }).then((pass) => {
        order.push(name);
        pass.settle({ health: 'success' });
      });
    const asked = ['large 1', 'large 2', 'large 3'].map((name) => ask(name, 'large'));
    asked.push(ask('small 1', 'small'), ask('small 2', 'small'), ask('undo', 'large', 'undo'));
    first.settle({ health: 'success' });
    await Promise.all(asked);
    expect(order).toEqual(['undo', 'large 1', 'small 1', 'large 2', 'small 2', 'large 3']);
  });

  it('refuses unsent what would wait longer than it may', async () => {
    const gate = gateWith({ concurrent: 1 });
    await gate.acquire(read, { maxWaitMs: 0 });
    const waiting = watch(gate.acquire(read, { maxWaitMs: 2_000 }));
    await vi.advanceTimersByTimeAsync(1_999);
    expect(waiting.failure).toBeNull();
    await vi.advanceTimersByTimeAsync(2);
    expect(waiting.failure).toMatchObject({ kind: 'unavailable' });
    expect(gate.snapshot().queued).toBe(0);
  });

  it('closes the window of a limited answer for everything of that resource, what is queued included', async () => {
    const gate = gateWith({ concurrent: 1 });
    const first = await gate.acquire(read, { maxWaitMs: 0 });
    const queued = watch(gate.acquire(write, { maxWaitMs: 5_000 }));
    await settled();
    first.settle({ health: 'success', closed: { window: 'core', until: 1_060_000 } });
    await settled();
    expect(queued.failure).toMatchObject({ kind: 'unavailable', until: 1_060_000 });
    await expect(gate.acquire(query, { maxWaitMs: 0 })).resolves.toBeDefined();
    expect(gate.snapshot().closed).toEqual({ core: 1_060_000 });
  });

  it('closes everything on a secondary limit, and lets go when it is over', async () => {
    const gate = gateWith();
    (await gate.acquire(write, { maxWaitMs: 0 })).settle({
      health: 'success',
      closed: { window: 'secondary', until: 1_003_000 },
    });
    await expect(gate.acquire(query, { maxWaitMs: 1_000 })).rejects.toMatchObject({
      failure: { kind: 'unavailable', until: 1_003_000 },
    });
    const patient = watch(gate.acquire(query, { maxWaitMs: 5_000 }));
    await vi.advanceTimersByTimeAsync(2_999);
    expect(patient.pass).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect(patient.pass).not.toBeNull();
  });

  it('sends no more than the primary limit has left, those under way counted', async () => {
    const gate = gateWith();
    (await gate.acquire(read, { maxWaitMs: 0 })).settle({
      health: 'success',
      budget: { resource: 'core', remaining: 2, resetAt: 1_010_000 },
    });
    await gate.acquire(read, { maxWaitMs: 0 });
    await gate.acquire(read, { maxWaitMs: 0 });
    await expect(gate.acquire(read, { maxWaitMs: 0 })).rejects.toMatchObject({
      failure: { until: 1_010_000 },
    });
    await expect(gate.acquire(query, { maxWaitMs: 0 })).resolves.toBeDefined();
  });

  it('opens the breaker of one lane after failures of GitHub, probes after the timeout, and closes again', async () => {
    const transitions: string[] = [];
    const gate = gateWith(
      {},
      {
        onTransition: ({ lane, from, to, reason }) =>
          transitions.push(`${lane} ${from.state} ${to.state}: ${reason}`),
      },
    );
    for (let count = 0; count < 3; count += 1)
      (await gate.acquire(write, { maxWaitMs: 0 })).settle({ health: 'failure', reason: 'status 502' });
    await expect(gate.acquire(write, { maxWaitMs: 0 })).rejects.toMatchObject({
      failure: { until: 1_030_000 },
    });
    (await gate.acquire(read, { maxWaitMs: 0 })).settle({ health: 'success' });
    await vi.advanceTimersByTimeAsync(30_000);
    const probe = await gate.acquire(write, { maxWaitMs: 0 });
    const behind = watch(gate.acquire(write, { maxWaitMs: 5_000 }));
    await settled();
    expect(behind.pass).toBeNull();
    probe.settle({ health: 'success' });
    await settled();
    behind.pass?.settle({ health: 'success' });
    expect(gate.snapshot().breakers.write).toEqual({ state: 'closed', failures: 0 });
    expect(transitions).toEqual([
      'write closed open: status 502',
      'write open half-open: it is time to ask',
      'write half-open closed: GitHub is well again',
    ]);
  });

  it('tells whoever waits through a long outage to come back later each time, and goes on asking itself', async () => {
    const probes: number[] = [];
    const gate = gateWith(
      {},
      { probe: async () => (probes.push(Date.now()), Date.now() > 1_000_000 + 3_600_000) },
    );
    for (let count = 0; count < 3; count += 1)
      (await gate.acquire(write, { maxWaitMs: 0 })).settle({ health: 'failure' });
    let asked = 0;
    for (let done = false; !done; asked += 1) {
      const call = watch(gate.acquire(write, { maxWaitMs: 7_500 }));
      await vi.advanceTimersByTimeAsync(7_501);
      done = call.pass !== null;
      call.pass?.settle({ health: 'success' });
      const { until = 0 } = (call.failure ?? {}) as { until?: number };
      await vi.advanceTimersByTimeAsync(Math.max(0, until - Date.now()));
    }
    expect(asked).toBeLessThanOrEqual(60);
    expect(Date.now()).toBeLessThan(1_000_000 + 3_600_000 * 1.1);
    for (const [index, at] of probes.entries())
      expect(at - (probes[index - 1] ?? 0)).toBeGreaterThanOrEqual(index === probes.length - 1 ? 0 : 30_000);
  });

  it('paces writes at a fifth of the points, and says when the next one may go', async () => {
    const gate = gateWith({ rest_points_per_minute: 20 });
    for (let count = 0; count < 4; count += 1)
      (await gate.acquire(write, { maxWaitMs: 0 })).settle({ health: 'success' });
    await expect(gate.acquire(write, { maxWaitMs: 1_000 })).rejects.toMatchObject({
      failure: { kind: 'unavailable', until: 1_061_000 },
    });
    await vi.advanceTimersByTimeAsync(61_000);
    await expect(gate.acquire(write, { maxWaitMs: 0 })).resolves.toBeDefined();
  });

  it('counts content by the minute and by the hour', async () => {
    const content = { lane: 'content', resource: 'core' } as const;
    const gate = gateWith({ content_per_minute: 2, content_per_hour: 3 });
    for (let count = 0; count < 2; count += 1)
      (await gate.acquire(content, { maxWaitMs: 0 })).settle({ health: 'success' });
    await expect(gate.acquire(content, { maxWaitMs: 0 })).rejects.toMatchObject({
      failure: { until: 1_061_000 },
    });
    await vi.advanceTimersByTimeAsync(61_000);
    (await gate.acquire(content, { maxWaitMs: 0 })).settle({ health: 'success' });
    await expect(gate.acquire(content, { maxWaitMs: 0 })).rejects.toMatchObject({
      failure: { until: 4_601_000 },
    });
    await expect(gate.acquire(write, { maxWaitMs: 0 })).resolves.toBeDefined();
  });

  it('writes one at a time with a second between where it is to be polite', async () => {
    const gate = gateWith({ profile: 'polite' });
    const first = await gate.acquire(write, { maxWaitMs: 0 });
    const second = watch(gate.acquire(write, { maxWaitMs: 9_000 }));
    await vi.advanceTimersByTimeAsync(1_500);
    expect(second.pass).toBeNull();
    first.settle({ health: 'success' });
    await settled();
    expect(second.pass).not.toBeNull();
    second.pass?.settle({ health: 'success' });
    const third = watch(gate.acquire(write, { maxWaitMs: 9_000 }));
    await vi.advanceTimersByTimeAsync(999);
    expect(third.pass).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect(third.pass).not.toBeNull();
    await expect(gate.acquire(read, { maxWaitMs: 0 })).resolves.toBeDefined();
  });

  it('drops what waits when its signal is aborted, and nothing that was let go', async () => {
    const gate = gateWith({ concurrent: 1 });
    const abort = new AbortController();
    const sent = await gate.acquire(read, { maxWaitMs: 0, signal: abort.signal });
    const queued = watch(gate.acquire(read, { maxWaitMs: 5_000, signal: abort.signal }));
    abort.abort();
    await settled();
    expect(queued.failure).toMatchObject({ kind: 'unavailable' });
    await expect(gate.acquire(read, { maxWaitMs: 5_000, signal: abort.signal })).rejects.toMatchObject({
      failure: { kind: 'unavailable' },
    });
    expect(gate.snapshot().inFlight).toBe(1);
    sent.settle({ health: 'success' });
    expect(gate.snapshot()).toMatchObject({ inFlight: 0, queued: 0 });
  });
});

async function failThrice(gate: Gate): Promise<void> {
  for (let failures = 0; failures < 3; failures += 1) {
    (await gate.acquire(write, { maxWaitMs: 0 })).settle({ health: 'failure', reason: 'status 500' });
  }
}

describe('a breaker with a probe of its own', () => {
  it('closes when the host is well, so that a call that always fails is counted and not waited for', async () => {
    const probe = vi.fn<() => Promise<boolean>>(async () => true);
    const gate = gateWith({}, { probe });
    await failThrice(gate);
    const refused = watch(gate.acquire(write, { maxWaitMs: 1_000 }));
    await settled();
    expect(refused.failure).toMatchObject({ kind: 'unavailable' });
    expect(probe).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(30_000);
    const next = watch(gate.acquire(write, { maxWaitMs: 1_000 }));
    await settled();
    expect(probe).toHaveBeenCalledTimes(2);
    expect(next.pass).not.toBeNull();
    expect(gate.snapshot().breakers.write).toEqual({ state: 'closed', failures: 0 });
  });

  it('lets no call out while the host is not well: waiting costs no attempt', async () => {
    const gate = gateWith({}, { probe: async () => false });
    await failThrice(gate);
    for (let tries = 0; tries < 20; tries += 1) {
      await vi.advanceTimersByTimeAsync(30_000);
      const waiting = watch(gate.acquire(write, { maxWaitMs: 1_000 }));
      await vi.advanceTimersByTimeAsync(1_000);
      expect(waiting.pass).toBeNull();
      expect(waiting.failure).toMatchObject({ kind: 'unavailable' });
    }
  });
});
