import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../src/dev/ports.js';
import { openStore } from '../../src/store/open.js';
import { anIntent } from '../support/an-intent.js';
import { compiled } from '../support/compiled.js';

const PASSWORD = 'correct-horse-battery';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'orgsaga-store-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function failureOf(options: { directory: string; databaseUrl?: string }): Promise<Error> {
  try {
    const store = await openStore(options);
    await store.close();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('The store opened.');
}

describe('A SQLite store that cannot be used', () => {
  it('says so of a file that is no database', async () => {
    writeFileSync(join(directory, 'orgsaga.db'), 'this is a letter to my aunt. '.repeat(1000));
    const { name, message } = await failureOf({ directory });
    expect(name).toBe('StoreError');
    expect(message).toContain(join(directory, 'orgsaga.db'));
    expect(message).toContain('move it away, or set ORGSAGA_HOME');
  });

  it('says so of a file where the directory should be', async () => {
    writeFileSync(join(directory, 'home'), '');
    const { message } = await failureOf({ directory: join(directory, 'home', 'data') });
    expect(message).toContain('A file is where a directory should be');
  });

  it('says so of a directory where the file should be', async () => {
    mkdirSync(join(directory, 'orgsaga.db'));
    expect((await failureOf({ directory })).message).toContain('A directory is where the file should be');
  });

  it('says so of a damaged file', async () => {
    const store = await openStore({ directory });
    await store.acquireLock('acme', 'r1', 'a');
    await Promise.all(Array.from({ length: 200 }, () => store.intend(anIntent())));
    await store.close();
    const file = join(directory, 'orgsaga.db');
    const database = new Sqlite(file);
    database.pragma('wal_checkpoint(TRUNCATE)');
    database.close();
    writeFileSync(file, readFileSync(file).fill(0x5a, 100));
    expect((await failureOf({ directory })).message).toMatch(/damaged: stop all workers and restore/);
  });

  it('says so of a schema from a newer release, and leaves it alone', async () => {
    await (await openStore({ directory })).close();
    const database = new Sqlite(join(directory, 'orgsaga.db'));
    database.exec('update schema_version set version = 99');
    database.close();
    expect((await failureOf({ directory })).message).toMatch(/has schema 99, .* Upgrade orgsaga/);
  });

  it('keeps what was confirmed and says so when the disk is full', () => {
    const child = compiled('test/support/store-child.ts');
    try {
      // A limit on the size of files stands for the full disk: 2,000 blocks of 512 bytes or 1 KiB.
      const options = JSON.stringify({ directory });
      const env = { ...process.env, STORE: options, WRITER: 'w1', COUNT: '5000' };
      const command = 'ulimit -f 2000; exec "$0" "$1"';
      let printed = '';
      try {
        execFileSync('sh', ['-c', command, process.execPath, child.path], { env, encoding: 'utf8' });
      } catch (error) {
        printed = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
      }
      expect(printed).toMatch(/failed: The SQLite store at .* failed to write: .*(disk|full)/);
      const confirmed = printed.split('\n').filter((line) => /^\d+$/.test(line));
      const database = new Sqlite(join(directory, 'orgsaga.db'));
      const kept = new Set(database.prepare('select id from records').pluck().all());
      database.close();
      expect(confirmed.length).toBeGreaterThan(20);
      expect(confirmed.filter((id) => !kept.has(Number(id)))).toEqual([]);
    } finally {
      child.remove();
    }
  });

  it('is readable by its owner alone', async () => {
    await (await openStore({ directory: join(directory, 'home') })).close();
    expect(statSync(join(directory, 'home')).mode & 0o077).toBe(0);
    expect(statSync(join(directory, 'home', 'orgsaga.db')).mode & 0o077).toBe(0);
  });
});

describe('A wrong DATABASE_URL', () => {
  it('is told by what is wrong with it, never with its password', async () => {
    const port = await freePort();
    const wrong: [string, string][] = [
      [`postgres://me:${PASSWORD}@127.0.0.1:${port}/db`, 'Nothing answers there'],
      [`postgres://me:${PASSWORD}@127.0.0.1:99999/db`, 'is no URL'],
      [`mysql://me:${PASSWORD}@127.0.0.1/db`, 'is no URL'],
      [`postgres:${PASSWORD}`, 'is no URL'],
      [PASSWORD, 'is no URL'],
    ];
    for (const [databaseUrl, expected] of wrong) {
      const failure = await failureOf({ directory, databaseUrl });
      expect(failure.message).toContain(expected);
      expect(`${failure.message} ${failure.stack} ${JSON.stringify(failure)}`).not.toContain(PASSWORD);
      expect(failure.cause).toBeUndefined();
    }
  });
});
