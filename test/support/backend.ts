import { join } from 'node:path';
import { startDevServer } from '../../src/dev/temporal/dev-server.js';
import { OnPostgres } from '../../src/dev/temporal/on-postgres.js';
import type { TemporalServer } from '../../src/dev/temporal/server.js';
import type { StorePlace } from './stored.js';

/** The Temporal server and the database of the store, of which everything outlives a crash. */
export interface Backend {
  /** What its workers and commands need beside the server's address. */
  env: Record<string, string>;
  store: StorePlace;
  /** The first time on any ports, later on the same. */
  start(): Promise<TemporalServer>;
  /** Removes what is outside of the directory. */
  remove(): void;
}

/** A closed workflow is deleted once its queues say that they are through with it, which by default they do every half minute. */
const FORGETS_SOON = {
  'history.transferProcessorUpdateAckInterval': '"1s"',
  'history.visibilityProcessorUpdateAckInterval': '"1s"',
  'history.timerProcessorUpdateAckInterval': '"1s"',
};

/**
 * The dev server and SQLite on files of a directory; with ORGSAGA_TEST_TEMPORAL=postgres the full server and the store on a Postgres of
 * their own, as production has them (`npm test -- --postgres`, `npm run campaign -- F1 --postgres`).
 */
export async function backendIn(directory: string, ui = false): Promise<Backend> {
  return process.env['ORGSAGA_TEST_TEMPORAL'] === 'postgres'
    ? fullServer(directory, ui)
    : devServer(directory, ui);
}

function devServer(directory: string, ui: boolean): Backend {
  let port = 0;
  return {
    env: {},
    store: { file: join(directory, 'home', 'orgsaga.db') },
    async start() {
      const server = await startDevServer({
        port,
        headless: !ui,
        dbFile: join(directory, 'temporal.db'),
        logFile: join(directory, 'temporal.log'),
        dynamicConfig: FORGETS_SOON,
      });
      port = Number(server.address.split(':')[1]);
      return server;
    },
    remove: () => undefined,
  };
}

async function fullServer(directory: string, ui: boolean): Promise<Backend> {
  const onPostgres = await OnPostgres.prepare({ directory, headless: !ui, dynamicConfig: FORGETS_SOON });
  const { databaseUrl: url } = onPostgres;
  return {
    env: { DATABASE_URL: url },
    store: { url },
    start: () => onPostgres.start(),
    remove: () => onPostgres.remove(),
  };
}
