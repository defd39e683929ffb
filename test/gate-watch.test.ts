import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchGates } from '../src/gate-watch.js';
import type { Transition } from '../src/github/lane-breakers.js';
import { createLogger } from '../src/log.js';
import { CLOSED } from '../src/policies/circuit-breaker.js';
import { openGate } from './github/support.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const TRIES_FOR = 10_000;

/** A watch over a store that can be down, for as long as which each call of it takes ten seconds and fails. */
function aWatch() {
  const state = { down: false };
  const stored: string[] = [];
  const told: unknown[] = [];
  const call = async (what: string): Promise<void> => {
    if (state.down) {
      await new Promise((resolve) => void setTimeout(resolve, TRIES_FOR));
      throw new Error('the store is down');
    }
    stored.push(what);
  };
  const watch = watchGates({
    store: {
      saveTransition: ({ lane, from, to }) => call(`${lane} ${from} ${to}`),
      saveGate: ({ token }) => call(`gate ${token}`),
      forgetGates: () => call('forgotten'),
    },
    host: 'https://api.github.com',
    worker: 'w1',
    metrics: { began: (token) => told.push(token), moved: (token, { to }) => told.push([token, to.state]) },
    log: createLogger('error', { write: () => {} }),
  });
  return { watch, state, stored, told };
}

const opens: Transition = {
  lane: 'write',
  from: CLOSED,
  to: { state: 'open', since: 0, until: 1 },
  reason: 'status 502',
};

describe('what a worker tells of its circuit breakers', () => {
  it('is each transition, and every five seconds how each gate stands, until it ends', async () => {
    const { watch, stored, told } = aWatch();
    watch.made('default', openGate());
    watch.moved('default', opens);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(stored).toEqual(['gate default', 'write closed open', 'gate default']);
    expect(told).toEqual(['default', ['default', 'open']]);
    await watch.stop();
    expect(stored.at(-1)).toBe('forgotten');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stored.at(-1)).toBe('forgotten');
  });

  it('is told when the store is there again, in order', async () => {
    const { watch, state, stored } = aWatch();
    state.down = true;
    watch.made('default', openGate());
    watch.moved('default', opens);
    watch.moved('default', { ...opens, from: opens.to, to: CLOSED });
    await vi.advanceTimersByTimeAsync(60_000);
    state.down = false;
    await vi.advanceTimersByTimeAsync(2 * TRIES_FOR);
    expect(stored.slice(0, 3)).toEqual(['write closed open', 'write open closed', 'gate default']);
  });

  it('keeps nobody from ending, however long the store has been down', async () => {
    const { watch, state } = aWatch();
    state.down = true;
    watch.made('default', openGate());
    watch.made('acme', openGate());
    await vi.advanceTimersByTimeAsync(3_600_000);
    const began = Date.now();
    const stopped = watch.stop();
    await vi.advanceTimersByTimeAsync(10 * TRIES_FOR);
    await stopped;
    expect(vi.getTimerCount()).toBe(0);
    expect(Date.now() - began).toBeLessThanOrEqual(10 * TRIES_FOR);
  });
});
