import { PassThrough } from 'node:stream';
import { EXIT } from '../cli/exit-codes.js';
import { type Io, processIo } from '../cli/io.js';
import { realDeps } from '../cli/real-deps.js';
import { run } from '../cli/run.js';

export interface DemoCommands {
  /** Runs a command as a person would, and shows it. */
  run(...args: string[]): Promise<number>;
  /** Starts an apply and gives its run. @throws Error where it was not accepted */
  startRun(file: string): Promise<string>;
}

/** The program's own commands, in this process, with another environment. */
export function demoCommands(env: Io['env']): DemoCommands {
  return {
    run(...args) {
      process.stdout.write(`$ orgsaga ${args.join(' ')}\n`);
      return run(args, { ...processIo, env }, realDeps);
    },
    async startRun(file) {
      const kept: string[] = [];
      const stdout = new PassThrough({ encoding: 'utf8' }).on('data', (chunk: string) => kept.push(chunk));
      process.stdout.write(`$ orgsaga apply -f ${file} --yes\n`);
      const args = ['apply', '-f', file, '--yes', '--detach', '--json'];
      // What is said of a detached run, how to come back to it, is said when the demo stays up.
      const stderr = new PassThrough({ encoding: 'utf8' });
      const messages: string[] = [];
      stderr.on('data', (chunk: string) => messages.push(chunk));
      const code = await run(args, { ...processIo, env, stdout, stderr }, realDeps);
      if (code !== EXIT.done)
        throw new Error(`apply was not accepted (exit code ${code}): ${messages.join('').trim()}`);
      return (JSON.parse(kept.join('')) as { run: string }).run;
    },
  };
}
