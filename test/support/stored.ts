import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import Sqlite from 'libsql';

/** Where a store is: SQLite's file, or Postgres' URL. */
export type StorePlace = { file: string } | { url: string };

/** Of what Postgres' programs print. */
const MOST_BYTES = 1 << 28;
const BUSY_FOR_MS = 5_000;

function psql(url: string, input: string): string {
  const args = ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '-v', 'ON_ERROR_STOP=1'];
  return execFileSync('psql', args, { input, env: access(url), maxBuffer: MOST_BYTES, encoding: 'utf8' });
}

/** What Postgres' programs are told, past their arguments, which everybody on this host can read. */
function access(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    PATH: process.env['PATH'] ?? '',
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: password,
    PGDATABASE: pathname.slice(1),
  };
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
  if ('url' in store)
    return execFileSync('pg_dump', [], {
      env: access(store.url),
      maxBuffer: MOST_BYTES,
      encoding: 'latin1',
    });
  // What was written last is in the log ahead of the file.
  const files = [store.file, `${store.file}-wal`].filter((file) => existsSync(file));
  return files.map((file) => readFileSync(file, 'latin1')).join('');
}
