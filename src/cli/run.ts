import { CommanderError } from '@commander-js/extra-typings';
import { Cli } from './cli.js';
import type { Deps } from './deps.js';
import { explain } from './errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Io } from './io.js';
import { createProgram } from './program.js';

/**
 * Runs one command line and resolves with its exit code. Never throws, and never ends the process except on a second
 * Ctrl-C (`io.exit`).
 * @param args without node and the program's own name
 */
export async function run(args: readonly string[], io: Io, deps: Deps): Promise<ExitCode> {
  const cli = new Cli(io, deps);
  try {
    await createProgram(cli).parseAsync([...args], { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    // Commander has said already what was wrong, or has printed the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const { message, exitCode, unexpected } = explain(error);
    cli.out.notes(`${cli.out.noteTheme.red('error:')} ${message}`);
    if (unexpected) noteUnexpected(cli, error);
    return exitCode;
  }
}

function noteUnexpected({ out, io }: Cli, error: unknown): void {
  const level = io.env['ORGSAGA_LOG_LEVEL'];
  if ((level === 'debug' || level === 'trace') && error instanceof Error) out.notes(error.stack ?? '');
  else out.notes('ORGSAGA_LOG_LEVEL=debug shows more.');
}
