import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingWindow } from '../../src/policies/sliding-window.js';

describe('sliding window', () => {
  it('tells when points fit', () => {
    const window = new SlidingWindow(10, 1_000);
    window.take(6, 0);
    window.take(4, 300);
    expect(window.fitsAt(1, 400)).toBe(1_000);
    expect(window.fitsAt(7, 400)).toBe(1_300);
    expect(window.fitsAt(1, 1_000)).toBe(1_000);
  });

  it('lets more than the limit go when nothing else is in the window', () => {
    expect(new SlidingWindow(3, 1_000).fitsAt(5, 0)).toBe(0);
  });

  it('never takes more than the limit in any span when asked first', () => {
    const asks = fc.array(
      fc.record({ after: fc.integer({ min: 0, max: 400 }), points: fc.integer({ min: 1, max: 5 }) }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(asks, (list) => {
        const window = new SlidingWindow(10, 1_000);
        const taken: { at: number; points: number }[] = [];
        let now = 0;
        for (const { after, points } of list) {
          now = Math.max(now + after, window.fitsAt(points, now + after));
          window.take(points, now);
          taken.push({ at: now, points });
          const inSpan = taken
            .filter(({ at }) => at > now - 1_000)
            .reduce((sum, each) => sum + each.points, 0);
          expect(inSpan).toBeLessThanOrEqual(10);
        }
      }),
    );
  });

  it('fills the limit: asking for one point at a time takes all of it', () => {
    const window = new SlidingWindow(900, 60_000);
    let sent = 0;
    for (let now = 0; now < 60_000; now += 10)
      if (window.fitsAt(1, now) <= now) {
        window.take(1, now);
        sent += 1;
      }
    expect(sent).toBe(900);
  });
});
