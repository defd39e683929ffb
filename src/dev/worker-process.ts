import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Loading Temporal's native module and bundling the workflows take a few seconds, on a busy machine many. */
const READY_WITHIN_MS = 90_000;
/** After SIGTERM a worker finishes what is under way in this many milliseconds, then SIGKILL. */
const STOP_WITHIN_MS = 15_000;
const LOG_LINES_IN_ERRORS = 10;

export interface WorkerProcess {
  pid: number;
  /** Resolves when it has ended, whoever ended it. */
  gone: Promise<void>;
  /** SIGTERM, after 15 s SIGKILL. A second call does nothing more. */
  stop(): Promise<void>;
}

export interface WorkerProcessOptions {
  env: Readonly<Record<string, string | undefined>>;
  /** Where its log goes: our own stderr, or a file. */
  log: 'inherit' | { file: string };
}

const program = fileURLToPath(new URL('../cli/main.js', import.meta.url));

function start({ env, log }: WorkerProcessOptions): ChildProcess {
  const fd = log === 'inherit' ? 'inherit' : openSync(log.file, 'a');
  // In a process group of its own: a Ctrl-C is for us, and we end it. The channel ends it when we are killed.
  const child = spawn(process.execPath, [program, 'worker', '--json'], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', fd, 'ipc'],
  });
  if (typeof fd === 'number') closeSync(fd);
  return child;
}

function lastLines(log: WorkerProcessOptions['log']): string {
  if (log === 'inherit') return 'Its messages are above.';
  const lines = readFileSync(log.file, 'utf8').trim().split('\n').slice(-LOG_LINES_IN_ERRORS);
  return `The end of its log ${log.file}:\n${lines.join('\n')}`;
}

/** Starts `orgsaga worker` as a child process and waits until it polls. @throws Error with the end of its log */
export async function startWorkerProcess(options: WorkerProcessOptions): Promise<WorkerProcess> {
  const child = start(options);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await gone;
    clearTimeout(timer);
  };
  let timer: NodeJS.Timeout | undefined;
  const how = await Promise.race([
    new Promise<'ready'>((resolve) => {
      if (child.stdout !== null)
        createInterface({ input: child.stdout }).once('line', () => resolve('ready'));
    }),
    gone.then(() => 'ended while it was starting' as const),
    new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), READY_WITHIN_MS);
    }),
  ]);
  clearTimeout(timer);
  if (how === 'ready' && child.pid !== undefined) return { pid: child.pid, gone, stop };
  if (how === 'late') await stop();
  const what =
    how === 'late' ? `was not ready within ${READY_WITHIN_MS / 1_000} s` : 'ended while it was starting';
  throw new Error(`The worker ${what}. ${lastLines(options.log)}`);
}
