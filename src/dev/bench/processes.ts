import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The command line. */
export const PROGRAM = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

type Environment = Readonly<Record<string, string | undefined>>;

/** A process that has not said its first line by then has failed, milliseconds. */
const READY_WITHIN_MS = 90_000;
/** What is measured ends within this, or has failed, milliseconds. */
const ENDS_WITHIN_MS = 15 * 60_000;
/** After SIGTERM it gets this many milliseconds, then SIGKILL. */
const STOP_WITHIN_MS = 15_000;

export interface ServingProcess {
  /** The first line that it wrote. */
  ready: string;
  pid: number;
  /** SIGTERM, later SIGKILL. A second call does nothing more. */
  stop(): Promise<void>;
}

function start(
  file: string,
  args: readonly string[],
  env: Environment,
  errors: 'inherit' | 'pipe',
  signal?: AbortSignal,
): ChildProcess {
  const stdio: StdioOptions = ['ignore', 'pipe', errors];
  const child = spawn(process.execPath, [file, ...args], { env, stdio, ...(signal && { signal }) });
  const onExit = (): void => void child.kill('SIGKILL');
  process.once('exit', onExit);
  child.once('exit', () => process.removeListener('exit', onExit));
  return child;
}

/** Starts a Node program that writes a line when it is ready. @throws Error where it ends before, or is late */
export async function serve(
  file: string,
  args: readonly string[],
  env: Environment,
): Promise<ServingProcess> {
  const child = start(file, args, env, 'inherit');
  const gone = once(child, 'exit');
  const late = new AbortController();
  const line = new Promise<string>((resolve) => {
    if (child.stdout !== null) createInterface({ input: child.stdout }).once('line', resolve);
  });
  const ready = await Promise.race([
    line,
    gone.then(() => null),
    delay(READY_WITHIN_MS, null, { signal: late.signal }).catch(() => null),
  ]);
  late.abort();
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await gone;
    clearTimeout(timer);
  };
  if (ready !== null && child.pid !== undefined) return { ready, pid: child.pid, stop };
  await stop();
  throw new Error(`${file} was not ready within ${READY_WITHIN_MS / 1_000} s, or ended before.`);
}

/**
 * Runs a Node program to its end.
 * @param options `expected`: the exit code of a success, 0 unless given; `signal` ends it
 * @throws Error where it exits with another, or not within 15 minutes
 */
export async function runToEnd(
  file: string,
  args: readonly string[],
  env: Environment,
  { expected = 0, signal }: { expected?: number; signal?: AbortSignal | undefined } = {},
): Promise<{ wallMs: number; stdout: string }> {
  const startedAt = performance.now();
  const child = start(file, args, env, 'pipe', signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
  const written: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => written.push(chunk));
  const said: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => said.push(chunk));
  const [code, killedBy] = (await once(child, 'close').finally(() => clearTimeout(timer))) as [
    number | null,
    string | null,
  ];
  if (code !== expected)
    throw new Error(`${file} ${args.join(' ')} ended with ${code ?? killedBy}.\n${said.join('')}`);
  return { wallMs: performance.now() - startedAt, stdout: written.join('') };
}

/** Without what would lead it to another server, GitHub or store than the bench's. */
export function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(ORGSAGA_|TEMPORAL_|GITHUB_|DATABASE_URL$)/.test(name)),
  );
}
