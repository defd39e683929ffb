import { Kysely, PostgresDialect, sql } from 'kysely';
import { Pool, types } from 'pg';
import type { Engine } from './engine.js';
import { StoreError } from './errors.js';
import type { Tables } from './tables.js';

/** One for the writer, the others for reads. */
const CONNECTIONS = 4;

/** Bounds on a statement and on a silent peer that holds locks, in ms; a lost host must not stop the others. */
const STATEMENT_TIMEOUT = 10_000;
const IDLE_TIMEOUT = 10_000;

/** Set in each transaction and not as a connection's parameters, which poolers such as PgBouncer refuse. */
const BEGIN =
  `begin; set local statement_timeout = ${STATEMENT_TIMEOUT}; ` +
  `set local idle_in_transaction_session_timeout = ${IDLE_TIMEOUT}; set local synchronous_commit = on`;

/** The database of a Postgres URL. Connects at the first query. */
export function openPostgres(databaseUrl: string): Engine {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : null;
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol) || !databaseUrl.includes('://')) {
    throw new StoreError(
      'DATABASE_URL is no URL of a Postgres database: write postgres://user:password@host:5432/name, ' +
        'special characters of the password percent-encoded.',
    );
  }
  const pool = new Pool({
    connectionString: databaseUrl,
    max: CONNECTIONS,
    connectionTimeoutMillis: 5000,
    query_timeout: 3 * STATEMENT_TIMEOUT,
    keepAlive: true,
    types: {
      getTypeParser: (type, format) =>
        type === types.builtins.INT8 ? Number : types.getTypeParser(type, format),
    },
  });
  // A connection that is lost fails the query in hand, or is replaced by the next one; unheard events would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const host = url.host === '' ? (url.searchParams.get('host') ?? 'localhost') : url.host;
  return {
    name: 'postgres',
    db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }),
    begin: async (bound) => void (await sql.raw(BEGIN).execute(bound)),
    place: `${host}${url.pathname}`,
  };
}
