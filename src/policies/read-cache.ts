/** `revalidate`: every answer is asked for, by its ETag where it has one; `recent`: one that is young enough is taken unasked. */
export type CacheMode = 'revalidate' | 'recent';

export interface CachePolicy {
  mode: CacheMode;
  /** The least recently used go first beyond that. */
  maxEntries: number;
  /** How long an answer is recent, milliseconds. */
  ttlMs: number;
  /** The same for what hardly ever changes. */
  slowTtlMs: number;
}

/** How answers were come by. */
export interface CacheCounts {
  /** Taken unasked. */
  hits: number;
  /** Asked for by ETag and unchanged (304), which GitHub does not count. */
  revalidations: number;
  /** Sent by GitHub in full. */
  misses: number;
}

/** As the mission names them. */
export interface CacheStatistics {
  /** Answers that are kept. */
  cache_size: number;
  cache_hits: number;
  cache_misses: number;
  revalidations: number;
  /** Share of all answers that came from the cache, revalidated ones included; 0 where there was none yet. */
  hit_rate: number;
  /** Calls that the primary limit was not charged for. */
  calls_saved: number;
}

export const NO_COUNTS: CacheCounts = { hits: 0, revalidations: 0, misses: 0 };

export const addCacheCounts = (one: CacheCounts, other: CacheCounts): CacheCounts => ({
  hits: one.hits + other.hits,
  revalidations: one.revalidations + other.revalidations,
  misses: one.misses + other.misses,
});

export function cacheStatistics({ hits, revalidations, misses }: CacheCounts, size: number): CacheStatistics {
  const saved = hits + revalidations;
  return {
    cache_size: size,
    cache_hits: hits,
    cache_misses: misses,
    revalidations,
    hit_rate: saved === 0 ? 0 : saved / (saved + misses),
    calls_saved: saved,
  };
}

/** Who a login is, and git objects, which are named by what they hold. */
const SLOW = [/\/users\/[^/]+$/, /\/repos\/[^/]+\/[^/]+\/git\/(blobs|commits|tags|trees)\/[0-9a-f]{40}$/];

/** How long the answer for that path is recent, milliseconds. */
export const lifetimeOf = (path: string, { ttlMs, slowTtlMs }: CachePolicy): number =>
  SLOW.some((pattern) => pattern.test(path)) ? slowTtlMs : ttlMs;
