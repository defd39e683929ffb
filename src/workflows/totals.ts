import type { RequestCount } from '../github/client.js';

/** How many repositories of a run ended how. Every repository is in exactly one of all but the first. */
export interface Totals {
  repositories: number;
  inSync: number;
  committed: number;
  rolledBack: number;
  deadLettered: number;
  parked: number;
  cancelled: number;
  skipped: number;
}

export const NO_TOTALS: Totals = {
  repositories: 0,
  inSync: 0,
  committed: 0,
  rolledBack: 0,
  deadLettered: 0,
  parked: 0,
  cancelled: 0,
  skipped: 0,
};

export const NO_REQUESTS: Readonly<RequestCount> = { rest: 0, graphql: 0, mutating: 0 };

export function addTotals(to: Totals, more: Totals): void {
  for (const name of Object.keys(to) as (keyof Totals)[]) to[name] += more[name];
}

export const addedUp = (one: RequestCount, other: RequestCount): RequestCount => ({
  rest: one.rest + other.rest,
  graphql: one.graphql + other.graphql,
  mutating: one.mutating + other.mutating,
});
