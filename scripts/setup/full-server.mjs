import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { fillCacheFolder } from './cache.mjs';
import { SetupError } from './errors.mjs';
import { installWithGo } from './go.mjs';
import { isExecutable, toolsDirectory } from './paths.mjs';

/** The server that the dev server of this setup holds, too. */
const VERSION = '1.29.1';
const FOLDER = `temporal-server-${VERSION}`;
/** What is built, and the name under which `go install` leaves it. */
const PROGRAMS = [
  ['temporal-server', 'server', `go.temporal.io/server/cmd/server@v${VERSION}`],
  ['temporal-sql-tool', 'sql', `go.temporal.io/server/cmd/tools/sql@v${VERSION}`],
  ['temporal-ui-server', 'server', 'github.com/temporalio/ui-server/v2/cmd/server@v2.42.1'],
];
const INSTEAD =
  'set TEMPORAL_SERVER_PATH to a folder with temporal-server, temporal-sql-tool and temporal-ui-server';

/** The folder of the full server's programs: TEMPORAL_SERVER_PATH, else the cache; undefined where they are not there. */
export function findFullServer() {
  const folder = process.env.TEMPORAL_SERVER_PATH || join(toolsDirectory(), FOLDER);
  const missing = PROGRAMS.map(([name]) => join(folder, name)).filter((path) => !isExecutable(path));
  if (missing.length === 0) return folder;
  if (!process.env.TEMPORAL_SERVER_PATH) return undefined;
  throw new SetupError(
    `TEMPORAL_SERVER_PATH names ${folder}, in which ${missing.join(' and ')} is no executable file.`,
    'Correct it or unset it.',
  );
}

async function build({ folder, lock, note }) {
  for (const [name, built, source] of PROGRAMS) {
    await installWithGo(source, { title: 'full Temporal server', instead: INSTEAD, folder, lock, note });
    renameSync(join(folder, built), join(folder, name));
  }
}

export const fullServer = {
  title: 'Getting the full Temporal server (about three minutes and 400 MB, once)…',
  step: 'Getting the full Temporal server',
  folder: toolsDirectory(),
  isCurrent: () => findFullServer() !== undefined,
  async make({ lock, note }) {
    await fillCacheFolder(FOLDER, (folder) => build({ folder, lock, note }));
  },
};
