import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import {
  freshPassword,
  type PostgresServer,
  postgresDirectory,
  postgresUrl,
  startPostgres,
} from '../postgres.js';
import { type FullServerTools, findFullServer } from '../tools.js';
import { DATABASES, makeDatabases } from './databases.js';
import { dynamicConfig, type FullServerPorts, fullConfig, uiConfig } from './full-config.js';
import { listens, namespaceAnswers } from './readiness.js';
import { type ServerProcess, startServer, type TemporalServer } from './server.js';
import { servicePorts } from './service-ports.js';

/** Usually some seconds, also after a crash. */
const READY_WITHIN_MS = 90_000;
const NAMESPACE = 'default';
/** How long closed workflows are kept; as long as dead letters may wait by default. */
const RETENTION = '7 days';
/** gRPC's status for what is there already. */
const ALREADY_EXISTS = 6;

export interface OnPostgresOptions {
  /** For configuration and logs. */
  directory: string;
  /** Preferred ports; where they are taken, or missing, any free ones. */
  port?: number | undefined;
  uiPort?: number | undefined;
  /** No Web UI. */
  headless?: boolean;
  /** Dynamic configuration: key to JSON text. */
  dynamicConfig?: Readonly<Record<string, string>>;
}

/**
 * The whole Temporal server as production has it, on a Postgres of its own, with a database for orgsaga's store beside Temporal's two.
 * Everything listens on loopback, each part is a process, and a start after a crash finds what was there.
 */
export class OnPostgres {
  private readonly password = freshPassword();

  private constructor(
    private readonly tools: FullServerTools,
    private readonly options: OnPostgresOptions,
    private readonly data: string,
    private readonly ports: FullServerPorts & { postgres: number; ui: number | null },
  ) {
    // Also where a signal ends us.
    process.once('exit', this.remove);
  }

  /** Picks places and ports, which stay the same for every start. @throws Error that says what is not installed */
  static async prepare(options: OnPostgresOptions): Promise<OnPostgres> {
    const tools = findFullServer();
    const next = servicePorts();
    const pair = async (preferred?: number): Promise<[number, number]> => [
      await next(preferred),
      await next(),
    ];
    const ports = {
      frontend: await pair(options.port),
      matching: await pair(),
      history: await pair(),
      worker: await pair(),
      postgres: await next(),
      ui: options.headless === true ? null : await next(options.uiPort),
    };
    mkdirSync(options.directory, { recursive: true });
    return new OnPostgres(tools, options, postgresDirectory(), ports);
  }

  /** For DATABASE_URL of workers and commands: the store on the same Postgres. */
  get databaseUrl(): string {
    return postgresUrl(this.ports.postgres, this.password, DATABASES.store);
  }

  /**
   * Starts Postgres, the server and the Web UI, and resolves when the namespace `default` answers.
   * Guarantee: nothing is left running when this rejects. `kill` crashes all of it at once, Postgres too.
   */
  async start(): Promise<TemporalServer> {
    const parts: Pick<ServerProcess, 'kill' | 'stop'>[] = [];
    const stop = async (): Promise<void> => {
      for (const part of parts.toReversed()) await part.stop();
    };
    const kill = async (): Promise<void> => {
      await Promise.all(parts.map((part) => part.kill()));
    };
    try {
      const postgres = await startPostgres({
        directory: this.data,
        port: this.ports.postgres,
        password: this.password,
        logFile: this.log('postgres'),
      });
      parts.push(postgres);
      if (postgres.port !== this.ports.postgres)
        throw new Error(
          `Port ${this.ports.postgres} of 127.0.0.1, at which Postgres was, is taken by now: end what has it, or begin anew.`,
        );
      await makeDatabases(postgres, this.tools.sqlTool);
      const server = await this.startTemporal(postgres);
      parts.push(server);
      await this.answers(server);
      const uiUrl = await this.startUi(parts);
      return {
        address: this.address,
        pid: server.pid,
        ...(uiUrl === null ? {} : { uiUrl }),
        kill,
        stop,
      };
    } catch (error) {
      await kill();
      throw error;
    }
  }

  /** Removes the data, when everything has ended. */
  readonly remove = (): void => {
    process.removeListener('exit', this.remove);
    rmSync(this.data, { recursive: true, force: true });
  };

  private get address(): string {
    return `127.0.0.1:${this.ports.frontend[0]}`;
  }

  private log(part: string): string {
    return join(this.options.directory, `${part}.log`);
  }

  private async startTemporal({ port, user, password }: PostgresServer): Promise<ServerProcess> {
    const { directory, dynamicConfig: values = {} } = this.options;
    const dynamicConfigFile = join(directory, 'dynamic-config.yaml');
    writeFileSync(dynamicConfigFile, dynamicConfig(values));
    const config = fullConfig({
      ports: this.ports,
      postgres: { port, user, password },
      databases: DATABASES,
      dynamicConfigFile,
    });
    return startServer({
      name: 'The Temporal server',
      executable: this.tools.server,
      args: [...configured(directory, 'temporal', config), '--allow-no-auth', 'start'],
      logFile: this.log('temporal'),
    });
  }

  private async startUi(parts: Pick<ServerProcess, 'kill' | 'stop'>[]): Promise<string | null> {
    const { ui } = this.ports;
    if (ui === null) return null;
    const server = await startServer({
      name: 'The Web UI',
      executable: this.tools.ui,
      args: [...configured(this.options.directory, 'ui', uiConfig(ui, this.address)), 'start'],
      logFile: this.log('ui'),
    });
    parts.push(server);
    const url = `http://127.0.0.1:${ui}`;
    for (const end = Date.now() + READY_WITHIN_MS; !(await listens(`127.0.0.1:${ui}`)); await delay(50))
      if (server.hasEnded() || Date.now() > end)
        throw server.failure(
          `The Web UI at ${url} ended, or did not answer within ${READY_WITHIN_MS / 1_000} s.`,
        );
    return url;
  }

  private async answers(server: ServerProcess): Promise<void> {
    const givesUp = new AbortController();
    void server.gone.then(() => givesUp.abort());
    const end = Date.now() + READY_WITHIN_MS;
    const why = await registered(this.address, end, givesUp.signal);
    const left = end - Date.now();
    if (why === null && (await namespaceAnswers(this.address, NAMESPACE, left, givesUp.signal))) return;
    throw server.failure(
      server.hasEnded()
        ? `The Temporal server at ${this.address} ended while it was starting.`
        : `The Temporal server at ${this.address} did not answer within ${READY_WITHIN_MS / 1_000} s${why === null ? '' : ` (${why})`}.`,
    );
  }
}

export interface ServerOnPostgres extends TemporalServer {
  databaseUrl: string;
}

/** Starts {@link OnPostgres} once; what is in it goes when it is stopped, or does not start. */
export async function startOnPostgres(options: OnPostgresOptions): Promise<ServerOnPostgres> {
  const onPostgres = await OnPostgres.prepare(options);
  try {
    const server = await onPostgres.start();
    const stop = (): Promise<void> => server.stop().finally(onPostgres.remove);
    return { ...server, stop, databaseUrl: onPostgres.databaseUrl };
  } catch (error) {
    onPostgres.remove();
    throw error;
  }
}

/** Writes a server's configuration to a directory of its own and gives the arguments that lead it there. */
function configured(directory: string, name: string, config: string): string[] {
  const folder = join(directory, `${name}-config`);
  mkdirSync(folder, { recursive: true });
  // The file that every environment begins with, and no other; it may hold a password.
  writeFileSync(join(folder, 'base.yaml'), config, { mode: 0o600 });
  return ['--root', directory, '--config', `${name}-config`, '--env', name];
}

/** Registers the namespace unless it is there, as soon as the server lets us; null, or why it could not be. */
async function registered(address: string, end: number, signal: AbortSignal): Promise<string | null> {
  let why = 'it was not asked';
  for (; Date.now() < end && !signal.aborted; await delay(100)) {
    let connection: Connection | undefined;
    try {
      connection = await Connection.connect({ address, connectTimeout: 2_000 });
      const { workflowService } = connection;
      const request = { namespace: NAMESPACE, workflowExecutionRetentionPeriod: msToTs(RETENTION) };
      await connection.withDeadline(Date.now() + 5_000, () => workflowService.registerNamespace(request));
      return null;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === ALREADY_EXISTS) return null;
      why = error instanceof Error ? error.message : String(error);
    } finally {
      await connection?.close();
    }
  }
  return why;
}
