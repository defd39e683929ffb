import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from '../../src/dev/ports.js';

export interface TestPostgres {
  url: string;
  stop(): Promise<void>;
}

/** Debian's place for Postgres' servers; newest first. */
const VERSIONS = '/usr/lib/postgresql';

/** Whether tests can have a Postgres: ORGSAGA_TEST_DATABASE_URL names one, or its programs are installed. */
export function hasPostgres(): boolean {
  return Boolean(process.env['ORGSAGA_TEST_DATABASE_URL']) || binaries() !== null;
}

/** The Postgres of ORGSAGA_TEST_DATABASE_URL, or a private one on a free port of 127.0.0.1, gone with `stop`. */
export async function startPostgres(): Promise<TestPostgres> {
  const given = process.env['ORGSAGA_TEST_DATABASE_URL'];
  if (given) return { url: given, stop: async () => undefined };
  const bin = binaries();
  if (bin === null) throw new Error('There is no Postgres: install it, or set ORGSAGA_TEST_DATABASE_URL.');
  const directory = mkdtempSync(join(tmpdir(), 'orgsaga-postgres-'));
  const account = unprivileged();
  if (account !== null) chownSync(directory, account.uid, account.gid);
  const data = join(directory, 'data');
  const initdb = ['-D', data, '-U', 'orgsaga', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
  execFileSync(join(bin, 'initdb'), initdb, { ...account, cwd: directory, stdio: 'pipe' });
  const port = await freePort();
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', directory],
    { ...account, cwd: directory, stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const stop = async () => {
    server.kill('SIGINT');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  const url = `postgres://orgsaga@127.0.0.1:${port}/postgres`;
  const answered = await answers(url, () => server.exitCode === null);
  if (answered) return { url, stop };
  await stop();
  throw new Error('Postgres did not start within 30 s.');
}

function binaries(): string | null {
  if (!existsSync(VERSIONS)) return null;
  const newest = readdirSync(VERSIONS).toSorted((left, right) => Number(right) - Number(left));
  const folders = newest.map((version) => join(VERSIONS, version, 'bin'));
  return folders.find((folder) => existsSync(join(folder, 'initdb'))) ?? null;
}

const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));

/** Postgres refuses to run as root; the package's own user is there where its programs are. */
function unprivileged(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  return { uid: id('-u'), gid: id('-g') };
}

async function answers(url: string, alive: () => boolean): Promise<boolean> {
  for (const end = Date.now() + 30_000; Date.now() < end && alive(); await pause(50)) {
    const client = new Client({ connectionString: url });
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
