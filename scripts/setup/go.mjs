import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './errors.mjs';
import { onPath } from './paths.mjs';
import { run } from './run.mjs';

const BUILD_WITHIN_MS = 30 * 60_000;

/** Builds a program with `go install` into a folder. `title` names what is got, `instead` what else can be done, for a machine without Go. */
export async function installWithGo(source, { title, instead, folder, lock, note }) {
  if (onPath('go') === undefined)
    throw new SetupError(
      `The ${title} is not here, and Go, with which it can be built, is not installed.`,
      `Install Go 1.25 or newer, or ${instead}. Then run the same command again.`,
    );
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch);
  // Build files in our folder too: they are removed with it when the build is killed.
  const env = { GOBIN: folder, GOTMPDIR: scratch, GOFLAGS: '-mod=mod' };
  await run('go', ['install', '-v', source], {
    cwd: folder,
    env,
    timeoutMs: BUILD_WITHIN_MS,
    lock,
    onLine: note,
  });
  rmSync(scratch, { recursive: true, force: true });
}
