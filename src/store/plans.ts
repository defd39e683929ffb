import { createHash } from 'node:crypto';
import { nameOfKey } from '../standards/item-key.js';
import type { PlanIdentity } from './store.js';
import type { Database } from './tables.js';

/** Rows in one statement: SQLite takes 32,766 parameters, Postgres 65,535. */
const ROWS = 1_000;

export interface PlannedRow {
  item: string;
  hash: string;
  changes: number;
}

/** Keeps what a round of planning found of items; the same round again takes the place of what it found before. */
export async function upsertPlanned(
  db: Database,
  { run, round }: { run: string; round: number },
  rows: PlannedRow[],
): Promise<void> {
  for (let at = 0; at < rows.length; at += ROWS) {
    await db
      .insertInto('plans')
      .values(rows.slice(at, at + ROWS).map((row) => ({ run, round, ...row })))
      .onConflict((conflict) =>
        conflict.columns(['run', 'round', 'item']).doUpdateSet((set) => ({
          hash: set.ref('excluded.hash'),
          changes: set.ref('excluded.changes'),
        })),
      )
      .execute();
  }
}

/** Forgets what an earlier try of the round found. */
export async function deletePlanned(db: Database, run: string, round: number): Promise<void> {
  await db.deleteFrom('plans').where('run', '=', run).where('round', '=', round).execute();
}

export async function selectPlanned(
  db: Database,
  run: string,
  round: number,
  item: string,
): Promise<string | null> {
  const row = await db
    .selectFrom('plans')
    .select('hash')
    .where('run', '=', run)
    .where('round', '=', round)
    .where('item', '=', item)
    .executeTakeFirst();
  return row?.hash ?? null;
}

/** One hash over all items of a round, in the order of their names' bytes: the same plan gives the same, however it was read. */
export async function identify(db: Database, run: string, round: number): Promise<PlanIdentity> {
  const hash = createHash('sha256');
  let items = 0;
  let changes = 0;
  const rows = await db
    .selectFrom('plans')
    .select(['item', 'hash', 'changes'])
    .where('run', '=', run)
    .where('round', '=', round)
    .execute();
  const named = rows.map((row) => ({ ...row, name: nameOfKey(row.item) }));
  for (const row of named.toSorted(byNameThenKey)) {
    hash.update(`${row.name}\n${row.hash}\n`);
    items += 1;
    changes += row.changes;
  }
  return { hash: hash.digest('hex'), items, changes };
}

type Named = { name: string; item: string };

/** A repository and a part of its organisation may have one name, and then differ by their keys. */
function byNameThenKey(left: Named, right: Named): number {
  if (left.name !== right.name) return left.name < right.name ? -1 : 1;
  return left.item < right.item ? -1 : 1;
}

/** The first approval stands. */
export async function insertApproval(
  db: Database,
  approval: { run: string; hash: string; actor: string; at: number },
): Promise<void> {
  await db
    .insertInto('approvals')
    .values(approval)
    .onConflict((conflict) => conflict.column('run').doNothing())
    .execute();
}

export async function selectApproval(
  db: Database,
  run: string,
): Promise<{ hash: string; actor: string; at: number } | null> {
  const row = await db
    .selectFrom('approvals')
    .select(['hash', 'actor', 'at'])
    .where('run', '=', run)
    .executeTakeFirst();
  return row ?? null;
}
