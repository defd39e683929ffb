import { join } from 'node:path';
import { fillCacheFolder } from './cache.mjs';
import { installWithGo } from './go.mjs';
import { fromVariable, isExecutable, onPath, toolsDirectory } from './paths.mjs';
import { run } from './run.mjs';
import { downloadBySdk } from './sdk-download.mjs';

/** The newest that `go install` can build: later ones have a replace directive in their go.mod. */
const VERSION = 'v1.5.1';
const FOLDER = `temporal-cli-${VERSION.slice(1)}`;
const NAME = 'temporal';
const SOURCE = `github.com/temporalio/cli/cmd/temporal@${VERSION}`;
const INSTEAD =
  'install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on PATH, or set TEMPORAL_CLI_PATH to it';
const CHECK_WITHIN_MS = 60_000;

/** Where the Temporal CLI is: TEMPORAL_CLI_PATH, else `temporal` on PATH, else the cache; undefined where it is nowhere. */
export function findDevServer() {
  const cached = join(toolsDirectory(), FOLDER, NAME);
  return fromVariable('TEMPORAL_CLI_PATH') ?? onPath(NAME) ?? (isExecutable(cached) ? cached : undefined);
}

export const devServer = {
  title: 'Getting the Temporal dev server (about three minutes and 250 MB, once)…',
  step: 'Getting the Temporal dev server',
  folder: toolsDirectory(),
  isCurrent: () => findDevServer() !== undefined,
  async make({ lock, note }) {
    await fillCacheFolder(FOLDER, async (folder) => {
      const downloaded = await downloadBySdk({
        kind: 'dev-server',
        version: VERSION,
        folder,
        name: NAME,
        lock,
        note,
      });
      if (!downloaded)
        await installWithGo(SOURCE, { title: 'Temporal dev server', instead: INSTEAD, folder, lock, note });
      const binary = join(folder, NAME);
      await run(binary, ['--version'], { cwd: folder, timeoutMs: CHECK_WITHIN_MS, lock });
    });
  },
};
