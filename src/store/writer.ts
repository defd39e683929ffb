import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Engine } from './engine.js';
import { isBusy, isDisconnected, StoreError, storeError, UncertainCommit } from './errors.js';
import { retrying } from './retry.js';
import type { Database } from './tables.js';

/** Bounds how long one transaction holds up the event loop (SQLite's calls are synchronous) and other processes. */
const LARGEST_GROUP = 100;

interface Write {
  /** Returns what tells the caller, to be called once it is durable. */
  act(db: Database): Promise<() => void>;
  reject(error: Error): void;
}

/**
 * Group commit: writes that arrive while a transaction is under way go together into the next one, so that a slow disk
 * costs one sync for many. A write's promise resolves once it is durable. When one of a group fails the group is rolled
 * back and each is done alone, so that nobody fails for a neighbour. Writes must be safe to run again after a rollback.
 */
export class Writer {
  readonly #engine: Engine;
  #waiting: Write[] = [];
  #busy: Promise<void> | null = null;
  #closed = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  write<T>(act: (db: Database) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreError('The store is closed.'));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        act: async (db) => {
          const value = await act(db);
          return () => resolve(value);
        },
        reject,
      });
      this.#busy ??= this.#drain();
    });
  }

  /** Takes no more writes; resolves when those that were taken are done. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#busy;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // What has already arrived on sockets gets its turn to join: a synchronous commit lets nothing arrive meanwhile.
      await nextTurn();
      await this.#commit(this.#waiting.splice(0, LARGEST_GROUP));
    }
    this.#busy = null;
  }

  async #commit(group: Write[]): Promise<void> {
    try {
      const durable = await retrying(
        () => transact(this.#engine, group),
        (error) => isBusy(error) || isDisconnected(error),
      );
      for (const tell of durable) tell();
    } catch (error) {
      if (group.length === 1 || error instanceof UncertainCommit) {
        for (const write of group) write.reject(storeError(error, this.#engine, 'failed to write'));
        return;
      }
      for (const write of group) await this.#commit([write]);
    }
  }
}

/** Runs `act` in a transaction of its own. */
export function inTransaction<T>(engine: Engine, act: (db: Database) => Promise<T>): Promise<T> {
  return engine.db.connection().execute(async (db) => {
    await engine.begin(db);
    let value: T;
    try {
      value = await act(db);
    } catch (error) {
      await rollback(db);
      throw error;
    }
    try {
      await sql`commit`.execute(db);
      return value;
    } catch (error) {
      await rollback(db);
      throw new UncertainCommit('commit failed', { cause: error });
    }
  });
}

async function transact(engine: Engine, group: readonly Write[]): Promise<(() => void)[]> {
  return inTransaction(engine, async (db) => {
    const durable: (() => void)[] = [];
    for (const write of group) durable.push(await write.act(db));
    return durable;
  });
}

/** The first error counts; that of a rollback after it only says the same again. */
async function rollback(db: Database): Promise<void> {
  await sql`rollback`.execute(db).catch(() => undefined);
}
