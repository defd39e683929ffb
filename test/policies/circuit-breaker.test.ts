import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admission,
  type Breaker,
  type BreakerEvent,
  CLOSED,
  comeBackAt,
  next,
} from '../../src/policies/circuit-breaker.js';

const settings = { failure_threshold: 3, timeout: 30_000, success_threshold: 2 };
const failure: BreakerEvent = { type: 'failure', probe: false };
const success: BreakerEvent = { type: 'success', probe: false };
const run = (events: BreakerEvent[], now = 0, from: Breaker = CLOSED): Breaker =>
  events.reduce((breaker, event) => next(breaker, event, now, settings), from);

describe('circuit breaker', () => {
  it('opens at the threshold of consecutive failures, not before', () => {
    expect(run([failure, failure])).toEqual({ state: 'closed', failures: 2 });
    expect(run([failure, failure, failure], 5)).toEqual({ state: 'open', since: 5, until: 30_005 });
  });

  it('starts counting anew after a success', () => {
    expect(run([failure, failure, success, failure, failure])).toEqual({ state: 'closed', failures: 2 });
  });

  it('lets one probe through after the timeout, and closes after enough of them', () => {
    const open = run([failure, failure, failure]);
    expect(admission(open, 29_999, settings)).toEqual({ admitted: false, until: 30_000 });
    expect(admission(open, 30_000, settings)).toEqual({ admitted: true, probe: true });
    const probing = next(open, { type: 'admitted' }, 30_000, settings);
    expect(admission(probing, 30_000, settings)).toEqual({ admitted: false, until: null });
    const half = next(probing, { type: 'success', probe: true }, 30_001, settings);
    expect(half).toEqual({ state: 'half-open', since: 0, successes: 1, probing: false });
    expect(run([{ type: 'admitted' }, { type: 'success', probe: true }], 30_002, half)).toEqual(CLOSED);
  });

  it('opens again when a probe fails, and asks another one when a probe was dropped', () => {
    const probing: Breaker = { state: 'half-open', since: 3, successes: 1, probing: true };
    expect(next(probing, { type: 'failure', probe: true }, 7, settings)).toEqual({
      state: 'open',
      since: 3,
      until: 30_007,
    });
    expect(next(probing, { type: 'dropped', probe: true }, 7, settings)).toEqual({
      ...probing,
      probing: false,
    });
  });

  it('does not judge by calls that were sent before it opened', () => {
    const probing: Breaker = { state: 'half-open', since: 0, successes: 0, probing: true };
    expect(next(probing, failure, 1, settings)).toEqual(probing);
    expect(next(probing, success, 1, settings)).toEqual(probing);
    const open: Breaker = { state: 'open', since: 0, until: 9 };
    expect(next(open, success, 1, settings)).toEqual(open);
  });

  it('stays isolated whatever happens until it is reset', () => {
    const isolated = next(CLOSED, { type: 'isolate' }, 0, settings);
    expect(run([success, failure, { type: 'admitted' }], 1e9, isolated)).toEqual({
      state: 'isolated',
      since: 0,
    });
    expect(admission(isolated, 1e9, settings).admitted).toBe(false);
    expect(next(isolated, { type: 'reset' }, 0, settings)).toEqual(CLOSED);
  });

  it('tells those it turns away to come back when it asks, and after hours of that not so often', () => {
    const MINUTE = 60_000;
    const open = run([failure, failure, failure]);
    expect(comeBackAt(CLOSED, 7, settings)).toBe(7);
    expect(comeBackAt(open, 1, settings)).toBe(30_000);
    const long: Breaker = { state: 'open', since: 0, until: 3_600_000 + 30_000 };
    expect(comeBackAt(long, 3_600_000, settings)).toBe(3_600_000 + 3_600_000 / 16);
    const probing: Breaker = { state: 'half-open', since: 0, successes: 0, probing: true };
    expect(comeBackAt(probing, 8_000, settings)).toBe(9_000);
    const isolated: Breaker = { state: 'isolated', since: 0 };
    expect(comeBackAt(isolated, 0, settings)).toBe(30_000);
    expect(comeBackAt(isolated, 48 * 60 * MINUTE, settings)).toBe((48 * 60 + 15) * MINUTE);
  });

  it('does not take for an outage that nobody asked for hours', () => {
    const HOUR = 3_600_000;
    const open: Breaker = { state: 'open', since: 0, until: 30_000 };
    const after = (now: number): Breaker =>
      run([{ type: 'failure', probe: true }], now, next(open, { type: 'admitted' }, now, settings));
    // Those that wait come back within a quarter of an hour.
    expect(after(HOUR / 4)).toMatchObject({ state: 'open', since: 0 });
    expect(after(8 * HOUR)).toMatchObject({ state: 'open', since: 8 * HOUR });
  });

  it.each([
    ['ten minutes', 600_000, 21],
    ['a week', 7 * 86_400_000, 730],
  ])('is waited for few enough times through %s for a workflow to remember', (_, outage, most) => {
    let now = 0;
    let waits = 0;
    for (; now < outage; waits += 1) now = comeBackAt({ state: 'isolated', since: 0 }, now, settings);
    expect(waits).toBeLessThanOrEqual(most);
    expect(now - outage).toBeLessThanOrEqual(Math.max(30_000, Math.min(outage / 16, 900_000)));
  });

  it('never has two probes under way, and never admits before its time', () => {
    const act = fc.record({
      after: fc.integer({ min: 0, max: 20_000 }),
      does: fc.constantFrom('ask', 'succeed', 'fail', 'drop'),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        let breaker: Breaker = CLOSED;
        let now = 0;
        const underWay: boolean[] = [];
        for (const { after, does } of acts) {
          now += after;
          if (does === 'ask') {
            const answer = admission(breaker, now, settings);
            if (!answer.admitted) continue;
            if (breaker.state === 'open') expect(now).toBeGreaterThanOrEqual(breaker.until);
            breaker = next(breaker, { type: 'admitted' }, now, settings);
            underWay.push(answer.probe);
          } else {
            const probe = underWay.shift();
            if (probe === undefined) continue;
            const type = ({ succeed: 'success', fail: 'failure', drop: 'dropped' } as const)[does];
            breaker = next(breaker, { type, probe }, now, settings);
          }
          expect(underWay.filter(Boolean).length).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
