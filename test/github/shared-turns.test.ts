import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGate } from '../../src/github/gate.js';
import type { GateRequest } from '../../src/github/gate-contract.js';
import { type SharedTurnsOptions, sharedTurns } from '../../src/github/shared-turns.js';
import type { BreakerOrder } from '../../src/policies/breaker-orders.js';
import type { Lane, Lanes } from '../../src/policies/lanes.js';
import type { TurnNote } from '../../src/policies/turn-notes.js';
import { OPEN } from './support.js';

const read: GateRequest = { lane: 'read', resource: 'core' };
const write: GateRequest = { lane: 'write', resource: 'core' };
const BEGIN = 1_700_000_000_000;

beforeEach(() => void vi.useFakeTimers({ now: BEGIN }));
afterEach(() => void vi.useRealTimers());

/** A ledger in memory whose clock is ahead of this machine's, with workers that share it. */
function installation(lanes: Partial<Lanes> = {}, aheadMs = 0) {
  const notes: (TurnNote & { token: string })[] = [];
  const orders: BreakerOrder[] = [];
  let ordered = 0;
  const state = { down: false, token: 'a token' };
  const ledger: SharedTurnsOptions['ledger'] = {
    async noteTurns({ token, worker, after }, decide) {
      if (state.down) throw new Error('the store is down');
      const at = Date.now() + aheadMs;
      const news = notes.filter((note) => note.token === token && note.id > after);
      // As where the transaction has to be repeated.
      decide({ notes: news, orders, now: at });
      for (const note of decide({ notes: news, orders, now: at }))
        notes.push({ ...note, id: notes.length + 1, token, worker, at });
    },
    forgetTurns: async () => {},
  };
  let workers = 0;
  const worker = () =>
    sharedTurns({
      ledger,
      host: 'https://api.github.com',
      token: async () => state.token,
      worker: `worker ${(workers += 1)}`,
      lanes: { ...OPEN, ...lanes },
    });
  const order = (kind: BreakerOrder['kind'], lane: Lane): void => {
    const known = orders.filter((each) => each.lane !== lane);
    orders.splice(0, orders.length, ...known);
    orders.push({ id: (ordered += 1), lane, kind, actor: 'ada', reason: 'an incident', at: BEGIN });
  };
  return { notes, state, worker, order };
}

const pass = (ms: number): void => void vi.setSystemTime(Date.now() + ms);
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('turns that workers of a token share', () => {
  it('are together never more than the limit in any minute, whoever asks when for how many', async () => {
    const LIMIT = 40;
    const asks = array(
      record({
        worker: integer({ min: 0, max: 2 }),
        requests: array(constantFrom(read, write), { minLength: 1, maxLength: 12 }),
        afterMs: integer({ min: 0, max: 20_000 }),
      }),
      { maxLength: 40 },
    );
    await assert(
      asyncProperty(asks, integer({ min: -5_000, max: 5_000 }), async (all, aheadMs) => {
        const { worker } = installation({ rest_points_per_minute: LIMIT }, aheadMs);
        const workers = [worker(), worker(), worker()];
        const sent: { at: number; points: number }[] = [];
        for (const { worker: index, requests, afterMs } of all) {
          pass(afterMs);
          const now = Date.now();
          const answers = (await workers[index]?.take(requests, now)) ?? [];
          for (const [at, answer] of answers.entries()) {
            if (answer === null) sent.push({ at: now, points: requests[at] === read ? 1 : 5 });
            else expect(answer).toBeGreaterThan(now);
          }
          const minute = sent.filter((one) => one.at > now - 60_000);
          expect(minute.reduce((sum, { points }) => sum + points, 0)).toBeLessThanOrEqual(LIMIT);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('are nearly all that there are, whoever takes them, and say when there are more', async () => {
    const { worker } = installation({ rest_points_per_minute: 50 });
    const [first, second] = [worker(), worker()];
    const taken = [
      await first.take(times(6, write), BEGIN),
      await second.take(times(6, write), BEGIN),
    ].flat();
    expect(taken.filter((answer) => answer === null)).toHaveLength(10);
    expect(taken.at(-1)).toBe(BEGIN + 61_000);
    pass(61_000);
    expect(await second.take(times(10, write), Date.now())).toEqual(times(10, null));
  });

  it('are known to a worker that has just begun', async () => {
    const { worker } = installation({ rest_points_per_minute: 10 });
    await worker().take([write, write], BEGIN);
    expect(await worker().take([write], BEGIN)).toEqual([BEGIN + 61_000]);
  });

  it('are counted for each token by itself, also when a worker gets another one', async () => {
    const { worker, state } = installation({ rest_points_per_minute: 5 });
    const one = worker();
    expect(await one.take([write, write], BEGIN)).toEqual([null, BEGIN + 61_000]);
    state.token = 'another';
    expect(await one.take([write], BEGIN)).toEqual([null]);
    state.token = 'a token';
    expect(await one.take([write], BEGIN)).toEqual([BEGIN + 61_000]);
  });

  it('give each of those that have asked lately its share of what may be under way', async () => {
    const { worker } = installation({ concurrent: 101 });
    const workers = [worker(), worker(), worker()];
    for (const one of workers) await one.take([read], BEGIN);
    await workers[0]?.take([read], BEGIN);
    expect(workers[0]?.concurrent(BEGIN)).toBe(33);
    pass(31_000);
    await workers[0]?.take([read], Date.now());
    expect(workers[0]?.concurrent(Date.now())).toBe(101);
  });

  it('let one write after the other where that is polite, also of one that is lost', async () => {
    const { worker } = installation({ profile: 'polite' });
    const [one, other] = [worker(), worker()];
    expect(await one.take([write], BEGIN)).toEqual([null]);
    pass(1_500);
    expect(await other.take([write, read], Date.now())).toEqual([Date.now() + 250, null]);
    one.ended(write);
    expect(await other.take([write], Date.now())).toEqual([null]);
    pass(30_000);
    expect(await one.take([write], Date.now())).not.toEqual([null]);
    pass(31_000);
    expect(await one.take([write], Date.now())).toEqual([null]);
  });
});

describe('gates of workers that share their turns', () => {
  const breaker = { failure_threshold: 3, timeout: 30_000, success_threshold: 2 };

  it('are all closed where one was told of a limit, by their own clocks', async () => {
    const { worker } = installation({}, 3_000);
    const [one, other] = [worker(), worker()].map((turns) => createGate({ lanes: OPEN, breaker, turns }));
    const sent = await one?.acquire(read, { maxWaitMs: 0 });
    await other?.acquire(read, { maxWaitMs: 0 });
    sent?.settle({ health: 'success', closed: { window: 'secondary', until: BEGIN + 20_000 } });
    await vi.advanceTimersByTimeAsync(0);
    await expect(other?.acquire(write, { maxWaitMs: 1_000 })).rejects.toMatchObject({
      failure: { kind: 'unavailable', until: BEGIN + 20_000 },
    });
    const patient = other?.acquire(write, { maxWaitMs: 30_000 });
    await vi.advanceTimersByTimeAsync(20_000);
    await expect(patient).resolves.toBeDefined();
  });

  it('let nothing go that is not counted, and tell of a limit when the store is there again', async () => {
    const { worker, state, notes } = installation();
    const gate = createGate({ lanes: OPEN, breaker, turns: worker() });
    const sent = await gate.acquire(read, { maxWaitMs: 0 });
    state.down = true;
    sent.settle({ health: 'success', closed: { window: 'graphql', until: BEGIN + 60_000 } });
    const waiting = gate.acquire(read, { maxWaitMs: 5_000 });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(gate.snapshot()).toMatchObject({ queued: 1, inFlight: 0 });
    state.down = false;
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(waiting).resolves.toBeDefined();
    expect(notes.map(({ kind }) => kind)).toEqual(['began', 'closed', 'began']);
  });

  it('take turns for those that were asked for while others were', async () => {
    const { worker } = installation({ concurrent: 3 });
    const gate = createGate({ lanes: { ...OPEN, concurrent: 3 }, breaker, turns: worker() });
    const asked = times(3, read).map((request) => gate.acquire(request, { maxWaitMs: 1_000 }));
    const late = gate.acquire(write, { maxWaitMs: 1_000, priority: 'undo' });
    const passes = await Promise.all(asked.slice(0, 2));
    expect(gate.snapshot()).toMatchObject({ inFlight: 3, queued: 1 });
    for (const one of [...passes, await late]) one.settle({ health: 'success' });
    await expect(asked[2]).resolves.toBeDefined();
  });

  it('are given to nobody in a lane that a person has isolated, not even to who does not know yet, until it is reset', async () => {
    const { worker, order, notes } = installation();
    const gates = [worker(), worker()].map((turns) => createGate({ lanes: OPEN, breaker, turns }));
    order('isolate', 'write');
    for (const gate of gates) {
      const refused = gate.acquire(write, { maxWaitMs: 5_000 });
      await expect(refused).rejects.toMatchObject({
        failure: {
          kind: 'unavailable',
          until: BEGIN + 30_000,
          reason: expect.stringMatching(/isolated by ada .*an incident/),
        },
      });
      await expect(gate.acquire(read, { maxWaitMs: 0 })).resolves.toBeDefined();
      expect(gate.snapshot().breakers).toMatchObject({
        write: { state: 'isolated' },
        read: { state: 'closed' },
      });
    }
    expect(notes.map(({ kind, lane }) => `${kind} ${lane}`)).toEqual(['began read', 'began read']);
    order('reset', 'write');
    for (const gate of gates) {
      (await gate.acquire(write, { maxWaitMs: 1_000 })).settle({ health: 'success' });
      expect(gate.snapshot().breakers.write).toEqual({ state: 'closed', failures: 0 });
    }
  });

  it('are given at once where a person has reset a breaker that was open, and the order counts once', async () => {
    const { worker, order, state } = installation();
    const gate = createGate({ lanes: OPEN, breaker, turns: worker() });
    const fail = async () => {
      for (let count = 0; count < breaker.failure_threshold; count += 1)
        (await gate.acquire(write, { maxWaitMs: 1_000 })).settle({ health: 'failure' });
    };
    await fail();
    await expect(gate.acquire(write, { maxWaitMs: 1_000 })).rejects.toMatchObject({
      failure: { kind: 'unavailable' },
    });
    order('reset', 'write');
    await fail();
    await expect(gate.acquire(write, { maxWaitMs: 1_000 })).rejects.toMatchObject({
      failure: { kind: 'unavailable' },
    });
    order('isolate', 'write');
    state.down = true;
    // What people order meanwhile cannot be known, what is known stands: it is open, and asks when it is time.
    await expect(gate.acquire(write, { maxWaitMs: 1_000 })).rejects.toMatchObject({
      failure: { until: BEGIN + 30_000 },
    });
  });

  it.each([
    ['before', 0],
    ['while', 29_000],
  ])('let no probe into a lane that a person isolates %s a call waits for it', async (_, patience) => {
    const { worker, order } = installation();
    const probes: number[] = [];
    const probe = async () => probes.push(Date.now()) > 0;
    const gate = createGate({ lanes: OPEN, breaker, turns: worker(), probe });
    for (let count = 0; count < breaker.failure_threshold; count += 1)
      (await gate.acquire(write, { maxWaitMs: 1_000 })).settle({ health: 'failure' });
    await vi.advanceTimersByTimeAsync(30_000 - patience);
    if (patience === 0) order('isolate', 'write');
    const refused = expect(gate.acquire(write, { maxWaitMs: 60_000 })).rejects.toMatchObject({
      failure: { kind: 'unavailable', reason: expect.stringContaining('isolated by ada') },
    });
    await vi.advanceTimersByTimeAsync(1_000);
    if (patience > 0) order('isolate', 'write');
    await vi.advanceTimersByTimeAsync(120_000);
    await refused;
    expect(probes).toEqual([]);
    order('reset', 'write');
    await expect(gate.acquire(write, { maxWaitMs: 1_000 })).resolves.toBeDefined();
  });
});
