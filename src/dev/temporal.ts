import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './ports.js';
import { namespaceAnswers } from './readiness.js';
import { findTemporalCli } from './tools.js';

/** A server that does not answer in this many milliseconds has failed (it usually does in under a second). */
const READY_WITHIN_MS = 30_000;
/** After SIGTERM a server gets this many milliseconds, then SIGKILL. */
const STOP_WITHIN_MS = 5_000;
/**
 * A server that ends while it starts is started again so often. It looks for the ports of its own services as we look for the
 * two that we give it, and another process can take one between the look and the listen; it then ends by a panic.
 */
const ATTEMPTS = 3;
const LOG_LINES_IN_ERRORS = 10;

export interface TemporalServerOptions {
  /** The Temporal CLI; found by findTemporalCli unless given. */
  executable?: string;
  /** Preferred port; where it is taken, or is 0 or missing, any free one. */
  port?: number;
  /** Preferred port of the Web UI, likewise. */
  uiPort?: number;
  /** SQLite file that outlives the server; in memory without it. */
  dbFile?: string;
  /** Made at start in addition to `default`. */
  namespace?: string;
  ip?: '127.0.0.1';
  /** No Web UI. */
  headless?: boolean;
  /** Dynamic configuration: key to JSON text. */
  dynamicConfig?: Readonly<Record<string, string>>;
  searchAttributes?: ReadonlyArray<{ name: string; type: string }>;
  /** The server's output is appended here. */
  logFile: string;
}

export interface TemporalServer {
  /** host:port of the gRPC service. */
  address: string;
  uiUrl?: string;
  pid: number;
  /** Ends it by SIGKILL, as a crash would. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Ends it by SIGTERM, after 5 s by SIGKILL. Resolves when it is gone; a second call does nothing. */
  stop(): Promise<void>;
}

/** What a server said of its end, in a log that it began to write at byte `from`: its panic where there is one, for the stack below it is long. */
function lastWords(logFile: string, from: number): string {
  const lines = readFileSync(logFile).subarray(from).toString('utf8').trim().split('\n');
  const panic = lines.findIndex((line) => /^(panic|fatal error):/.test(line));
  const told =
    panic < 0 ? lines.slice(-LOG_LINES_IN_ERRORS) : lines.slice(panic, panic + LOG_LINES_IN_ERRORS);
  return told.join('\n');
}

function failure(what: string, logFile: string, from: number): Error {
  const words = lastWords(logFile, from);
  return new Error(
    `${what} ${words === '' ? `Its log ${logFile} says nothing.` : `Its log ${logFile} says:\n${words}`}`,
  );
}

function serverArguments(
  options: TemporalServerOptions,
  ip: string,
  port: number,
  uiPort?: number,
): string[] {
  const args = ['server', 'start-dev', '--ip', ip, '--port', String(port), '--log-level', 'error'];
  args.push(...(uiPort === undefined ? ['--headless'] : ['--ui-ip', ip, '--ui-port', String(uiPort)]));
  if (options.namespace !== undefined) args.push('--namespace', options.namespace);
  if (options.dbFile !== undefined) {
    // Twice the throughput of SQLite's defaults; a kill -9 of the server loses nothing.
    args.push('--db-filename', options.dbFile);
    args.push('--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal');
  }
  for (const [key, value] of Object.entries(options.dynamicConfig ?? {}))
    args.push('--dynamic-config-value', `${key}=${value}`);
  for (const { name, type } of options.searchAttributes ?? [])
    args.push('--search-attribute', `${name}=${type}`);
  return args;
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

function handleOf(child: ChildProcess, gone: Promise<void>): Pick<TemporalServer, 'kill' | 'stop'> {
  const send = (signal: NodeJS.Signals): void => {
    if (!hasEnded(child)) child.kill(signal);
  };
  // The server is in a process group of its own, so it has to be ended when this process is.
  const onExit = (): void => send('SIGKILL');
  process.once('exit', onExit);
  void gone.then(() => process.removeListener('exit', onExit));
  return {
    kill() {
      send('SIGKILL');
      return gone;
    },
    async stop() {
      send('SIGTERM');
      const late = new AbortController();
      await Promise.race([
        gone,
        delay(STOP_WITHIN_MS, undefined, { signal: late.signal }).catch(() => undefined),
      ]);
      late.abort();
      send('SIGKILL');
      await gone;
    },
  };
}

/**
 * Starts Temporal's dev server on loopback and waits until its namespace answers.
 * Guarantee: it answers at `address` when this resolves, and nothing of it is left running when this rejects.
 * It is in a process group of its own, so a terminal's Ctrl-C does not reach it: call stop(); it is killed when this process exits.
 * Throws an Error with what its log says where it ends early three times or does not answer within 30 s.
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const executable = options.executable ?? findTemporalCli();
  const ip = options.ip ?? '127.0.0.1';
  mkdirSync(dirname(options.logFile), { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(options.port);
    const uiPort = options.headless === true ? undefined : await freePort(options.uiPort);
    const log = openSync(options.logFile, 'a');
    const from = fstatSync(log).size;
    const child = spawn(executable, serverArguments(options, ip, port, uiPort), {
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const spawnError = await new Promise<Error | undefined>((resolve) => {
      child.once('spawn', () => resolve(undefined));
      child.once('error', resolve);
    });
    if (spawnError !== undefined || child.pid === undefined)
      throw new Error(
        `The Temporal server ${executable} cannot be started: ${spawnError?.message ?? 'no process'}.`,
      );
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const handle = handleOf(child, gone);
    const address = `${ip}:${port}`;
    const givesUp = new AbortController();
    void gone.then(() => givesUp.abort());
    if (await namespaceAnswers(address, options.namespace ?? 'default', READY_WITHIN_MS, givesUp.signal))
      return {
        address,
        pid: child.pid,
        ...handle,
        ...(uiPort === undefined ? {} : { uiUrl: `http://${ip}:${uiPort}` }),
      };
    const ended = hasEnded(child);
    await handle.kill();
    if (ended && attempt < ATTEMPTS) continue;
    throw failure(
      ended
        ? `The Temporal server at ${address} ended while it was starting, ${ATTEMPTS} times.`
        : `The Temporal server at ${address} did not answer within ${READY_WITHIN_MS / 1_000} s.`,
      options.logFile,
      from,
    );
  }
}
