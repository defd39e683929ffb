import type { Io } from './io.js';
import { type Theme, themeFor } from './theme.js';

/** Where a command says what: results on stdout, everything that is said on the way on stderr. */
export class Output {
  /** Colours for stdout. */
  readonly theme: Theme;
  /** Colours for stderr. */
  readonly noteTheme: Theme;

  constructor(private readonly io: Io) {
    this.theme = themeFor(io.stdout, io.env);
    this.noteTheme = themeFor(io.stderr, io.env);
  }

  /** The one JSON value of a command with `--json`, on one line. */
  json(value: unknown): void {
    this.io.stdout.write(`${JSON.stringify(value)}\n`);
  }

  lines(...lines: string[]): void {
    for (const line of lines) this.io.stdout.write(`${line}\n`);
  }

  notes(...lines: string[]): void {
    for (const line of lines) this.io.stderr.write(`${line}\n`);
  }
}
