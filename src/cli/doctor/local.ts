import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config.js';
import { findTemporalCli } from '../../dev/tools.js';
import type { Deps } from '../deps.js';
import type { Io } from '../io.js';
import { type Check, fail, ok, warn } from './check.js';

/** package.json's `engines`. */
const LEAST_NODE = [20, 19] as const;

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return ok('Node.js', version);
  return fail(
    'Node.js',
    new Error(`${version} is too old`),
    `Install Node.js ${LEAST_NODE.join('.')} or later.`,
  );
}

export async function checkDirectory(home: string): Promise<Check> {
  const probe = join(home, `.doctor-${randomUUID()}`);
  try {
    await mkdir(home, { recursive: true });
    await writeFile(probe, 'x', { flag: 'wx' });
    await rm(probe, { force: true });
    return ok('data directory', home);
  } catch (error) {
    return fail('data directory', error, `Make ${home} writable, or set ORGSAGA_HOME to another directory.`);
  }
}

export async function checkStore(config: Config, deps: Deps): Promise<Check> {
  const what = config.databaseUrl === undefined ? `SQLite in ${config.home}` : 'Postgres (DATABASE_URL)';
  try {
    await deps.withStore(config, async () => {});
    return ok('store', what);
  } catch (error) {
    return fail(
      'store',
      error,
      `Check ${config.databaseUrl === undefined ? 'the data directory' : 'DATABASE_URL'}.`,
    );
  }
}

/** Only `dev` needs it, so that it is missing is no failure. */
export function checkDevServer(env: Io['env']): Check {
  try {
    return ok('dev server', findTemporalCli(env));
  } catch (error) {
    return warn(
      'dev server',
      error instanceof Error ? error.message : String(error),
      'Only `orgsaga dev` needs it.',
    );
  }
}
