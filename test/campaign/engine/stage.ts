import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Over, Processes, type Served, serve, workDirectory } from '../../support/processes.js';
import { DIST, type Ran, type Running } from '../../support/program.js';
import { type GitHubOptions, GitHubProcess } from './github-process.js';

const COMMAND_AT_MOST_MS = 180_000;
const WORKER_AT_MOST_MS = 90 * 60_000;
/** What a workflow says whose history and code do not fit. */
const REPLAY_ERROR = /.*(?:TMPRL1100|[Nn]ondetermini).*/g;

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

/** Everything that a run needs, each part a process of its own: GitHub, Temporal on a database, workers. */
export class Stage extends Processes {
  readonly workers: StageWorker[] = [];
  private tokens = 0;

  private constructor(
    directory: string,
    override readonly github: GitHubProcess,
    served: Served,
    dist: string,
  ) {
    super(directory, github, served, { dist });
  }

  static async start({ workers, dist = DIST, ...options }: StageOptions): Promise<Stage> {
    const directory = workDirectory();
    const github = await GitHubProcess.start(dist, directory, options);
    const served = await serve(directory).catch((error: unknown) => {
      github.stop();
      throw error;
    });
    const stage = new Stage(directory, github, served, dist);
    try {
      await Promise.all(Array.from({ length: workers }, () => stage.startWorker()));
      return stage;
    } catch (error) {
      await stage.stop();
      throw error;
    }
  }

  async orgsaga(...args: string[]): Promise<Ran> {
    return this.launch(args, { atMostMs: COMMAND_AT_MOST_MS }).ended;
  }

  /** Each worker has a token of its own, so that the journal tells who sent what. */
  async startWorker(over: Over = {}, dist?: string): Promise<StageWorker> {
    const token = `campaign-token-${++this.tokens}`;
    const running = await this.launchWorker({
      over: { GITHUB_TOKEN: token, ...over },
      ...(dist === undefined ? {} : { dist }),
      atMostMs: WORKER_AT_MOST_MS,
    });
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

  /** Ends the Temporal server as a crash would, and starts it again on its database and its port after a while. */
  async crashServer(downMs: number): Promise<void> {
    await this.killServer();
    await pause(downMs);
    await this.restartServer();
  }

  /** What the workers said of workflow tasks that failed because history and code did not fit, a line each. */
  replayErrors(): string[] {
    return this.running.flatMap((one) => one.said().match(REPLAY_ERROR) ?? []);
  }

  async stop(): Promise<void> {
    await this.end();
    this.github.stop();
    if (process.env['ORGSAGA_CAMPAIGN_KEEP'] === undefined) this.removeDirectory();
  }
}
