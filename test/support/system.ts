import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import {
  type JournalEntry,
  type LimitsOption,
  type SeedOrganization,
  type SimulatedGitHub,
  startSimulatedGitHub,
} from '../../src/dev/github/index.js';
import type { OrganizationDump } from './organization.js';
import {
  type Over,
  Processes,
  type ProcessesOptions,
  type Served,
  serve,
  workDirectory,
} from './processes.js';
import type { Ran, Running } from './program.js';

export const TOKEN = 'e2e-token-of-nobody';
const WORKER_AT_MOST_MS = 15 * 60_000;

export interface SystemOptions extends ProcessesOptions {
  seed: readonly SeedOrganization[];
  /** Started at once; 1 unless given. */
  workers?: number;
  latencyMs?: number;
  limits?: LimitsOption;
  /** That GitHub accepts beside {@link TOKEN}. */
  tokens?: string[];
}

export interface WorkerHandle {
  pid: number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Everything that a run needs, each part a process of its own but GitHub, which the test holds in its hands. */
export class System extends Processes {
  readonly workers: WorkerHandle[] = [];
  private connection: Connection | null = null;

  private constructor(
    directory: string,
    override readonly github: SimulatedGitHub,
    served: Served,
    options: ProcessesOptions,
  ) {
    super(directory, github, served, options);
  }

  /** Starts all and resolves when the workers poll. What was started is ended where it rejects. */
  static async start(options: SystemOptions): Promise<System> {
    const directory = workDirectory(options.config);
    const github = await startSimulatedGitHub({
      tokens: [TOKEN, ...(options.tokens ?? [])],
      seed: options.seed,
      recordBodies: true,
      limits: options.limits ?? 'none',
      latencyMs: options.latencyMs ?? 0,
    });
    const served = await serve(directory, options.ui).catch(async (error: unknown) => {
      await github.close();
      throw error;
    });
    const system = new System(directory, github, served, options);
    try {
      await Promise.all(Array.from({ length: options.workers ?? 1 }, () => system.startWorker()));
      return system;
    } catch (error) {
      await system.stop();
      throw error;
    }
  }

  get uiUrl(): string {
    if (this.server.uiUrl === undefined) throw new Error('The system was started without a Web UI.');
    return this.server.uiUrl;
  }

  get serverPid(): number {
    return this.server.pid;
  }

  override env(over: Over = {}): Record<string, string> {
    return super.env({ GITHUB_TOKEN: TOKEN, ...over });
  }

  start(args: readonly string[], over: Over = {}): Running {
    return this.launch(args, { over });
  }

  orgsaga(args: readonly string[], over: Over = {}): Promise<Ran> {
    return this.start(args, over).ended;
  }

  async startWorker(over: Over = {}): Promise<WorkerHandle> {
    const running = await this.launchWorker({ over, atMostMs: WORKER_AT_MOST_MS });
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

  /** Temporal's own client, as somebody without our program has it. */
  async client(): Promise<Client> {
    this.connection ??= await Connection.connect({ address: this.server.address });
    return new Client({ connection: this.connection });
  }

  /** Makes Temporal forget a closed workflow, as its retention does. */
  async forget(workflowId: string): Promise<void> {
    const { workflow, workflowService } = await this.client();
    await workflowService.deleteWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId },
    });
    const gone = () =>
      workflow
        .getHandle(workflowId)
        .describe()
        .then(
          () => false,
          () => true,
        );
    await this.until(`${workflowId} is forgotten`, gone);
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

  /**
   * Waits until it holds, looking every 5 ms; less often where a look takes long, as a command does, since it takes from what it
   * waits for. @throws Error that names what was waited for
   */
  async until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
    const end = Date.now() + withinMs;
    for (let began = Date.now(); !(await holds()); began = Date.now()) {
      if (Date.now() > end) throw new Error(`${what}: not within ${withinMs / 1_000} s.\n${this.log()}`);
      await pause(Math.max(5, (Date.now() - began) / 2));
    }
  }

  /** Waits until so many effects have reached an organisation since the mark. */
  effects(login: string, mark: number, count: number): Promise<void> {
    const reached = (): boolean =>
      this.since(mark).filter((entry) => entry.type === 'effect' && entry.organization === login).length >=
      count;
    return this.until(`${count} effects on ${login}`, reached);
  }

  async stop(): Promise<void> {
    await this.end();
    await this.connection?.close();
    await this.github.close();
    this.removeDirectory();
  }
}

/**
 * An answer of the simulated GitHub takes so long while a command of ours must find a run under way, milliseconds: several
 * times a command's start on a busy machine, and well within the time-out of a request.
 */
export const STANDING_MS = 5_000;

export const startSystem = (options: SystemOptions): Promise<System> => System.start(options);
