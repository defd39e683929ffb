import { join } from 'node:path';
import { claimDirectory } from './data-directory.js';
import { type SimulatedGitHub, seedDemo, startSimulatedGitHub } from './github/index.js';
import { freePort } from './ports.js';
import { startDevServer } from './temporal/dev-server.js';
import { type ServerOnPostgres, startOnPostgres } from './temporal/on-postgres.js';
import type { TemporalServer } from './temporal/server.js';
import { startWorkerProcess } from './worker-process.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The simulated GitHub takes any token; a real one must not travel to it. */
const SIMULATED_TOKEN = 'simulated';

export interface StackOptions {
  /** Data directory; the dev server's database, and logs, go to `stack` in it. */
  home: string;
  /** Preferred ports; where one is taken, another is used. */
  port: number;
  uiPort: number;
  githubPort: number;
  /** Repositories of the simulated organisation `acme`. */
  repos: number;
  worker: boolean;
  /** The full Temporal server and the store on a Postgres of its own, in place of the dev server. What is in it goes with the stack. */
  postgres?: boolean;
  workerLog: 'inherit' | { file: string };
  /** For the worker. GITHUB_API_URL in it takes the place of the simulated GitHub. */
  env: Environment;
  /** Gives up starting. */
  signal?: AbortSignal;
  /** Told when the worker ends although nobody asked it to. */
  onWorkerGone?: () => void;
}

/** A Temporal server with its Web UI, a GitHub, and a worker. */
export interface Stack {
  /** host:port of the server. */
  temporal: string;
  /** URL of the Web UI. */
  ui: string;
  /** URL of the GitHub API. */
  github: string;
  /** To set faults on, where GitHub is simulated. */
  simulated: SimulatedGitHub | null;
  /** The variables by which commands in another terminal find it. */
  variables: Record<string, string>;
  /** Ends everything that was started, the last first. A second call does nothing more. */
  stop(): Promise<void>;
}

async function startGitHub({ githubPort, repos }: StackOptions): Promise<SimulatedGitHub> {
  return startSimulatedGitHub({ port: await freePort(githubPort), seed: [seedDemo(repos)] });
}

/** The store is on the server's Postgres, where it has one. */
type StackServer = TemporalServer & Partial<Pick<ServerOnPostgres, 'databaseUrl'>>;

async function startTemporal(options: StackOptions, directory: string): Promise<StackServer> {
  const { port, uiPort, postgres = false } = options;
  if (!postgres) {
    const [dbFile, logFile] = [join(directory, 'temporal.db'), join(directory, 'temporal.log')];
    return startDevServer({ port, uiPort, dbFile, logFile });
  }
  return startOnPostgres({ directory: join(directory, 'postgres'), port, uiPort });
}

/** Workers that share a server must share the store too. */
const SHARED = ['ORGSAGA_HOME', 'ORGSAGA_CONFIG', 'ORGSAGA_TASK_QUEUE'];

function variablesFor(
  env: Environment,
  { address, databaseUrl }: StackServer,
  simulated: SimulatedGitHub | null,
): Record<string, string> {
  return {
    ...Object.fromEntries(SHARED.flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
    TEMPORAL_ADDRESS: address,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    ...(simulated === null ? {} : { GITHUB_API_URL: simulated.url, GITHUB_TOKEN: SIMULATED_TOKEN }),
  };
}

/** Without what would lead a client to another server than ours, or send it real credentials. */
function workerEnvironment(env: Environment, variables: Record<string, string>): Environment {
  const kept = Object.entries(env).filter(
    ([name]) => !name.startsWith('TEMPORAL_') && !('GITHUB_TOKEN' in variables && name.startsWith('GITHUB_')),
  );
  // In the foreground beside the stack's own messages, a worker that does well is silent.
  const quiet = { ORGSAGA_LOG_LEVEL: env['ORGSAGA_LOG_LEVEL'] || 'warn' };
  return { ...Object.fromEntries(kept), ...quiet, TEMPORAL_NAMESPACE: 'default', ...variables };
}

/**
 * Starts the embedded stack and resolves when all of it answers. Everything listens on 127.0.0.1 only.
 * @throws Error that says which part failed and why; what had been started is ended then
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const endings: (() => Promise<void> | void)[] = [];
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      for (const end of endings.toReversed()) await end();
    })();
    return stopping;
  };
  try {
    const directory = claimDirectory(join(options.home, 'stack'));
    endings.push(directory.release);
    const simulated = options.env['GITHUB_API_URL'] ? null : await startGitHub(options);
    if (simulated !== null) endings.push(() => simulated.close());
    options.signal?.throwIfAborted();
    const server = await startTemporal(options, directory.path);
    directory.shareWith(server.pid);
    endings.push(() => server.stop());
    options.signal?.throwIfAborted();
    const variables = variablesFor(options.env, server, simulated);
    if (options.worker) {
      const env = workerEnvironment(options.env, variables);
      const worker = await startWorkerProcess({ env, log: options.workerLog });
      endings.push(() => worker.stop());
      void worker.gone.then(() => {
        if (stopping === null) options.onWorkerGone?.();
      });
      options.signal?.throwIfAborted();
    }
    const github = simulated?.url ?? options.env['GITHUB_API_URL'] ?? '';
    return { temporal: server.address, ui: server.uiUrl ?? '', github, simulated, variables, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
