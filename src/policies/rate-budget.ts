/** What is left of a primary limit, as the newest answers told. `resetAt` is on this machine's clock. */
export interface RateBudget {
  remaining: number;
  resetAt: number;
}

/** Resets are told in whole seconds, and clocks and delays differ by some: nearer than this they are the same window. */
const SAME_WINDOW_MS = 5_000;

/** The budget after another answer. Answers overtake each other, so within a window the lowest figure counts. */
export function observe(known: RateBudget | null, told: RateBudget, now: number): RateBudget {
  if (known === null || now >= known.resetAt) return told;
  if (Math.abs(told.resetAt - known.resetAt) > SAME_WINDOW_MS)
    return told.resetAt > known.resetAt ? told : known;
  return {
    remaining: Math.min(known.remaining, told.remaining),
    resetAt: Math.max(known.resetAt, told.resetAt),
  };
}

/**
 * When the next request may go with `inFlight` under way: `now`, or the reset. Those under way are counted as not yet
 * in `remaining`, so no request goes out beyond the limit as far as one process can know.
 */
export function budgetOpensAt(budget: RateBudget | null, inFlight: number, now: number): number {
  if (budget === null || now >= budget.resetAt) return now;
  return budget.remaining - inFlight > 0 ? now : budget.resetAt;
}
