import { Command } from '@commander-js/extra-typings';
import type { Deps } from './deps.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Io } from './io.js';
import { Output } from './output.js';

export const JSON_HELP = 'print one JSON value on one line, and nothing else on stdout';

/** What every command has at hand, and where its exit code goes. */
export class Cli {
  readonly out: Output;
  exitCode: ExitCode = EXIT.done;

  constructor(
    readonly io: Io,
    readonly deps: Deps,
  ) {
    this.out = new Output(io);
  }

  /** A command whose usage errors and help come back to the caller instead of ending the process. */
  command(name: string, description: string): Command {
    return (
      new Command(name)
        .description(description)
        // For the list of commands.
        .summary(/^[^.;:]*/.exec(description)?.[0] ?? description)
        .exitOverride()
        .configureHelp({ showGlobalOptions: false, sortSubcommands: false })
        .configureOutput({
          writeOut: (text) => void this.io.stdout.write(text),
          writeErr: (text) => void this.io.stderr.write(text),
          getOutHasColors: () => false,
          getErrHasColors: () => false,
          getOutHelpWidth: () => this.io.stdout.columns || 100,
          getErrHelpWidth: () => this.io.stderr.columns || 100,
        })
        .showHelpAfterError('(add --help to see how it is used)')
    );
  }

  /** Makes an action of a function that answers with an exit code. */
  action<A extends unknown[]>(run: (...args: A) => Promise<ExitCode>): (...args: A) => Promise<void> {
    return async (...args) => {
      this.exitCode = await run(...args);
    };
  }
}

/** The part of a help text that shows how a command is used, line by line. */
export const examples = (...lines: string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
