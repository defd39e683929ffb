import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import Sqlite from 'libsql';

/** Where a store is: SQLite's file, or Postgres' URL. */
export type StorePlace = { file: string } | { url: string };

/** Of what Postgres' programs print. */
const MOST_BYTES = 1 << 28;
const BUSY_FOR_MS = 5_000;

function psql(url: string, input: string): string {
  const args = [url, '--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '-v', 'ON_ERROR_STOP=1'];
  return execFileSync('psql', args, { input, maxBuffer: MOST_BYTES, encoding: 'utf8' });
}

/** Rows of a query past the store. */
export function rowsIn(store: StorePlace, query: string): unknown[] {
  if ('url' in store)
    return JSON.parse(
      psql(store.url, `select coalesce(json_agg(found), '[]') from (${query}) as found`),
    ) as unknown[];
  const database = new Sqlite(store.file, { readonly: true });
  try {
    return database.prepare(query).all();
  } finally {
    database.close();
  }
}

/** Runs a statement past the store. */
export function executeIn(store: StorePlace, statement: string): void {
  if ('url' in store) {
    psql(store.url, statement);
    return;
  }
  const database = new Sqlite(store.file, { timeout: BUSY_FOR_MS });
  try {
    database.exec(statement);
  } finally {
    database.close();
  }
}

/** All that a store holds, to look for what it must not hold. */
export function contentsOf(store: StorePlace): string {
  if ('file' in store) return readFileSync(store.file, 'latin1');
  return execFileSync('pg_dump', [store.url], { maxBuffer: MOST_BYTES, encoding: 'latin1' });
}
