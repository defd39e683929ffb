import { describe, expect, it } from 'vitest';
import { budgetOpensAt, observe } from '../../src/policies/rate-budget.js';

describe('rate budget', () => {
  it('takes the lowest figure of a window, since answers overtake each other', () => {
    const first = observe(null, { remaining: 90, resetAt: 60_000 }, 0);
    expect(observe(first, { remaining: 95, resetAt: 60_400 }, 10)).toEqual({
      remaining: 90,
      resetAt: 60_400,
    });
    expect(observe(first, { remaining: 80, resetAt: 60_000 }, 10)).toEqual({
      remaining: 80,
      resetAt: 60_000,
    });
  });

  it('takes the newer window, and forgets one that is over', () => {
    const known = { remaining: 1, resetAt: 60_000 };
    expect(observe(known, { remaining: 5_000, resetAt: 3_660_000 }, 100).remaining).toBe(5_000);
    expect(observe(known, { remaining: 7, resetAt: 60_000 }, 60_000).remaining).toBe(7);
    expect(observe({ remaining: 4, resetAt: 3_660_000 }, known, 100).remaining).toBe(4);
  });

  it('counts what is under way as spent', () => {
    const budget = { remaining: 3, resetAt: 60_000 };
    expect(budgetOpensAt(budget, 2, 0)).toBe(0);
    expect(budgetOpensAt(budget, 3, 0)).toBe(60_000);
    expect(budgetOpensAt(budget, 3, 60_000)).toBe(60_000);
    expect(budgetOpensAt(null, 99, 5)).toBe(5);
  });
});
