import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'libsql';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { openStore, type StoreOptions } from '../../src/store/open.js';
import type { Store } from '../../src/store/store.js';
import { hasPostgres, startTestPostgres, type TestPostgres } from './postgres.js';

export interface StoreFixture {
  kind: 'sqlite' | 'postgres';
  /** Options of an empty store, another one at each call; all is removed after the test. */
  fresh: () => Promise<StoreOptions>;
  /** Opens a store that is closed after the test. */
  open: (options: StoreOptions) => Promise<Store>;
  /** Runs a statement of SQL past the store. */
  execute: (options: StoreOptions, statement: string) => Promise<void>;
}

/** Describes a suite once over each database that is there, and prints which. */
export function describeStores(name: string, suite: (fixture: StoreFixture) => void): void {
  const kinds = hasPostgres() ? (['sqlite', 'postgres'] as const) : (['sqlite'] as const);
  process.stderr.write(`${name}: over ${kinds.join(' and ')}\n`);
  for (const kind of kinds) {
    describe(`${name} over ${kind}`, () => {
      let postgres: TestPostgres | null = null;
      const directories: string[] = [];
      const schemas: string[] = [];
      const opened: Store[] = [];

      beforeAll(async () => {
        if (kind === 'postgres') postgres = await startTestPostgres();
      });

      afterEach(async () => {
        await Promise.all(opened.splice(0).map((store) => store.close()));
        for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
        for (const schema of schemas.splice(0)) await execute(postgres, `drop schema ${schema} cascade`);
      });

      afterAll(async () => {
        await postgres?.stop();
      });

      suite({
        kind,
        async fresh() {
          const directory = mkdtempSync(join(tmpdir(), 'orgsaga-store-'));
          directories.push(directory);
          if (postgres === null) return { directory };
          const schema = `test_${randomBytes(6).toString('hex')}`;
          await execute(postgres, `create schema ${schema}`);
          schemas.push(schema);
          const url = new URL(postgres.url);
          url.searchParams.set('options', `-c search_path=${schema}`);
          return { directory, databaseUrl: url.href.replaceAll('+', '%20') };
        },
        async open(options) {
          const store = await openStore(options);
          opened.push(store);
          return store;
        },
        async execute({ databaseUrl, directory }, statement) {
          if (databaseUrl !== undefined) return execute({ url: databaseUrl }, statement);
          const database = new Sqlite(join(directory, 'orgsaga.db'));
          database.exec(statement);
          database.close();
        },
      });
    });
  }
}

async function execute(postgres: { url: string } | null, statement: string): Promise<void> {
  const client = new Client({ connectionString: postgres?.url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
