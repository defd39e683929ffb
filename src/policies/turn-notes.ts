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

/** Where all workers of a token count its requests. */
export interface TurnLedger {
  /**
   * Lets a worker count the requests of a token with all others that do: gives it what was noted after the note of that id, as
   * far as it still counts, and keeps what it notes itself. One after the other for each token; `decide` may be called again where a
   * transaction has to be repeated. `now` is the store's clock, the same for all.
   */
  noteTurns(
    token: string,
    worker: string,
    after: number,
    decide: (notes: readonly TurnNote[], now: number) => readonly NewTurnNote[],
  ): Promise<void>;
  /** Forgets notes that do not count any more. */
  forgetTurns(): Promise<void>;
}
