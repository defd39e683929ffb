import type { BreakerOrder } from '../policies/breaker-orders.js';
import type { Lane } from '../policies/lanes.js';
import type { Json } from '../standards/model.js';
import type { BreakerTransition, GateRecord } from './breaker-ledger.js';
import type { Database } from './tables.js';

/** A worker that has said nothing for so long is gone, milliseconds: it says how it stands every five seconds. */
const SILENT_MS = 30_000;

export async function insertOrders(
  db: Database,
  host: string,
  order: Omit<BreakerOrder, 'id' | 'lane'>,
  lanes: readonly Lane[],
): Promise<void> {
  await db
    .insertInto('breaker_orders')
    .values(lanes.map((lane) => ({ host, lane, ...order })))
    .execute();
}

export function selectOrders(db: Database, host: string): Promise<BreakerOrder[]> {
  return db
    .selectFrom('breaker_orders')
    .select(['id', 'lane', 'kind', 'actor', 'reason', 'at'])
    .where('id', 'in', (newest) =>
      newest
        .selectFrom('breaker_orders')
        .select(({ fn }) => fn.max('id').as('id'))
        .where('host', '=', host)
        .groupBy('lane'),
    )
    .orderBy('id')
    .execute();
}

export async function insertTransition(db: Database, transition: BreakerTransition): Promise<void> {
  const { from, to, ...row } = transition;
  await db
    .insertInto('breaker_transitions')
    .values({ ...row, from_state: from, to_state: to })
    .execute();
}

export function selectTransitions(db: Database, host: string, limit: number): Promise<BreakerTransition[]> {
  return db
    .selectFrom('breaker_transitions')
    .select(['host', 'lane', 'worker', 'token', 'reason', 'at'])
    .select(['from_state as from', 'to_state as to'])
    .where('host', '=', host)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

export async function upsertGate(db: Database, { host, worker, token, body, at }: GateRecord): Promise<void> {
  const columns = { host, body: JSON.stringify(body), at };
  await db
    .insertInto('gates')
    .values({ worker, token, ...columns })
    .onConflict((conflict) => conflict.columns(['worker', 'token']).doUpdateSet(columns))
    .execute();
  await db
    .deleteFrom('gates')
    .where('at', '<', at - SILENT_MS)
    .execute();
}

export async function deleteGates(db: Database, worker: string): Promise<void> {
  await db.deleteFrom('gates').where('worker', '=', worker).execute();
}

export async function selectGates(db: Database, host: string, now: number): Promise<GateRecord[]> {
  const rows = await db
    .selectFrom('gates')
    .select(['host', 'worker', 'token', 'body', 'at'])
    .where('host', '=', host)
    .where('at', '>=', now - SILENT_MS)
    .orderBy('worker')
    .orderBy('token')
    .execute();
  return rows.map((row) => ({ ...row, body: JSON.parse(row.body) as Json }));
}
