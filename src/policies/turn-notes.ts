import type { BreakerOrder } from './breaker-orders.js';
import type { Lane, Resource } from './lanes.js';

/** What a worker has noted of the requests of a token. */
export interface NewTurnNote {
  /** `began`: requests were let go; `ended`: a write that others wait for is over; `closed`: GitHub has said that a limit is reached. */
  kind: 'began' | 'ended' | 'closed';
  lane: Lane;
  /** `secondary`: all that the token asks for. */
  resource: Resource | 'secondary';
  requests: number;
  /** Of a window that is closed, until when by the store's clock; else 0. */
  until: number;
}

export interface TurnNote extends NewTurnNote {
  /** Rises with each note of a token. */
  id: number;
  worker: string;
  /** By the store's clock, epoch milliseconds. */
  at: number;
}

/** Whose notes are meant: those that a worker makes of a token's requests to a host, after the newest one that it knows. */
export interface Noting {
  host: string;
  token: string;
  worker: string;
  after: number;
}

/** What a worker is told before it notes anything. */
export interface Noted {
  /** Those after the one that it knew, as far as they still count. */
  notes: readonly TurnNote[];
  /** The newest order for each lane of the host. */
  orders: readonly BreakerOrder[];
  /** The store's clock, the same for all. */
  now: number;
}

/** Where all workers of a token count its requests. */
export interface TurnLedger {
  /**
   * Lets a worker count the requests of a token with all others that do: tells it what was noted meanwhile, and keeps what it notes
   * itself. One after the other for each token; `decide` may be called again where a transaction has to be repeated.
   */
  noteTurns(noting: Noting, decide: (noted: Noted) => readonly NewTurnNote[]): Promise<void>;
  /** Forgets notes that do not count any more. */
  forgetTurns(): Promise<void>;
}
