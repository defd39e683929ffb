import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import {
  type JournalEntry,
  type LimitsOption,
  type SeedOrganization,
  type SimulatedGitHub,
  startSimulatedGitHub,
} from '../../src/dev/github/index.js';
import { startTemporalServer, type TemporalServer } from '../../src/dev/temporal.js';
import type { OrganizationDump } from './organization.js';
import { DIST, type Ran, type Running, startProgram } from './program.js';

export const TOKEN = 'e2e-token-of-nobody';
const LOGGED = 4_000;
const WORKER_AT_MOST_MS = 15 * 60_000;

/** Waits at the scale of milliseconds, a call's afterlife at that of seconds, and limits out of the way. */
const CONFIG = `retry:
  aggressive: { max_retries: 3, base: 30ms, factor: 2, max: 300ms }
  conservative: { max_retries: 2, base: 30ms, factor: 2, max: 300ms }
activity: { start_to_close: 4s, heartbeat: 1s, settle: 3s }
circuit_breaker: { failure_threshold: 5, timeout: 500ms, success_threshold: 2 }
lanes: { rest_points_per_minute: 1000000, graphql_points_per_minute: 1000000, content_per_minute: 100000, content_per_hour: 1000000, burst: 1000 }
batch: { coalesce_max_wait: 50ms }
`;

export interface SystemOptions {
  seed: readonly SeedOrganization[];
  /** Started at once; 1 unless given. */
  workers?: number;
  /** In place of the tests' `orgsaga.config.yaml`. */
  config?: string;
  /** With a Web UI. */
  ui?: boolean;
  /** Another build than the checkout's. */
  dist?: string;
  latencyMs?: number;
  limits?: LimitsOption;
}

export interface WorkerHandle {
  pid: number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Everything that a run needs, each part a process of its own but GitHub, which the test holds in its hands. */
export class System {
  readonly workers: WorkerHandle[] = [];
  private readonly running: Running[] = [];
  private connection: Connection | null = null;

  private constructor(
    readonly directory: string,
    readonly github: SimulatedGitHub,
    private server: TemporalServer,
    private readonly ui: boolean,
    private readonly dist: string,
  ) {}

  /** Starts all and resolves when the workers poll. What was started is ended where it rejects. */
  static async start(options: SystemOptions): Promise<System> {
    const directory = mkdtempSync(join(tmpdir(), 'orgsaga-system-'));
    mkdirSync(join(directory, 'home'));
    writeFileSync(join(directory, 'orgsaga.config.yaml'), options.config ?? CONFIG);
    const github = await startSimulatedGitHub({
      tokens: [TOKEN],
      seed: options.seed,
      recordBodies: true,
      limits: options.limits ?? 'none',
      latencyMs: options.latencyMs ?? 0,
    });
    const { ui = false, workers = 1, dist = DIST } = options;
    const server = await serve(directory, ui).catch(async (error: unknown) => {
      await github.close();
      throw error;
    });
    const system = new System(directory, github, server, ui, dist);
    try {
      await Promise.all(Array.from({ length: workers }, () => system.startWorker()));
      return system;
    } catch (error) {
      await system.stop();
      throw error;
    }
  }

  get address(): string {
    return this.server.address;
  }

  get uiUrl(): string {
    if (this.server.uiUrl === undefined) throw new Error('The system was started without a Web UI.');
    return this.server.uiUrl;
  }

  get serverPid(): number {
    return this.server.pid;
  }

  get storeFile(): string {
    return join(this.directory, 'home', 'orgsaga.db');
  }

  env(over: Readonly<Record<string, string | null>> = {}): Record<string, string> {
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
      GITHUB_TOKEN: TOKEN,
      ...over,
    };
    return Object.fromEntries(
      Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== null),
    );
  }

  /** Writes a file for a command to read, and gives its path. */
  write(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    return path;
  }

  start(args: readonly string[], over: Readonly<Record<string, string | null>> = {}): Running {
    const { dist, directory: cwd } = this;
    const running = startProgram(args, { dist, cwd, env: this.env(over) });
    this.running.push(running);
    return running;
  }

  orgsaga(args: readonly string[], over: Readonly<Record<string, string | null>> = {}): Promise<Ran> {
    return this.start(args, over).ended;
  }

  async startWorker(over: Readonly<Record<string, string | null>> = {}): Promise<WorkerHandle> {
    const { dist, directory: cwd } = this;
    const program = { dist, cwd, env: this.env(over), atMostMs: WORKER_AT_MOST_MS };
    const running = startProgram(['worker', '--json'], program);
    this.running.push(running);
    await running.says(/"ready":true/);
    const worker = {
      pid: running.pid,
      kill: async () => {
        running.signal('SIGKILL');
        await running.ended;
      },
    };
    this.workers.push(worker);
    return worker;
  }

  /** Ends the Temporal server as a crash would. */
  async killServer(): Promise<void> {
    await this.server.kill();
  }

  /** Starts it again on its file and its port. */
  async restartServer(): Promise<void> {
    const before = this.server.address;
    this.server = await serve(this.directory, this.ui, Number(before.split(':')[1]));
    if (this.server.address !== before)
      throw new Error(`${before} was taken meanwhile: the server is at ${this.server.address} now.`);
  }

  /** Temporal's own client, as somebody without our program has it. */
  async client(): Promise<Client> {
    this.connection ??= await Connection.connect({ address: this.server.address });
    return new Client({ connection: this.connection });
  }

  /** A deep copy of an organisation as GitHub has it now. */
  dump(login: string): OrganizationDump {
    const { organizations } = structuredClone(this.github.state.dump()) as {
      organizations: Record<string, OrganizationDump>;
    };
    const found = organizations[login];
    if (found === undefined) throw new Error(`There is no organisation ${login}.`);
    return found;
  }

  /** Where the journal stands; give it to {@link since}. */
  mark(): number {
    return this.github.journal.entries.at(-1)?.n ?? 0;
  }

  since(mark: number): JournalEntry[] {
    return this.github.journal.since(mark);
  }

  /** Waits until it holds, looking every 5 ms. @throws Error that names what was waited for */
  async until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
    for (const end = Date.now() + withinMs; !(await holds()); await pause(5))
      if (Date.now() > end) throw new Error(`${what}: not within ${withinMs / 1_000} s.\n${this.log()}`);
  }

  /** Waits until so many effects have reached an organisation since the mark. */
  effects(login: string, mark: number, count: number): Promise<void> {
    const reached = (): boolean =>
      this.since(mark).filter((entry) => entry.type === 'effect' && entry.organization === login).length >=
      count;
    return this.until(`${count} effects on ${login}`, reached);
  }

  /** The ends of what the server and the workers said, for a test's message. */
  log(): string {
    const server = readFileSync(join(this.directory, 'temporal.log'), 'utf8');
    const workers = this.running.filter(({ args }) => args[0] === 'worker').map((worker) => worker.said());
    return [server, ...workers].map((text) => text.slice(-LOGGED)).join('\n');
  }

  async stop(): Promise<void> {
    for (const running of this.running) running.signal('SIGKILL');
    await Promise.allSettled(this.running.map(({ ended }) => ended));
    await this.connection?.close();
    await this.server.stop();
    await this.github.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function serve(directory: string, ui: boolean, port = 0): Promise<TemporalServer> {
  return startTemporalServer({
    port,
    headless: !ui,
    dbFile: join(directory, 'temporal.db'),
    logFile: join(directory, 'temporal.log'),
  });
}

export const startSystem = (options: SystemOptions): Promise<System> => System.start(options);
