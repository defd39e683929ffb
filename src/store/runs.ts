import type { RunRecord } from './store.js';
import type { Database } from './tables.js';

export async function upsertRun(db: Database, record: RunRecord): Promise<void> {
  const columns = {
    organizations: JSON.stringify(record.organizations),
    kind: record.kind,
    actor: record.actor,
    document: record.document,
    options: JSON.stringify(record.options),
    started_at: record.startedAt,
    ended_at: record.endedAt,
    state: record.state,
    totals: JSON.stringify(record.totals),
  };
  await db
    .insertInto('runs')
    .values({ run: record.run, ...columns })
    .onConflict((conflict) => conflict.column('run').doUpdateSet(columns))
    .execute();
}

export async function selectRun(db: Database, run: string): Promise<RunRecord | null> {
  const row = await db.selectFrom('runs').selectAll().where('run', '=', run).executeTakeFirst();
  if (row === undefined) return null;
  return {
    run: row.run,
    organizations: JSON.parse(row.organizations),
    kind: row.kind,
    actor: row.actor,
    document: row.document,
    options: JSON.parse(row.options),
    startedAt: row.started_at,
    endedAt: row.ended_at,
    state: row.state,
    totals: JSON.parse(row.totals),
  };
}

export async function stopRun(db: Database, run: string, at: number): Promise<void> {
  await db
    .updateTable('runs')
    .set({ stopped_at: at })
    .where('run', '=', run)
    .where('stopped_at', 'is', null)
    .execute();
}

/** The first claim of a key stays; the answer is what stands. */
export async function claimKey(
  db: Database,
  claim: { key: string; run: string; payload_hash: string; created_at: number },
): Promise<{ run: string; payloadHash: string }> {
  await db
    .insertInto('request_keys')
    .values(claim)
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  const { run, payload_hash } = await selectKey(db, claim.key);
  return { run, payloadHash: payload_hash };
}

export async function passKey(db: Database, key: string, from: string, to: string): Promise<string> {
  await db
    .updateTable('request_keys')
    .set({ run: to })
    .where('key', '=', key)
    .where('run', '=', from)
    .execute();
  return (await selectKey(db, key)).run;
}

const selectKey = (db: Database, key: string) =>
  db
    .selectFrom('request_keys')
    .select(['run', 'payload_hash'])
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
