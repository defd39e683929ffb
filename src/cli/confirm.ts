import { createInterface } from 'node:readline/promises';
import { UsageError } from './errors.js';
import { type Io, isInteractive } from './io.js';

/**
 * Asks on the terminal whether to go on; anything but `y` or `yes` is no, and so are Ctrl-C and the end of input.
 * @throws UsageError where there is no terminal: a script says `--yes` beforehand
 */
export async function confirm(io: Io, question: string): Promise<boolean> {
  if (!isInteractive(io))
    throw new UsageError(`This asks before it acts, and there is no terminal to ask on: add --yes.`);
  const reader = createInterface({ input: io.stdin, output: io.stderr });
  const gone = new AbortController();
  reader.once('SIGINT', () => gone.abort());
  reader.once('close', () => gone.abort());
  try {
    const answer = await reader.question(`${question} [y/N] `, { signal: gone.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (!gone.signal.aborted) throw error;
    io.stderr.write('\n');
    return false;
  } finally {
    reader.close();
  }
}
