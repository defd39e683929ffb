import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { CommandFailed } from './errors.mjs';
import { interruption } from './interruption.mjs';
import { signalGroup } from './processes.mjs';
import { duration } from './say.mjs';

const TAIL_LINES = 25;
/** After SIGTERM a command's process group gets this many milliseconds, then SIGKILL. */
const GRACE_MS = 3_000;

/**
 * Runs a command to its end in a process group of its own and gives the last lines it wrote.
 * When this process is interrupted, or `timeoutMs` is over, the whole group is ended first. `lock` remembers the group, so
 * that the next set-up can end it if this process is killed. Throws CommandFailed, or the interruption.
 */
export async function run(command, args, { cwd, env, timeoutMs, lock, onLine = () => {} }) {
  interruption.throwIfAborted();
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const tail = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      onLine(line);
    });
  let timedOut = false;
  let killer;
  const end = () => {
    if (child.pid === undefined || killer !== undefined) return;
    signalGroup(child.pid, 'SIGTERM');
    killer = setTimeout(signalGroup, GRACE_MS, child.pid, 'SIGKILL');
  };
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, timeoutMs);
  interruption.addEventListener('abort', end);
  try {
    const closed = new Promise((resolve, reject) => {
      child.once('error', (error) =>
        reject(new CommandFailed(command, `cannot be started (${error.message})`, '')),
      );
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    if (child.pid !== undefined) lock?.remember(child.pid);
    const { code, signal } = await closed;
    // What is left of the group when its leader is gone (a compiler that ignored SIGTERM) goes too.
    if (child.pid !== undefined && killer !== undefined) signalGroup(child.pid, 'SIGKILL');
    interruption.throwIfAborted();
    const output = tail.join('\n');
    if (timedOut) throw new CommandFailed(command, `took longer than ${duration(timeoutMs)}`, output);
    if (code !== 0)
      throw new CommandFailed(
        command,
        code === null ? `was ended by ${signal}` : `ended with exit code ${code}`,
        output,
      );
    return output;
  } finally {
    clearTimeout(timer);
    clearTimeout(killer);
    interruption.removeEventListener('abort', end);
  }
}
