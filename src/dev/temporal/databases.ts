import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { PostgresServer } from '../postgres.js';

const TOOL_WITHIN_MS = 60_000;

/** Temporal's two, and that of orgsaga's store. */
export const DATABASES = { temporal: 'temporal', visibility: 'temporal_visibility', store: 'orgsaga' };

/**
 * Makes the databases that are missing, and brings Temporal's to its server's own schema, as an upgrade of the server would. What is in
 * them stays.
 * @throws Error with what Temporal's tool says
 */
export async function makeDatabases(postgres: PostgresServer, sqlTool: string): Promise<void> {
  await using(postgres.url('postgres'), async (client) => {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
    const there = new Set(rows.map(({ datname }) => datname));
    for (const name of Object.values(DATABASES))
      if (!there.has(name)) await client.query(`create database ${name}`);
  });
  await schema(postgres, sqlTool, DATABASES.temporal, 'temporal');
  await schema(postgres, sqlTool, DATABASES.visibility, 'visibility');
}

async function schema(
  { port, user, password, url }: PostgresServer,
  sqlTool: string,
  database: string,
  name: string,
): Promise<void> {
  const where = ['--plugin', 'postgres12', '--ep', '127.0.0.1', '--port', String(port), '--user', user];
  const tool = (...args: string[]): Promise<unknown> =>
    promisify(execFile)(sqlTool, [...where, '--database', database, ...args], {
      // Not among the arguments, which everybody on this host can read.
      env: { ...process.env, SQL_PASSWORD: password, SQL_TLS: 'false' },
      timeout: TOOL_WITHIN_MS,
    });
  // It makes the tables of versions and cannot be run twice.
  if (!(await hasVersions(url(database)))) await tool('setup-schema', '--version', '0.0');
  await tool('update-schema', '--schema-name', `postgresql/v12/${name}`);
}

function hasVersions(url: string): Promise<boolean> {
  return using(url, async (client) => {
    const { rows } = await client.query("select 1 from pg_tables where tablename = 'schema_version'");
    return rows.length > 0;
  });
}

async function using<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, ssl: false });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
