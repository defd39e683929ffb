import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startTemporalServer, type TemporalServer } from '../../../src/dev/temporal.js';
import { DIST, type Ran, type Running, startProgram } from '../../support/program.js';
import { type GitHubOptions, GitHubProcess } from './github-process.js';

/** Waits at the scale of milliseconds, a call's afterlife at that of seconds, and limits out of the way. */
const CONFIG = `retry:
  aggressive: { max_retries: 3, base: 30ms, factor: 2, max: 300ms }
  conservative: { max_retries: 2, base: 30ms, factor: 2, max: 300ms }
activity: { start_to_close: 4s, heartbeat: 1s, settle: 3s }
circuit_breaker: { failure_threshold: 5, timeout: 500ms, success_threshold: 2 }
lanes: { rest_points_per_minute: 1000000, graphql_points_per_minute: 1000000, content_per_minute: 100000, content_per_hour: 1000000, burst: 1000 }
batch: { coalesce_max_wait: 50ms }
`;

const COMMAND_AT_MOST_MS = 180_000;
const WORKER_AT_MOST_MS = 90 * 60_000;
/** What a workflow says whose history and code do not fit. */
const REPLAY_ERROR = /TMPRL1100|[Nn]ondetermini/g;

export interface StageOptions extends GitHubOptions {
  workers: number;
  /** Another build than the checkout's. */
  dist?: string;
}

export interface StageWorker {
  running: Running;
  /** As the simulated GitHub's journal shows its token. */
  fingerprint: string;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Everything that a run needs, each part a process of its own: GitHub, Temporal on a database file, workers. */
export class Stage {
  readonly workers: StageWorker[] = [];
  private readonly running: Running[] = [];
  private tokens = 0;

  private constructor(
    readonly directory: string,
    readonly github: GitHubProcess,
    private server: TemporalServer,
    private readonly dist: string,
  ) {}

  static async start({ workers, dist = DIST, ...options }: StageOptions): Promise<Stage> {
    const directory = mkdtempSync(join(tmpdir(), 'orgsaga-campaign-'));
    mkdirSync(join(directory, 'home'));
    writeFileSync(join(directory, 'orgsaga.config.yaml'), CONFIG);
    const github = await GitHubProcess.start(dist, directory, options);
    const server = await serve(directory).catch((error: unknown) => {
      github.stop();
      throw error;
    });
    const stage = new Stage(directory, github, server, dist);
    try {
      await Promise.all(Array.from({ length: workers }, () => stage.startWorker()));
      return stage;
    } catch (error) {
      await stage.stop();
      throw error;
    }
  }

  get address(): string {
    return this.server.address;
  }

  get storeFile(): string {
    return join(this.directory, 'home', 'orgsaga.db');
  }

  /** Writes a file for a command to read, and gives its path. */
  write(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    return path;
  }

  async orgsaga(...args: string[]): Promise<Ran> {
    const { dist, directory: cwd } = this;
    const running = startProgram(args, { dist, cwd, env: this.env(), atMostMs: COMMAND_AT_MOST_MS });
    this.running.push(running);
    return running.ended;
  }

  /** Each worker has a token of its own, so that the journal tells who sent what. */
  async startWorker(
    over: Readonly<Record<string, string>> = {},
    dist: string = this.dist,
  ): Promise<StageWorker> {
    const { directory: cwd } = this;
    const token = `campaign-token-${++this.tokens}`;
    const env = { ...this.env(), GITHUB_TOKEN: token, ...over };
    const running = startProgram(['worker', '--json'], { dist, cwd, env, atMostMs: WORKER_AT_MOST_MS });
    this.running.push(running);
    await running.says(/"ready":true/);
    const worker: StageWorker = {
      running,
      fingerprint: createHash('sha256').update(token).digest('hex').slice(0, 12),
      kill: async () => {
        const place = this.workers.indexOf(worker);
        if (place >= 0) this.workers.splice(place, 1);
        running.signal('SIGKILL');
        await running.ended;
      },
    };
    this.workers.push(worker);
    return worker;
  }

  /** Ends the Temporal server as a crash would, and starts it again on its file and its port after a while. */
  async crashServer(downMs: number): Promise<void> {
    const before = this.server.address;
    await this.server.kill();
    await pause(downMs);
    this.server = await serve(this.directory, Number(before.split(':')[1]));
    if (this.server.address !== before)
      throw new Error(`${before} was taken meanwhile: the server is at ${this.server.address} now.`);
  }

  /** How many workflow tasks failed because history and code did not fit, by what the workers said. */
  replayErrors(): number {
    return this.running.reduce((sum, one) => sum + (one.said().match(REPLAY_ERROR)?.length ?? 0), 0);
  }

  /** The ends of what the server and the workers said. */
  log(): string {
    const server = readFileSync(join(this.directory, 'temporal.log'), 'utf8');
    const workers = this.running.filter(({ args }) => args[0] === 'worker').map((worker) => worker.said());
    return [server, ...workers].map((text) => text.slice(-2_000)).join('\n');
  }

  async stop(): Promise<void> {
    for (const running of this.running) running.signal('SIGKILL');
    await Promise.allSettled(this.running.map(({ ended }) => ended));
    await this.server.kill();
    this.github.stop();
    if (process.env['ORGSAGA_CAMPAIGN_KEEP'] === undefined)
      rmSync(this.directory, { recursive: true, force: true });
  }

  env(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: this.directory,
      NO_COLOR: '1',
      ORGSAGA_HOME: join(this.directory, 'home'),
      ORGSAGA_CONFIG: join(this.directory, 'orgsaga.config.yaml'),
      ORGSAGA_ACTOR: 'ada',
      ORGSAGA_LOG_LEVEL: 'warn',
      TEMPORAL_ADDRESS: this.server.address,
      GITHUB_API_URL: this.github.url,
    };
  }
}

function serve(directory: string, port = 0): Promise<TemporalServer> {
  return startTemporalServer({
    port,
    headless: true,
    dbFile: join(directory, 'temporal.db'),
    logFile: join(directory, 'temporal.log'),
  });
}
