import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the build is that tests run; campaigns, which are compiled to another place, say where. */
export const DIST = process.env['ORGSAGA_TEST_DIST'] ?? fileURLToPath(new URL('../../dist', import.meta.url));

/** A command that a test forgot, or that hangs, is killed after this many milliseconds, and the test fails. */
const AT_MOST_MS = 120_000;

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Running {
  args: readonly string[];
  pid: number;
  /** Rejects where the process had to be ended because it took too long. */
  ended: Promise<Ran>;
  /** Where a signal ended it, `code` is 128 and the signal's number, as a shell has it. */
  signal(name: NodeJS.Signals): void;
  /** What it has written so far. */
  said(): string;
  /** Resolves with what has been written so far once `pattern` is in stdout or stderr. */
  says(pattern: RegExp): Promise<string>;
}

/** Processes under way, so that none outlives the test's own. */
const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

const SIGNALS: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGKILL: 137, SIGTERM: 143 };

export interface ProgramOptions {
  /** Another build than {@link DIST}. */
  dist?: string;
  env: Readonly<Record<string, string>>;
  cwd: string;
  atMostMs?: number;
}

/** Starts the built program in a process of its own, without a terminal. */
export function startProgram(
  args: readonly string[],
  { dist = DIST, env, cwd, atMostMs = AT_MOST_MS }: ProgramOptions,
): Running {
  const program = join(dist, 'cli', 'main.js');
  if (!existsSync(program)) throw new Error('The program is not built: run `npm run build`.');
  // By the channel a worker notices that the test's process was killed, and ends.
  const stdio = ['ignore', 'pipe', 'pipe', ...(args[0] === 'worker' ? ['ipc'] : [])] as 'pipe'[];
  const child = spawn(process.execPath, [program, ...args], { env, cwd, stdio });
  alive.add(child);
  const written = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
      for (const listener of listeners) listener();
    });
  const all = (): string => `${written.stdout}${written.stderr}`;
  const ended = new Promise<Ran>((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, atMostMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      alive.delete(child);
      for (const listener of listeners) listener();
      if (late)
        reject(new Error(`orgsaga ${args.join(' ')} did not end in ${atMostMs / 1_000} s:\n${all()}`));
      else resolve({ code: code ?? SIGNALS[signal ?? 'SIGKILL'] ?? 128, ...written });
    });
  });
  // A test may look at what it says only; whoever waits for its end gets the error.
  ended.catch(() => undefined);
  return {
    args,
    pid: child.pid ?? 0,
    ended,
    signal: (name) => void child.kill(name),
    said: all,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(all()) && alive.has(child)) return;
          listeners.delete(look);
          if (pattern.test(all())) resolve(all());
          else reject(new Error(`orgsaga ${args.join(' ')} never said ${pattern}:\n${all()}`));
        };
        listeners.add(look);
        look();
      }),
  };
}
