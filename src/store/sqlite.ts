import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Kysely, SqliteDialect } from 'kysely';
import Sqlite from 'libsql';
import type { Engine } from './engine.js';
import { isBusy, storeError } from './errors.js';
import { keepingStatements } from './kept-statements.js';
import { RETRY_FOR } from './retry.js';
import type { Tables } from './tables.js';

/**
 * How long one call waits for another process's transaction, in ms. Short, as the call holds up this process's event
 * loop; {@link RETRY_FOR} bounds the whole wait.
 */
const BUSY_TIMEOUT = 100;

/** The database file `orgsaga.db` of a directory, readable by its owner alone, every commit synced to the disk. */
export async function openSqlite(directory: string): Promise<Engine> {
  const place = join(directory, 'orgsaga.db');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    closeSync(openSync(place, 'a', 0o600));
    const database = new Sqlite(place);
    try {
      database.pragma(`busy_timeout = ${BUSY_TIMEOUT}`);
      await switchToWal(database);
      database.pragma('synchronous = FULL');
      database.pragma('foreign_keys = ON');
    } catch (error) {
      database.close();
      throw error;
    }
    const dialect = new SqliteDialect({ database: keepingStatements(database) });
    const db = new Kysely<Tables>({ dialect });
    return {
      name: 'sqlite',
      db,
      place,
      // Not by a prepared statement: libsql leaves one that was refused as busy in progress, and no commit passes it.
      begin: async () => void database.exec('begin immediate'),
    };
  } catch (error) {
    throw storeError(error, { name: 'sqlite', place }, 'cannot be opened');
  }
}

/** SQLite does not wait by itself when several processes switch a new file at once. */
async function switchToWal(database: Sqlite.Database): Promise<void> {
  const end = performance.now() + RETRY_FOR;
  for (;;) {
    try {
      database.pragma('journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw error;
      await pause(5 + Math.random() * 20);
    }
  }
}
