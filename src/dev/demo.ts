/**
 * What `npm start` runs after set-up: an organisation of 60 repositories is brought to its standards, and three of them
 * end in the dead letters. It stays up until Ctrl-C; with `--exit` the fault is mended, the dead letters are retried,
 * and it ends with 0. Every other end is an error.
 */
import { parseArgs } from 'node:util';
import { runDemo } from './demo-run.js';

function wantsExit(args: string[]): boolean | null {
  try {
    return parseArgs({ args, options: { exit: { type: 'boolean', default: false } } }).values.exit;
  } catch (error) {
    process.stderr.write(
      `${error instanceof Error ? error.message : String(error)}\nUsage: npm start [-- --exit]\n`,
    );
    return null;
  }
}

const exit = wantsExit(process.argv.slice(2));
process.exitCode = exit === null ? 2 : await runDemo({ exit });
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
