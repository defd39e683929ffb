import { StoreError } from './errors.js';
import type { ItemOutcome, ItemRecord } from './store.js';
import type { Database, Tables } from './tables.js';

/** What an undo goes through, newest first. */
const UNDONE: readonly ItemOutcome[] = ['committed', 'deadLettered', 'superseded'];

/** Items of one run. Each is newer than all before it, whichever clock they were recorded by: their undo goes by that. */
export async function upsertItems(db: Database, items: readonly ItemRecord[]): Promise<void> {
  const run = items[0]?.run ?? '';
  let newest = 0;
  for (const outcome of UNDONE) newest = Math.max(newest, await newestOf(db, run, outcome));
  for (const item of items) {
    newest = Math.max(newest + 1, item.at);
    await upsertItem(db, { ...item, at: newest });
  }
}

async function newestOf(db: Database, run: string, outcome: ItemOutcome): Promise<number> {
  const row = await db
    .selectFrom('items')
    .select('at')
    .where('run', '=', run)
    .where('outcome', '=', outcome)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.at ?? 0;
}

async function upsertItem(db: Database, item: ItemRecord): Promise<void> {
  const { run, item: name, ...rest } = item;
  const columns = { ...rest, target: JSON.stringify(item.target) };
  await db
    .insertInto('items')
    .values({ run, item: name, ...columns })
    .onConflict((conflict) => conflict.columns(['run', 'item']).doUpdateSet(columns))
    .execute();
}

export async function selectItem(db: Database, run: string, item: string): Promise<ItemRecord | null> {
  const row = await db
    .selectFrom('items')
    .selectAll()
    .where('run', '=', run)
    .where('item', '=', item)
    .executeTakeFirst();
  return row === undefined ? null : itemOf(row);
}

/** An organisation's dead letters; its login in any case. */
export async function selectLetters(db: Database, organization: string): Promise<ItemRecord[]> {
  const rows = await db
    .selectFrom('items')
    .selectAll()
    .where('outcome', '=', 'deadLettered')
    .where((where) => where(where.fn<string>('lower', ['organization']), '=', organization.toLowerCase()))
    .execute();
  return rows.map(itemOf);
}

/** A page of a run's items with one of those outcomes, newest first. `after` is the `next` of the page before. */
export async function selectItems(
  db: Database,
  run: string,
  outcomes: readonly ItemOutcome[],
  limit: number,
  after: string | null,
): Promise<{ items: ItemRecord[]; next: string | null }> {
  let query = db.selectFrom('items').selectAll().where('run', '=', run).where('outcome', 'in', outcomes);
  if (after !== null) {
    const { at, item } = parseCursor(after);
    query = query.where((where) =>
      where.or([where('at', '<', at), where.and([where('at', '=', at), where('item', '<', item)])]),
    );
  }
  const rows = await query
    .orderBy('at', 'desc')
    .orderBy('item', 'desc')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map(itemOf);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? `${last.at}:${last.item}` : null };
}

function parseCursor(cursor: string): { at: number; item: string } {
  const match = /^(\d{1,15}):(.+)$/.exec(cursor);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new StoreError('This is no place in a list of items: pass the `next` of the page before.');
  }
  return { at: Number(match[1]), item: match[2] };
}

function itemOf(row: Tables['items']): ItemRecord {
  return { ...row, target: JSON.parse(row.target) };
}
