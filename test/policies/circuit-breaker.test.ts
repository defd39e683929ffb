import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admission,
  type Breaker,
  type BreakerEvent,
  CLOSED,
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
    expect(run([failure, failure, failure], 5)).toEqual({ state: 'open', until: 30_005 });
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
    expect(half).toEqual({ state: 'half-open', successes: 1, probing: false });
    expect(run([{ type: 'admitted' }, { type: 'success', probe: true }], 30_002, half)).toEqual(CLOSED);
  });

  it('opens again when a probe fails, and asks another one when a probe was dropped', () => {
    const probing: Breaker = { state: 'half-open', successes: 1, probing: true };
    expect(next(probing, { type: 'failure', probe: true }, 7, settings)).toEqual({
      state: 'open',
      until: 30_007,
    });
    expect(next(probing, { type: 'dropped', probe: true }, 7, settings)).toEqual({
      ...probing,
      probing: false,
    });
  });

  it('does not judge by calls that were sent before it opened', () => {
    const probing: Breaker = { state: 'half-open', successes: 0, probing: true };
    expect(next(probing, failure, 1, settings)).toEqual(probing);
    expect(next(probing, success, 1, settings)).toEqual(probing);
    expect(next({ state: 'open', until: 9 }, success, 1, settings)).toEqual({ state: 'open', until: 9 });
  });

  it('stays isolated whatever happens until it is reset', () => {
    const isolated = next(CLOSED, { type: 'isolate' }, 0, settings);
    expect(run([success, failure, { type: 'admitted' }], 1e9, isolated)).toEqual({ state: 'isolated' });
    expect(admission(isolated, 1e9, settings).admitted).toBe(false);
    expect(next(isolated, { type: 'reset' }, 0, settings)).toEqual(CLOSED);
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
