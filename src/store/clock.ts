import { sql } from 'kysely';
import type { Engine } from './engine.js';
import type { Database } from './tables.js';

/** The time that all who share a store have in common, epoch milliseconds: hosts have clocks of their own, a database has one. `own` is this machine's. */
export async function storeClock(db: Database, engine: Engine, own: number): Promise<number> {
  if (engine.name === 'sqlite') return own;
  const { rows } = await sql<{ now: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::bigint as now`.execute(db);
  return Number(rows[0]?.now);
}
