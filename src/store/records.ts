import { sql } from 'kysely';
import { nameOfKey } from '../standards/item-key.js';
import type { Engine } from './engine.js';
import { lockName } from './locks.js';
import {
  type ConclusionDetail,
  FencedError,
  type Intent,
  type MutationRecord,
  type RecordOutcome,
  StoppedError,
  SupersededError,
} from './store.js';
import type { Database } from './tables.js';

/**
 * Stores an intent where its run owns the organisation's lock and, for a `do`, was not stopped; both stay as they are until
 * the commit. @throws FencedError, StoppedError, SupersededError
 */
export async function insertIntent(
  db: Database,
  engine: Engine,
  intent: Intent,
  at: number,
  last?: number,
): Promise<number> {
  const organization = lockName(intent.organization);
  const lock = db.selectFrom('locks').where('organization', '=', organization);
  const owner = await (engine.name === 'postgres' ? lock.forShare() : lock).select('run').executeTakeFirst();
  const run = owner?.run ?? null;
  if (run !== intent.run) {
    throw new FencedError(
      `Run ${intent.run} does not own the lock of ${intent.organization} any more ` +
        `(${run === null ? 'it is free' : `run ${run} has it`}): ${intent.step} of ${nameOfKey(intent.item)} was not sent.`,
    );
  }
  if (intent.direction === 'do') await refuseStopped(db, engine, intent.run);
  if (last !== undefined) await refuseSuperseded(db, engine, intent, last);
  const { id } = await db
    .insertInto('records')
    .values({
      run: intent.run,
      organization: intent.organization,
      item: intent.item,
      step: intent.step,
      direction: intent.direction,
      attempt: intent.attempt,
      actor: intent.actor,
      change: JSON.stringify(intent.change),
      target: JSON.stringify(intent.target),
      from_value: JSON.stringify(intent.from),
      to_value: JSON.stringify(intent.to),
      intended_at: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

type StepOf = Pick<Intent, 'run' | 'item' | 'step'>;

/** SQLite has one writer at a time; Postgres would let two look before either has written. */
async function oneAtATime(db: Database, engine: Engine, { run, item, step }: StepOf): Promise<void> {
  if (engine.name !== 'postgres') return;
  const name = JSON.stringify([run, item, step]);
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(db);
}

/** Whether another call of the record's step and direction than those known has been applied. */
export async function isShared(
  db: Database,
  engine: Engine,
  id: number,
  known: readonly number[],
): Promise<boolean> {
  const own = await db.selectFrom('records').selectAll().where('id', '=', id).executeTakeFirst();
  if (own === undefined) return false;
  await oneAtATime(db, engine, own);
  const applied = await db
    .selectFrom('records')
    .innerJoin('conclusions', 'conclusions.record', 'records.id')
    .select('records.id')
    .where('records.run', '=', own.run)
    .where('records.item', '=', own.item)
    .where('records.step', '=', own.step)
    .where('records.direction', '=', own.direction)
    .where('conclusions.outcome', '=', 'applied')
    .execute();
  return applied.some((other) => other.id !== id && !known.includes(other.id));
}

async function refuseSuperseded(db: Database, engine: Engine, intent: Intent, last: number): Promise<void> {
  const { run, item, step } = intent;
  await oneAtATime(db, engine, intent);
  const newest = await db
    .selectFrom('records')
    .select(({ fn }) => fn.max('id').as('id'))
    .where('run', '=', run)
    .where('item', '=', item)
    .where('step', '=', step)
    .executeTakeFirst();
  if ((newest?.id ?? 0) !== last)
    throw new SupersededError(`Another attempt of ${step} of ${nameOfKey(item)} is under way in run ${run}.`);
}

async function refuseStopped(db: Database, engine: Engine, run: string): Promise<void> {
  const row = db.selectFrom('runs').where('run', '=', run);
  const found = await (engine.name === 'postgres' ? row.forShare() : row)
    .select('stopped_at')
    .executeTakeFirst();
  const stoppedAt = found?.stopped_at ?? null;
  if (stoppedAt !== null) throw new StoppedError(run, stoppedAt);
}

/** Adds a conclusion; a second one of its kind (`unknown`, or any that settles) changes nothing. */
export async function insertConclusion(
  db: Database,
  id: number,
  outcome: Exclude<RecordOutcome, 'intended'>,
  detail: ConclusionDetail,
  at: number,
): Promise<void> {
  await db
    .insertInto('conclusions')
    .values({
      record: id,
      settled: outcome === 'unknown' ? 0 : 1,
      outcome,
      request_id: storable(detail.requestId),
      error: storable(detail.error),
      concluded_at: at,
      found: detail.found === true ? 1 : 0,
      stored: detail.stored === undefined ? null : JSON.stringify(detail.stored),
    })
    .onConflict((conflict) => conflict.columns(['record', 'settled']).doNothing())
    .execute();
}

/** Records of an item, or of one step of it, each with the conclusion that stands, oldest first. */
export async function selectRecords(
  db: Database,
  run: string,
  item: string,
  step?: string,
): Promise<MutationRecord[]> {
  let query = concluded(db).where('records.run', '=', run).where('records.item', '=', item);
  if (step !== undefined) query = query.where('records.step', '=', step);
  const rows = await query.orderBy('records.id').execute();
  return rows.map(recordOf);
}

/** Between a call and what was found out about it, a worker may have been lost; milliseconds. */
const FOUND_OUT_MS = 300_000;

/** What was applied to items since then, in whatever run, oldest first. */
export async function selectRecent(db: Database, items: string[], since: number): Promise<MutationRecord[]> {
  if (items.length === 0) return [];
  const rows = await concluded(db)
    .where('records.item', 'in', items)
    .where('records.intended_at', '>=', since - FOUND_OUT_MS)
    .where('stands.outcome', '=', 'applied')
    .where('stands.concluded_at', '>=', since)
    .orderBy('records.id')
    .execute();
  return rows.map(recordOf);
}

export async function selectLost(
  db: Database,
  organization: string,
  run: string,
  since: number,
): Promise<MutationRecord[]> {
  const rows = await concluded(db)
    .where('records.intended_at', '>=', since)
    .where('records.run', '!=', run)
    .where((where) => where(where.fn<string>('lower', ['records.organization']), '=', organization))
    .where((where) => where.or([where('stands.outcome', 'is', null), where('stands.found', '=', 1)]))
    .orderBy('records.id')
    .execute();
  return rows.map(recordOf);
}

export async function selectLastApplied(db: Database, run: string): Promise<number> {
  const row = await db
    .selectFrom('records')
    .innerJoin('conclusions', 'conclusions.record', 'records.id')
    .select(({ fn }) => fn.max('conclusions.concluded_at').as('at'))
    .where('records.run', '=', run)
    .where('conclusions.outcome', '=', 'applied')
    .executeTakeFirst();
  return row?.at ?? 0;
}

type ConcludedRow = Awaited<ReturnType<ReturnType<typeof concluded>['execute']>>[number];

function concluded(db: Database) {
  return db
    .selectFrom('records')
    .leftJoin('conclusions as stands', (join) =>
      join.onRef('stands.record', '=', 'records.id').on('stands.settled', '=', 1),
    )
    .leftJoin('conclusions as open', (join) =>
      join.onRef('open.record', '=', 'records.id').on('open.settled', '=', 0),
    )
    .selectAll('records')
    .select([
      'stands.outcome',
      'stands.request_id',
      'stands.error',
      'stands.concluded_at',
      'stands.found',
      'stands.stored',
      'open.outcome as open_outcome',
      'open.request_id as open_request_id',
      'open.error as open_error',
      'open.concluded_at as open_concluded_at',
    ]);
}

const recordOf = (row: ConcludedRow): MutationRecord => ({
  id: row.id,
  run: row.run,
  organization: row.organization,
  item: row.item,
  step: row.step,
  direction: row.direction,
  attempt: row.attempt,
  actor: row.actor,
  change: JSON.parse(row.change),
  target: JSON.parse(row.target),
  from: JSON.parse(row.from_value),
  to: JSON.parse(row.stored ?? row.to_value),
  intendedAt: row.intended_at,
  outcome: row.outcome ?? row.open_outcome ?? 'intended',
  concludedAt: row.outcome === null ? row.open_concluded_at : row.concluded_at,
  lostAt: row.open_concluded_at,
  seen: row.stored !== null,
  wrote: JSON.parse(row.to_value),
  found: row.found === 1,
  requestId: row.outcome === null ? row.open_request_id : row.request_id,
  error: row.outcome === null ? row.open_error : row.error,
});

/** Free text without NUL, which Postgres refuses and libsql cuts at. */
function storable(text: string | null | undefined): string | null {
  return text?.replaceAll('\0', '\uFFFD') ?? null;
}
