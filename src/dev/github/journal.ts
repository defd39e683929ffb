import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

/** One HTTP request as it arrived. `status` is 0 until it is answered, and stays 0 where it never is. */
export interface RequestEntry {
  n: number;
  type: 'request';
  at: number;
  method: string;
  path: string;
  status: number;
  /** First 12 hex digits of the SHA-256 of the token; never the token. */
  token: string | null;
  user_agent: string;
  /** Top-level GraphQL fields in the order of the document, `field` or `alias:field`. */
  operations?: string[];
  /** Secondary-limit points: a read 1, a write 5. */
  points: number;
  /** Came after its caller had been told to wait, and before the wait was over. */
  in_closed_window: boolean;
  fault?: string;
  /** The parsed JSON body, where the simulator was told to record it. */
  body?: unknown;
}

/** Where an effect happened. */
export interface Place {
  organization?: string;
  /** `owner/name` as it was called then. */
  repository?: string;
  target: string;
}

/** One write that reached the state. `before` null: created; `after` null: removed. */
export interface EffectEntry extends Place {
  n: number;
  type: 'effect';
  /** `n` of the request that caused it; null for drift. */
  request: number | null;
  at: number;
  kind: string;
  before: unknown;
  after: unknown;
  changed: boolean;
  /** Done by hand by someone else, not through the API. */
  foreign: boolean;
}

export type JournalEntry = RequestEntry | EffectEntry;

/** Entries kept; older ones are dropped and counted. */
const CAPACITY = 1_000_000;

export function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 12);
}

/** Every request and every effect in one numbered sequence. `n` starts at 1 and has no gaps. */
export class Journal {
  readonly entries: JournalEntry[] = [];
  dropped = 0;
  #n = 0;

  constructor(readonly now: () => number) {}

  request(entry: Omit<RequestEntry, 'n' | 'type' | 'at' | 'status'>): RequestEntry {
    const full: RequestEntry = { n: ++this.#n, type: 'request', at: this.now(), status: 0, ...entry };
    this.#push(full);
    return full;
  }

  effect(entry: Omit<EffectEntry, 'n' | 'type' | 'at' | 'changed'>): void {
    const changed = !isDeepStrictEqual(entry.before, entry.after);
    this.#push({ n: ++this.#n, type: 'effect', at: this.now(), changed, ...entry });
  }

  requests(): RequestEntry[] {
    return this.entries.filter((entry) => entry.type === 'request');
  }

  effects(): EffectEntry[] {
    return this.entries.filter((entry) => entry.type === 'effect');
  }

  /** Entries with a number above `n`, oldest first. */
  since(n: number): JournalEntry[] {
    return this.entries.slice(Math.max(0, n - this.dropped));
  }

  clear(): void {
    this.entries.length = 0;
    this.dropped = 0;
    this.#n = 0;
  }

  #push(entry: JournalEntry): void {
    this.entries.push(entry);
    if (this.entries.length > CAPACITY) {
      this.entries.splice(0, CAPACITY / 10);
      this.dropped += CAPACITY / 10;
    }
  }
}
