import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A server that was asked to end gets this many milliseconds, and one that was to crash as many until SIGKILL. */
const STOP_WITHIN_MS = 5_000;
/** What a server is told of our environment: it has no use for credentials, and must not be led elsewhere. */
const KEPT = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'];
const LOG_LINES_IN_ERRORS = 10;
/** Some log a stack in the line. */
const LOG_CHARACTERS_IN_ERRORS = 400;

export interface ServerProcess {
  pid: number;
  /** Whether it has ended, by itself or by us. */
  hasEnded: () => boolean;
  /** Resolves when it is gone. */
  gone: Promise<void>;
  /** Ends it as a crash would. Resolves when it is gone. */
  kill: () => Promise<void>;
  /** Ends it as it wants to be ended, after 5 s as a crash would. Resolves when it is gone; a second call does nothing. */
  stop: () => Promise<void>;
  /** `what`, with what the log says since the process was started: its panic where there is one, else its last lines. */
  failure: (what: string) => Error;
}

export interface TemporalServer {
  /** host:port of the gRPC service. */
  address: string;
  uiUrl?: string;
  pid: number;
  kill: ServerProcess['kill'];
  stop: ServerProcess['stop'];
}

/** What a server said of its end, in a log that it began to write at byte `from`: its panic where there is one, for the stack below it is long. */
function lastWords(logFile: string, from: number): string {
  const lines = readFileSync(logFile).subarray(from).toString('utf8').trim().split('\n');
  const panic = lines.findIndex((line) => /^(panic|fatal error):/.test(line));
  const told =
    panic < 0 ? lines.slice(-LOG_LINES_IN_ERRORS) : lines.slice(panic, panic + LOG_LINES_IN_ERRORS);
  return told.map((line) => line.slice(0, LOG_CHARACTERS_IN_ERRORS)).join('\n');
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

export interface ServerCommand {
  /** For messages: "The Temporal server". */
  name: string;
  executable: string;
  args: readonly string[];
  /** Its output is appended here. */
  logFile: string;
  cwd?: string;
  /** The user and group that it runs as, where that is not ours. */
  uid?: number;
  gid?: number;
  /** How it is asked to end, and how it crashes; SIGTERM and SIGKILL unless given. */
  signals?: { stop: NodeJS.Signals; kill: NodeJS.Signals };
}

const SIGNALS = { stop: 'SIGTERM', kill: 'SIGKILL' } as const;

/**
 * Starts a server in a process group of its own: a terminal's Ctrl-C does not reach it, and it is killed when this process exits.
 * @throws Error where it cannot be started at all
 */
export async function startServer({
  name,
  executable,
  args,
  logFile,
  signals = SIGNALS,
  ...how
}: ServerCommand): Promise<ServerProcess> {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  const from = fstatSync(log).size;
  const env = Object.fromEntries(KEPT.map((variable) => [variable, process.env[variable]]));
  const child = spawn(executable, args, { ...how, env, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const spawnError = await new Promise<Error | undefined>((resolve) => {
    child.once('spawn', () => resolve(undefined));
    child.once('error', resolve);
  });
  if (spawnError !== undefined || child.pid === undefined)
    throw new Error(`${name} ${executable} cannot be started: ${spawnError?.message ?? 'no process'}.`);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid: child.pid,
    gone,
    hasEnded: () => hasEnded(child),
    ...endingsOf(child, gone, signals),
    failure,
  };

  function failure(what: string): Error {
    const words = lastWords(logFile, from);
    return new Error(
      `${what} ${words === '' ? `Its log ${logFile} says nothing.` : `Its log ${logFile} says:\n${words}`}`,
    );
  }
}

function endingsOf(
  child: ChildProcess,
  gone: Promise<void>,
  signals: NonNullable<ServerCommand['signals']>,
): Pick<ServerProcess, 'kill' | 'stop'> {
  const send = (signal: NodeJS.Signals): void => {
    if (!hasEnded(child)) child.kill(signal);
  };
  const onExit = (): void => send(signals.kill);
  process.once('exit', onExit);
  void gone.then(() => process.removeListener('exit', onExit));
  const within = async (signal: NodeJS.Signals): Promise<void> => {
    send(signal);
    const late = new AbortController();
    await Promise.race([
      gone,
      delay(STOP_WITHIN_MS, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
  };
  const kill = async (): Promise<void> => {
    await within(signals.kill);
    send('SIGKILL');
    await gone;
  };
  return {
    kill,
    async stop() {
      await within(signals.stop);
      await kill();
    },
  };
}
