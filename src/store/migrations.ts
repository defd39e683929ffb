import { type ColumnDefinitionBuilder, type CreateTableBuilder, sql } from 'kysely';
import type { Engine } from './engine.js';
import { isBusy, StoreError } from './errors.js';
import { retrying } from './retry.js';
import type { Database } from './tables.js';
import { inTransaction } from './writer.js';

/** Any number that nothing else in the database uses: one process at a time migrates. */
const ADVISORY_LOCK = 7_237_330_110;

type Migration = (db: Database, engine: Engine) => Promise<void>;

/** In order, each once; version n is reached when the first n are done. What was released is never changed. */
const MIGRATIONS: readonly Migration[] = [
  createTables,
  addStoppedAt,
  createStepResults,
  createPlans,
  keyOrganizationItems,
  indexRecordsByItem,
  keepWhatWasFound,
  keepWhatWasStored,
  createTurns,
  createBreakers,
];

/**
 * Brings the database to this code's schema, in one transaction; safe when several processes start at once.
 * @throws StoreError when a newer orgsaga has been there
 */
export async function migrate(engine: Engine): Promise<void> {
  await retrying(
    () => inTransaction(engine, (db) => migrateLocked(db, engine)),
    (error) => isBusy(error),
  );
}

async function migrateLocked(db: Database, engine: Engine): Promise<void> {
  if (engine.name === 'postgres')
    await sql`select pg_advisory_xact_lock(${sql.lit(ADVISORY_LOCK)})`.execute(db);
  await sql`create table if not exists schema_version (version bigint not null)`.execute(db);
  const row = await db.selectFrom('schema_version').select('version').executeTakeFirst();
  const version = row?.version ?? 0;
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      `The store at ${engine.place} has schema ${version}, this orgsaga knows up to ${MIGRATIONS.length}: ` +
        'a newer release has used it. Upgrade orgsaga here.',
    );
  }
  for (const migration of MIGRATIONS.slice(version)) await migration(db, engine);
  if (version === MIGRATIONS.length) return;
  const next = { version: MIGRATIONS.length };
  if (row === undefined) await db.insertInto('schema_version').values(next).execute();
  else await db.updateTable('schema_version').set(next).execute();
}

const required = (column: ColumnDefinitionBuilder) => column.notNull();

/** With a number that rises. */
const withId = <T extends string>(table: CreateTableBuilder<T>, engine: Engine) =>
  engine.name === 'sqlite'
    ? table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    : table.addColumn('id', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity());

async function createTables(db: Database, engine: Engine): Promise<void> {
  await db.schema
    .createTable('documents')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('body', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .execute();
  await db.schema
    .createTable('request_keys')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('run', 'text', required)
    .addColumn('payload_hash', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .execute();
  await db.schema
    .createTable('runs')
    .addColumn('run', 'text', (column) => column.primaryKey())
    .addColumn('organizations', 'text', required)
    .addColumn('kind', 'text', required)
    .addColumn('actor', 'text', required)
    .addColumn('document', 'text')
    .addColumn('options', 'text', required)
    .addColumn('started_at', 'bigint', required)
    .addColumn('ended_at', 'bigint')
    .addColumn('state', 'text')
    .addColumn('totals', 'text', required)
    .execute();
  await db.schema
    .createTable('locks')
    .addColumn('organization', 'text', (column) => column.primaryKey())
    .addColumn('run', 'text')
    .addColumn('fence', 'bigint', required)
    .execute();
  await db.schema
    .createTable('lock_holders')
    .addColumn('organization', 'text', (column) => column.notNull().references('locks.organization'))
    .addColumn('holder', 'text', required)
    .addPrimaryKeyConstraint('lock_holders_key', ['organization', 'holder'])
    .execute();
  await withId(db.schema.createTable('records'), engine)
    .addColumn('run', 'text', required)
    .addColumn('organization', 'text', required)
    .addColumn('item', 'text', required)
    .addColumn('step', 'text', required)
    .addColumn('direction', 'text', required)
    .addColumn('attempt', 'bigint', required)
    .addColumn('actor', 'text', required)
    .addColumn('change', 'text', required)
    .addColumn('target', 'text', required)
    .addColumn('from_value', 'text', required)
    .addColumn('to_value', 'text', required)
    .addColumn('intended_at', 'bigint', required)
    .execute();
  await db.schema.createIndex('records_step').on('records').columns(['run', 'item', 'step']).execute();
  await withId(db.schema.createTable('conclusions'), engine)
    .addColumn('record', 'bigint', (column) => column.notNull().references('records.id'))
    .addColumn('settled', 'integer', required)
    .addColumn('outcome', 'text', required)
    .addColumn('request_id', 'text')
    .addColumn('error', 'text')
    .addColumn('concluded_at', 'bigint', required)
    .addUniqueConstraint('conclusions_record', ['record', 'settled'])
    .execute();
  await db.schema
    .createTable('items')
    .addColumn('run', 'text', required)
    .addColumn('item', 'text', required)
    .addColumn('organization', 'text', required)
    .addColumn('kind', 'text', required)
    .addColumn('target', 'text', required)
    .addColumn('outcome', 'text', required)
    .addColumn('at', 'bigint', required)
    .addPrimaryKeyConstraint('items_key', ['run', 'item'])
    .execute();
  await db.schema
    .createIndex('items_outcome')
    .on('items')
    .columns(['run', 'outcome', 'at', 'item'])
    .execute();
}

async function addStoppedAt(db: Database): Promise<void> {
  await db.schema.alterTable('runs').addColumn('stopped_at', 'bigint').execute();
}

async function createStepResults(db: Database): Promise<void> {
  await db.schema
    .createTable('step_results')
    .addColumn('run', 'text', required)
    .addColumn('item', 'text', required)
    .addColumn('step', 'text', required)
    .addColumn('body', 'text', required)
    .addColumn('saved_at', 'bigint', required)
    .addPrimaryKeyConstraint('step_results_key', ['run', 'item', 'step'])
    .execute();
}

async function createPlans(db: Database): Promise<void> {
  await db.schema
    .createTable('plans')
    .addColumn('run', 'text', required)
    .addColumn('round', 'integer', required)
    .addColumn('item', 'text', required)
    .addColumn('hash', 'text', required)
    .addColumn('changes', 'integer', required)
    .addPrimaryKeyConstraint('plans_key', ['run', 'round', 'item'])
    .execute();
  await db.schema
    .createTable('approvals')
    .addColumn('run', 'text', (column) => column.primaryKey())
    .addColumn('hash', 'text', required)
    .addColumn('actor', 'text', required)
    .addColumn('at', 'bigint', required)
    .execute();
}

/**
 * What belongs to an organisation was known by its name, `acme/settings`, which a repository may have too; from here on by its key,
 * `acme:settings`. Written out here, since what this migration does must stay as it is when the code's keys change.
 */
async function keyOrganizationItems(db: Database, engine: Engine): Promise<void> {
  const [find, kindOfChange] =
    engine.name === 'sqlite'
      ? [sql.raw('instr'), sql`json_extract(change, '$.kind')`]
      : [sql.raw('strpos'), sql`change::json ->> 'kind'`];
  const slash = sql`${find}(item, '/')`;
  const key = sql`substr(item, 1, ${slash} - 1) || ':' || substr(item, ${slash} + 1)`;
  const named = sql`(item like '%/settings' or item like '%/teams/%')`;
  const kinds = sql`('organization_settings', 'organization_ruleset', 'team', 'team_settings', 'team_member')`;
  await sql`update records set item = ${key} where ${named} and ${kindOfChange} in ${kinds}`.execute(db);
  await sql`update items set item = ${key} where ${named} and kind in ('organization', 'team')`.execute(db);
  // These rows do not say of what kind they are. A repository's that was taken along is planned anew, and then not as approved.
  await sql`update plans set item = ${key} where ${named}`.execute(db);
}

/** For what was written to an item lately, whatever the run. */
async function indexRecordsByItem(db: Database): Promise<void> {
  await db.schema.createIndex('records_item').on('records').columns(['item', 'intended_at']).execute();
}

/** Which outcomes were found by a look; and for what was begun lately, whatever the run. */
async function keepWhatWasFound(db: Database): Promise<void> {
  await db.schema
    .alterTable('conclusions')
    .addColumn('found', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema.createIndex('records_time').on('records').column('intended_at').execute();
}

/** What GitHub makes of what is written to it, for whoever judges later whether somebody has changed it. */
async function keepWhatWasStored(db: Database): Promise<void> {
  await db.schema.alterTable('conclusions').addColumn('stored', 'text').execute();
}

/** How often GitHub was asked, and what it said of its limits, for all workers of a token. */
async function createTurns(db: Database, engine: Engine): Promise<void> {
  await withId(db.schema.createTable('turns'), engine)
    .addColumn('token', 'text', required)
    .addColumn('worker', 'text', required)
    .addColumn('at', 'bigint', required)
    .addColumn('kind', 'text', required)
    .addColumn('lane', 'text', required)
    .addColumn('resource', 'text', required)
    .addColumn('requests', 'integer', required)
    .addColumn('until', 'bigint', required)
    .execute();
  await db.schema.createIndex('turns_token').on('turns').columns(['token', 'id']).execute();
}

/** What people order of the circuit breakers, how these change, and how each worker's access to GitHub stands. */
async function createBreakers(db: Database, engine: Engine): Promise<void> {
  await withId(db.schema.createTable('breaker_orders'), engine)
    .addColumn('host', 'text', required)
    .addColumn('lane', 'text', required)
    .addColumn('kind', 'text', required)
    .addColumn('actor', 'text', required)
    .addColumn('reason', 'text', required)
    .addColumn('at', 'bigint', required)
    .execute();
  await db.schema
    .createIndex('breaker_orders_lane')
    .on('breaker_orders')
    .columns(['host', 'lane', 'id'])
    .execute();
  await withId(db.schema.createTable('breaker_transitions'), engine)
    .addColumn('host', 'text', required)
    .addColumn('lane', 'text', required)
    .addColumn('worker', 'text', required)
    .addColumn('token', 'text', required)
    .addColumn('from_state', 'text', required)
    .addColumn('to_state', 'text', required)
    .addColumn('reason', 'text', required)
    .addColumn('at', 'bigint', required)
    .execute();
  await db.schema
    .createIndex('breaker_transitions_host')
    .on('breaker_transitions')
    .columns(['host', 'id'])
    .execute();
  await db.schema
    .createTable('gates')
    .addColumn('worker', 'text', required)
    .addColumn('token', 'text', required)
    .addColumn('host', 'text', required)
    .addColumn('body', 'text', required)
    .addColumn('at', 'bigint', required)
    .addPrimaryKeyConstraint('gates_key', ['worker', 'token'])
    .execute();
}
