import { array, assert, boolean, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextSize } from '../../src/policies/coalescing.js';

describe('how many writes go in one request', () => {
  it('stays between one and the most, falls by halves and comes back by ones', () => {
    assert(
      property(integer({ min: 1, max: 100 }), array(boolean()), (most, answers) => {
        let size = most;
        for (const answered of answers) {
          const next = nextSize(size, answered, most);
          expect(next).toBe(answered ? Math.min(size + 1, most) : Math.max(1, Math.floor(size / 2)));
          size = next;
        }
        expect(size).toBeGreaterThanOrEqual(1);
        expect(size).toBeLessThanOrEqual(most);
      }),
    );
  });

  it('is one after few failures, whatever it was', () => {
    let size = 100;
    for (let failures = 0; failures < 7; failures += 1) size = nextSize(size, false, 100);
    expect(size).toBe(1);
  });
});
