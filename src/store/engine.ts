import type { Database } from './tables.js';

/** What the two databases do differently; all else is one code. */
export interface Engine {
  readonly name: 'sqlite' | 'postgres';
  readonly db: Database;
  /** Begins a transaction that may write, on the one connection that `db` is bound to. */
  begin(db: Database): Promise<void>;
  /** Where the data is, for messages: a path, or host and database name; never a password. */
  readonly place: string;
}
