import type { JournalEntry, RequestEntry } from '../github/index.js';

/** A request with this many points under the secondary limits writes; a read has one. */
const POINTS_OF_A_WRITE = 5;
/** How GitHub answers where a limit is reached. */
const LIMITED = [403, 429];
const MINUTE_MS = 60_000;

export interface RequestCounts {
  requests: number;
  reads: number;
  /** Requests that write, whether or not they changed anything. */
  writes: number;
  /** Changes that the writes have made; one request may make several. */
  changes: number;
  /** Requests that were answered with 403 or 429. */
  limited: number;
}

export function countsOf(entries: readonly JournalEntry[]): RequestCounts {
  const requests = entries.filter((entry) => entry.type === 'request');
  const writes = requests.filter(({ points }) => points >= POINTS_OF_A_WRITE).length;
  return {
    requests: requests.length,
    reads: requests.length - writes,
    writes,
    changes: entries.filter((entry) => entry.type === 'effect' && entry.changed).length,
    limited: requests.filter(({ status }) => LIMITED.includes(status)).length,
  };
}

/**
 * How much was used of the points that a resource has a minute, 0 to 1: over the whole minutes before the one in which the last
 * request came, which has no more to send. Null where there is no such minute.
 */
export function usedOf(
  entries: readonly JournalEntry[],
  isOf: (request: RequestEntry) => boolean,
  pointsPerMinute: number,
): number | null {
  const requests = entries.filter((entry) => entry.type === 'request').filter(isOf);
  const [first, last] = [requests[0]?.at ?? 0, requests.at(-1)?.at ?? 0];
  const minutes = Math.floor((last - first) / MINUTE_MS);
  if (minutes === 0) return null;
  const until = first + minutes * MINUTE_MS;
  const points = requests.reduce((sum, { at, points: own }) => (at < until ? sum + own : sum), 0);
  return points / (pointsPerMinute * minutes);
}
