import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, join, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where set-up (scripts/setup/) keeps the executables: `$ORGSAGA_HOME/tools`, else `tools` in the user's cache directory. */
export function toolsDirectory(env: Environment = process.env): string {
  const home = env['ORGSAGA_HOME'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'orgsaga');
  return join(resolve(home), 'tools');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function fromVariable(env: Environment, variable: string): string | undefined {
  const path = env[variable];
  if (!path) return undefined;
  if (isExecutable(path)) return resolve(path);
  throw new Error(`${variable} names ${path}, which is no executable file. Correct it or unset it.`);
}

/**
 * Path of the Temporal CLI, which holds the dev server: TEMPORAL_CLI_PATH, else `temporal` on PATH, else the one in the cache.
 * Throws an Error that says what to do where none is there.
 */
export function findTemporalCli(env: Environment = process.env): string {
  const named = fromVariable(env, 'TEMPORAL_CLI_PATH');
  if (named !== undefined) return named;
  const candidates = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = [
    ...candidates.map((folder) => join(folder, 'temporal')),
    join(toolsDirectory(env), 'temporal-cli-1.5.1', 'temporal'),
  ].find(isExecutable);
  if (found !== undefined) return resolve(found);
  throw new Error(
    'The Temporal CLI is not here. In a checkout `npm start` installs it; else install it from https://docs.temporal.io/cli, or set TEMPORAL_CLI_PATH to the executable.',
  );
}

/**
 * Path of the time-skipping test server: TEMPORAL_TEST_SERVER_PATH, else the one in the cache.
 * Throws an Error that says what to do where none is there.
 */
export function findTimeSkippingServer(env: Environment = process.env): string {
  const named = fromVariable(env, 'TEMPORAL_TEST_SERVER_PATH');
  if (named !== undefined) return named;
  const cached = join(toolsDirectory(env), 'temporal-test-server-1.38.0', 'temporal-test-server');
  if (isExecutable(cached)) return cached;
  throw new Error(
    'The time-skipping test server is not here. `npm run test:time-skipping` installs it; or set TEMPORAL_TEST_SERVER_PATH to the executable.',
  );
}

/** The programs of the full Temporal server; what set-up brings (scripts/setup/full-server.mjs). */
export interface FullServerTools {
  server: string;
  /** Makes and brings up to date the schemas of its databases. */
  sqlTool: string;
  ui: string;
}

/**
 * Paths of the full Temporal server's programs: TEMPORAL_SERVER_PATH names the folder that has them, else they are in the cache.
 * Throws an Error that says what to do where they are not there.
 */
export function findFullServer(env: Environment = process.env): FullServerTools {
  const folder = env['TEMPORAL_SERVER_PATH'] || join(toolsDirectory(env), 'temporal-server-1.29.1');
  const tools = {
    server: join(folder, 'temporal-server'),
    sqlTool: join(folder, 'temporal-sql-tool'),
    ui: join(folder, 'temporal-ui-server'),
  };
  const missing = Object.values(tools).filter((path) => !isExecutable(path));
  if (missing.length === 0) return tools;
  throw new Error(
    env['TEMPORAL_SERVER_PATH']
      ? `TEMPORAL_SERVER_PATH names ${folder}, in which ${missing.join(' and ')} is no executable file. Correct it or unset it.`
      : `The full Temporal server is not in ${folder}. In a checkout \`npm run postgres\` brings it; or set TEMPORAL_SERVER_PATH to a folder with ${Object.values(
          tools,
        )
          .map((path) => basename(path))
          .join(', ')}.`,
  );
}
