import { LRUCache } from 'lru-cache';
import {
  addCacheCounts,
  type CacheCounts,
  type CachePolicy,
  type CacheStatistics,
  cacheStatistics,
  lifetimeOf,
  NO_COUNTS,
} from '../policies/read-cache.js';
import type { Came } from './http-answer.js';

/** An answer as it is kept: as text, so that who reads it cannot change it for the next. */
export interface KeptAnswer {
  etag: string | null;
  /** When GitHub said so, milliseconds of the epoch. */
  at: number;
  headers: Record<string, string>;
  body: string;
}

/** What a cache holds, the most recently used first, and how answers were come by ever since. */
export interface KeptAnswers {
  answers: [string, KeptAnswer][];
  counts: CacheCounts;
}

/** Beyond that the least recently used go, in characters: far more than an answer has, so that it bounds the whole. */
const MOST_TEXT = 64 * 1024 * 1024;
const KEPT_HEADERS = ['etag', 'link', 'content-type'];

/**
 * Answers to reads, for one token and host. Only for reads that decide no write: a client that has one cannot write.
 * Errors, and answers in part, are never kept.
 */
export class ReadCache {
  readonly #answers: LRUCache<string, KeptAnswer>;
  readonly #before: CacheCounts;
  #counts = NO_COUNTS;

  constructor(
    readonly policy: CachePolicy,
    kept: KeptAnswers = { answers: [], counts: NO_COUNTS },
    private readonly now: () => number = Date.now,
  ) {
    this.#answers = new LRUCache({
      max: policy.maxEntries,
      maxSize: MOST_TEXT,
      sizeCalculation: ({ body }) => body.length + 1,
    });
    for (const [key, answer] of kept.answers.toReversed()) this.#answers.set(key, answer);
    this.#before = kept.counts;
  }

  /** How answers were come by through this object. */
  get counts(): CacheCounts {
    return this.#counts;
  }

  /** The answer that may be taken unasked; undefined where GitHub is to be asked. */
  recent(key: string, path: string): Came | undefined {
    if (this.policy.mode !== 'recent') return undefined;
    const kept = this.#answers.get(key);
    if (kept === undefined) return undefined;
    const age = this.now() - kept.at;
    if (age < 0 || age >= lifetimeOf(path, this.policy)) return undefined;
    this.#count('hits');
    return cameOf(kept);
  }

  /** What is kept, for asking by its ETag whether it is still the same. */
  kept(key: string): KeptAnswer | undefined {
    return this.#answers.get(key);
  }

  /** The answer that was kept, since GitHub has just said that it is unchanged. */
  unchanged(key: string, kept: KeptAnswer, { headers }: Came): Came {
    this.#count('revalidations');
    const renewed = { ...kept, at: this.now(), headers: { ...kept.headers, ...keptHeaders(headers) } };
    this.#answers.set(key, renewed);
    return { ...cameOf(renewed), headers: { ...renewed.headers, ...headers } };
  }

  /** Keeps an answer that came in full, where it can be of use. */
  answered(key: string, answer: Came): void {
    this.#count('misses');
    const { data } = answer;
    const headers = keptHeaders(answer.headers);
    const etag = headers['etag'] ?? null;
    const isOfUse = etag !== null || this.policy.mode === 'recent';
    const isWhole = typeof data === 'object' && data !== null;
    if (isOfUse && isWhole && !isLastPageThatIsFull(key, answer))
      this.#answers.set(key, { etag, at: this.now(), headers, body: JSON.stringify(data) });
    else this.#answers.delete(key);
  }

  /** How answers were come by, those before this object included. */
  statistics(): CacheStatistics {
    return cacheStatistics(addCacheCounts(this.#before, this.#counts), this.#answers.size);
  }

  dump(): KeptAnswers['answers'] {
    return [...this.#answers.entries()];
  }

  #count(what: keyof CacheCounts): void {
    this.#counts = { ...this.#counts, [what]: this.#counts[what] + 1 };
  }
}

const cameOf = ({ headers, body }: KeptAnswer): Came => ({
  came: true,
  status: 200,
  data: JSON.parse(body) as unknown,
  headers,
  readable: true,
});

const keptHeaders = (headers: Came['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value !== undefined && KEPT_HEADERS.includes(name) ? [[name, value]] : [],
    ),
  );

/**
 * A full page without a next one: when something is added behind it, its own text, and so perhaps its ETag, stays the same, and
 * the page that then follows would never be asked for.
 */
function isLastPageThatIsFull(key: string, { data, headers }: Came): boolean {
  if (!Array.isArray(data) || headers['link']?.includes('rel="next"') === true) return false;
  const size = /[?&]per_page=(\d+)/.exec(key)?.[1] ?? '30';
  return data.length >= Number(size);
}
