/** How writes that GitHub's GraphQL takes are gathered into one request: the `batch` of orgsaga.config.yaml. */
export interface Coalescing {
  /** Longest that a write waits for others, milliseconds. */
  coalesce_max_wait: number;
  /** Writes of one request. */
  coalesce_max: number;
}

/** Each write by itself and at once. */
export const ALONE: Coalescing = { coalesce_max_wait: 0, coalesce_max: 1 };

/**
 * When no other write has come for so long, milliseconds, none is waited for: the steps of items that start together
 * reach GitHub's client within some milliseconds of each other.
 */
export const QUIET_MS = 50;

/**
 * How many writes the next request may carry. GitHub gives up a request after 10 s, whose writes are then all in doubt
 * (docs.github.com, "Rate limits and query limits for the GraphQL API"): half where that happened, one more where it did not.
 */
export function nextSize(size: number, answered: boolean, most: number): number {
  return answered ? Math.min(most, size + 1) : Math.max(1, Math.floor(size / 2));
}
