import { redact } from '../security/redact.js';
import type { Engine } from './engine.js';
import { FencedError, StoppedError, SupersededError } from './store.js';

/** The store failed: what, where, why and what to do next. Never holds the password of a DATABASE_URL. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** The commit was sent and its answer lost: it may have been done, so it is not repeated. `cause` is the driver's error. */
export class UncertainCommit extends Error {}

const BUSY = new Set([
  'SQLITE_BUSY',
  'SQLITE_BUSY_RECOVERY',
  'SQLITE_BUSY_SNAPSHOT',
  'SQLITE_LOCKED',
  '40001', // serialization failure
  '40P01', // deadlock
  '55P03', // lock not available
  '57P03', // starting up
]);

const DISCONNECTED = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '08000',
  '08003',
  '08006',
  '53300', // too many connections
  '57P01', // shut down by an administrator
  '57P02',
]);

const HINTS: Record<string, string> = {
  SQLITE_FULL: 'The disk is full: free some space; what was confirmed is safe.',
  ENOSPC: 'The disk is full: free some space.',
  SQLITE_NOTADB: 'The file is not a database: move it away, or set ORGSAGA_HOME to another directory.',
  SQLITE_CORRUPT: 'The file is damaged: stop all workers and restore it from a backup.',
  SQLITE_READONLY: 'The file cannot be written: correct its permissions, or set ORGSAGA_HOME.',
  SQLITE_CANTOPEN: 'The file cannot be opened: correct its permissions, or set ORGSAGA_HOME.',
  SQLITE_IOERR: 'The disk failed to read or write: check it.',
  SQLITE_BUSY: 'Another process kept the file locked for 10 s: look for one that hangs.',
  EACCES: 'It may not be written by this user: correct its permissions, or set ORGSAGA_HOME.',
  EROFS: 'It is on a read-only file system: set ORGSAGA_HOME to another directory.',
  ENOTDIR: 'A file is where a directory should be: set ORGSAGA_HOME to another directory.',
  EEXIST: 'A file is where a directory should be: set ORGSAGA_HOME to another directory.',
  EISDIR: 'A directory is where the file should be: move it away.',
  ENOTFOUND: 'The host name is not known: correct DATABASE_URL.',
  EAI_AGAIN: 'The host name could not be looked up: check the network and DATABASE_URL.',
  ECONNREFUSED: 'Nothing answers there: start Postgres, or correct host and port in DATABASE_URL.',
  ETIMEDOUT: 'Postgres did not answer: check the network, and host and port in DATABASE_URL.',
  '28P01': 'Correct user and password in DATABASE_URL.',
  '28000': 'Postgres does not let this user in: correct DATABASE_URL or its pg_hba.conf.',
  '3D000': 'Create the database (createdb), or correct its name in DATABASE_URL.',
  '42501': 'Grant the user of DATABASE_URL the right to create and write tables.',
  '42P07': 'The database holds tables of something else: give orgsaga a database of its own.',
  '53100': "Postgres' disk is full: free some space; what was confirmed is safe.",
  '53300': 'Postgres has no connection left: raise max_connections or run fewer workers.',
  '25006': 'Postgres is read-only there: name the primary in DATABASE_URL.',
};

/** Whether another transaction was in the way: nothing was done, and the same may be tried again. */
export function isBusy(error: unknown): boolean {
  return BUSY.has(codeOf(error));
}

/** Whether the connection to Postgres was lost or refused. */
export function isDisconnected(error: unknown): boolean {
  return (
    DISCONNECTED.has(codeOf(error)) ||
    (error instanceof Error && error.message.startsWith('Connection terminated'))
  );
}

/** The error for people. Errors that the store itself threw pass unchanged. */
export function storeError(error: unknown, engine: Pick<Engine, 'name' | 'place'>, doing: string): Error {
  if (error instanceof UncertainCommit) return storeError(error.cause, engine, doing);
  const ours = [StoreError, FencedError, StoppedError, SupersededError].some((kind) => error instanceof kind);
  if (ours) return error as Error;
  const code = codeOf(error);
  const hint = HINTS[code] ?? HINTS[/^SQLITE_[A-Z]+/.exec(code)?.[0] ?? ''] ?? '';
  const reason = error instanceof Error && error.message !== '' ? error.message : code;
  const kind = engine.name === 'sqlite' ? 'SQLite store' : 'Postgres store';
  // No cause is attached: a driver's error may carry the whole URL.
  return new StoreError(redact(`The ${kind} at ${engine.place} ${doing}: ${reason}. ${hint}`.trim()));
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
