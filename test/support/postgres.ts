import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { findPostgres, freshPassword, postgresDirectory, startPostgres } from '../../src/dev/postgres.js';

export interface TestPostgres {
  url: string;
  stop(): Promise<void>;
}

/** Whether tests can have a Postgres: ORGSAGA_TEST_DATABASE_URL names one, or its programs are installed. */
export function hasPostgres(): boolean {
  return Boolean(process.env['ORGSAGA_TEST_DATABASE_URL']) || findPostgres() !== null;
}

/** The Postgres of ORGSAGA_TEST_DATABASE_URL, or a private one on a free port of 127.0.0.1, gone with `stop`. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const given = process.env['ORGSAGA_TEST_DATABASE_URL'];
  if (given) return { url: given, stop: async () => undefined };
  const directory = postgresDirectory();
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    const logFile = join(directory, 'postgres.log');
    const server = await startPostgres({ directory, password: freshPassword(), logFile });
    return { url: server.url('postgres'), stop: () => server.stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}
