import { createInterface } from 'node:readline/promises';
import { CliError, UsageError } from './errors.js';
import { EXIT } from './exit-codes.js';
import { type Io, isInteractive } from './io.js';

/**
 * Asks on the terminal whether to go on; anything but `y` or `yes` is no, and so is the end of input.
 * @throws UsageError where there is no terminal: a script says `--yes` beforehand
 * @throws CliError with exit code 130 on Ctrl-C
 */
export async function confirm(io: Io, question: string): Promise<boolean> {
  if (!isInteractive(io))
    throw new UsageError(`This asks before it acts, and there is no terminal to ask on: add --yes.`);
  const reader = createInterface({ input: io.stdin, output: io.stderr });
  const gone = new AbortController();
  let interrupted = false;
  reader.once('SIGINT', () => {
    interrupted = true;
    gone.abort();
  });
  reader.once('close', () => gone.abort());
  try {
    const answer = await reader.question(`${question} [y/N] `, { signal: gone.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (!gone.signal.aborted) throw error;
    io.stderr.write('\n');
    if (interrupted) throw new CliError('Interrupted; nothing was done.', EXIT.interrupted);
    return false;
  } finally {
    reader.close();
  }
}
