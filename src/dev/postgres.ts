import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from './ports.js';
import { type ServerProcess, startServer } from './temporal/server.js';

const USER = 'orgsaga';
/** Debian's place for Postgres' programs, which are not on PATH there. */
const VERSIONS = '/usr/lib/postgresql';
const READY_WITHIN_MS = 30_000;
/**
 * Temporal's pools and several workers' fit in. A commit is with the operating system when it is answered, not on the disk: a kill -9 of
 * everything loses nothing, a power cut may. Production leaves `fsync` on.
 */
const SETTINGS = { max_connections: '200', fsync: 'off', full_page_writes: 'off' };

export interface PostgresServer extends Pick<ServerProcess, 'kill' | 'stop'> {
  port: number;
  user: string;
  password: string;
  /** Of a database of it, with the password. */
  url: (database: string) => string;
}

export interface PostgresOptions {
  /** Where its data are, of {@link postgresDirectory}; made where they are not there. */
  directory: string;
  port?: number;
  /** Of its one user, who may do anything there, also run programs: so others on this host must not come in. */
  password: string;
  logFile: string;
}

export const freshPassword = (): string => randomBytes(16).toString('hex');

/** URL of a database of a server of ours. */
export const postgresUrl = (port: number, password: string, database: string): string =>
  `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;

/** Folder of Postgres' programs: the newest of Debian's packages, else that on PATH; null where it is not installed. */
export function findPostgres(): string | null {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  const newest = versions.toSorted((left, right) => Number(right) - Number(left));
  const folders = newest.map((version) => join(VERSIONS, version, 'bin'));
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...folders, ...onPath].find((folder) => existsSync(join(folder, 'initdb'))) ?? null;
}

/**
 * A directory of its own that Postgres can use, in the system's temporary one. It refuses to run as root, and the user that it has then
 * reaches neither into root's home nor into what only root may read.
 */
export function postgresDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'orgsaga-postgres-'));
}

/**
 * Starts a private Postgres on loopback and resolves when it answers. Its data outlive it.
 * Guarantee: nothing of it is left running when this rejects.
 * @throws Error that says what to do where Postgres is not installed, else with what its log says
 */
export async function startPostgres({
  directory,
  port,
  password,
  logFile,
}: PostgresOptions): Promise<PostgresServer> {
  const bin = findPostgres();
  if (bin === null)
    throw new Error(
      'Postgres is not here. Install it (on Debian: apt-get install postgresql), then try again.',
    );
  const account = unprivileged();
  const data = join(directory, 'data');
  if (!existsSync(data)) {
    if (account !== null) chownSync(directory, account.uid, account.gid);
    const pwfile = join(directory, 'password');
    writeFileSync(pwfile, password, { mode: 0o600 });
    if (account !== null) chownSync(pwfile, account.uid, account.gid);
    const access = ['-U', USER, '-A', 'scram-sha-256', '--pwfile', pwfile];
    const args = ['-D', data, ...access, '-E', 'UTF8', '--no-locale', '--no-sync'];
    execFileSync(join(bin, 'initdb'), args, { ...account, cwd: directory, stdio: 'pipe' });
    rmSync(pwfile);
  }
  const own = await freePort(port);
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const args = ['-D', data, '-h', '127.0.0.1', '-p', String(own), '-k', '', ...settings];
  const server = await startServer({
    name: 'Postgres',
    executable: join(bin, 'postgres'),
    args,
    logFile,
    cwd: directory,
    // A fast shutdown, for the usual one waits for its clients; an immediate one is a crash that leaves no process behind.
    signals: { stop: 'SIGINT', kill: 'SIGQUIT' },
    ...account,
  });
  const url = (database: string): string => postgresUrl(own, password, database);
  const { kill, stop } = server;
  if (await answers(url('postgres'), server)) return { port: own, user: USER, password, url, kill, stop };
  const ended = server.hasEnded();
  await kill();
  throw server.failure(
    ended
      ? 'Postgres ended while it was starting.'
      : `Postgres did not answer within ${READY_WITHIN_MS / 1_000} s.`,
  );
}

function id(flag: string): number {
  try {
    return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }));
  } catch {
    throw new Error(
      'Postgres does not run as root, and there is no user postgres for it here. Make one, or run this as another user.',
    );
  }
}

/** The package's own user, where we are root. */
function unprivileged(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  return { uid: id('-u'), gid: id('-g') };
}

async function answers(url: string, server: ServerProcess): Promise<boolean> {
  for (const end = Date.now() + READY_WITHIN_MS; Date.now() < end && !server.hasEnded(); await pause(50)) {
    const client = new Client({ connectionString: url, ssl: false });
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      await client.end().catch(() => undefined);
    }
  }
  return false;
}
