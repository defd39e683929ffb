import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './paths.mjs';
import { say } from './say.mjs';

/**
 * Runs a Node script as this process's job: same terminal, signals forwarded; its exit code becomes ours.
 * A terminal's Ctrl-C reaches the job by itself, so it is forwarded only where there is no terminal.
 */
export function handOver(script, args, env) {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  const forward = (signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      say(`${script} cannot be started: ${error.message}.`);
      resolve(1);
    });
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  }).then((code) => {
    process.exitCode = code;
  });
}
