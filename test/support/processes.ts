import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TemporalServer } from '../../src/dev/temporal/server.js';
import { type Backend, backendIn } from './backend.js';
import { DIST, type Running, startProgram } from './program.js';
import type { StorePlace } from './stored.js';

/** Waits at the scale of milliseconds, a call's afterlife and the lag of reads at that of seconds, and limits out of the way. */
const CONFIG = `retry:
  aggressive: { max_retries: 3, base: 30ms, factor: 2, max: 300ms }
  conservative: { max_retries: 2, base: 30ms, factor: 2, max: 300ms }
activity: { start_to_close: 4s, heartbeat: 1s, settle: 3s, read_lag: 3s }
circuit_breaker: { failure_threshold: 5, timeout: 500ms, success_threshold: 2 }
lanes: { rest_points_per_minute: 1000000, graphql_points_per_minute: 1000000, content_per_minute: 100000, content_per_hour: 1000000, burst: 1000 }
batch: { coalesce_max_wait: 50ms }
`;

export interface ProcessesOptions {
  /** In place of the tests' `orgsaga.config.yaml`. */
  config?: string;
  /** With a Web UI. */
  ui?: boolean;
  /** Another build than the checkout's. */
  dist?: string;
}

export interface GitHubAt {
  url: string;
}

/** Environment variables over the usual ones; null takes one away. */
export type Over = Readonly<Record<string, string | null>>;

/** A directory for everything that processes of a test write. */
export function workDirectory(config = CONFIG): string {
  const directory = mkdtempSync(join(tmpdir(), 'orgsaga-test-'));
  mkdirSync(join(directory, 'home'));
  writeFileSync(join(directory, 'orgsaga.config.yaml'), config);
  return directory;
}

/** A Temporal server on a database, and commands and workers of the built program, against some GitHub. */
export class Processes {
  protected readonly running: Running[] = [];
  readonly dist: string;
  protected server: TemporalServer;
  private readonly backend: Backend;

  protected constructor(
    readonly directory: string,
    readonly github: GitHubAt,
    { backend, server }: Served,
    { dist = DIST }: ProcessesOptions,
  ) {
    this.dist = dist;
    this.backend = backend;
    this.server = server;
  }

  get address(): string {
    return this.server.address;
  }

  get store(): StorePlace {
    return this.backend.store;
  }

  /** Writes a file for a command to read, and gives its path. */
  write(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    return path;
  }

  env(over: Over = {}): Record<string, string> {
    const all: Record<string, string | null> = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.directory,
      NO_COLOR: '1',
      ORGSAGA_HOME: join(this.directory, 'home'),
      ORGSAGA_CONFIG: join(this.directory, 'orgsaga.config.yaml'),
      ORGSAGA_ACTOR: 'ada',
      ORGSAGA_LOG_LEVEL: 'warn',
      TEMPORAL_ADDRESS: this.server.address,
      GITHUB_API_URL: this.github.url,
      ...this.backend.env,
      ...over,
    };
    return Object.fromEntries(
      Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== null),
    );
  }

  /** Starts a command. It is ended with the test at the latest, or where it takes too long. */
  protected launch(
    args: readonly string[],
    { over = {}, dist = this.dist, atMostMs }: { over?: Over; dist?: string; atMostMs?: number } = {},
  ): Running {
    const { directory: cwd } = this;
    const limit = atMostMs === undefined ? {} : { atMostMs };
    const running = startProgram(args, { dist, cwd, env: this.env(over), ...limit });
    this.running.push(running);
    return running;
  }

  /** Starts a worker; resolves when it polls. */
  protected async launchWorker(how: { over?: Over; dist?: string; atMostMs: number }): Promise<Running> {
    const running = this.launch(['worker', '--json'], how);
    await running.says(/"ready":true/);
    return running;
  }

  /** Ends the Temporal server as a crash would. */
  async killServer(): Promise<void> {
    await this.server.kill();
  }

  /** Starts it again on its database and its port. */
  async restartServer(): Promise<void> {
    const before = this.server.address;
    this.server = await this.backend.start();
    if (this.server.address !== before)
      throw new Error(`${before} was taken meanwhile: the server is at ${this.server.address} now.`);
  }

  /** The ends of what the server and the workers said, for a message. */
  log(): string {
    const server = readFileSync(join(this.directory, 'temporal.log'), 'utf8');
    const workers = this.running.filter(({ args }) => args[0] === 'worker').map((worker) => worker.said());
    return [server, ...workers].map((text) => text.slice(-LOGGED)).join('\n');
  }

  /** Ends commands, workers and the server. */
  protected async end(): Promise<void> {
    for (const running of this.running) running.signal('SIGKILL');
    await Promise.allSettled(this.running.map(({ ended }) => ended));
    await this.server.kill();
  }

  protected removeDirectory(): void {
    this.backend.remove();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Characters of each process. */
const LOGGED = 4_000;

export interface Served {
  backend: Backend;
  server: TemporalServer;
}

/** A Temporal server on a database of the directory. */
export async function serve(directory: string, ui = false): Promise<Served> {
  const backend = await backendIn(directory, ui);
  try {
    return { backend, server: await backend.start() };
  } catch (error) {
    backend.remove();
    throw error;
  }
}
