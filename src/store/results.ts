import type { Json } from '../standards/model.js';
import type { Database } from './tables.js';

/** Keeps what a step has brought about; a later one of the same step takes its place. */
export async function upsertResult(
  db: Database,
  row: { run: string; item: string; step: string; result: Json; at: number },
): Promise<void> {
  const { run, item, step } = row;
  const columns = { body: JSON.stringify(row.result), saved_at: row.at };
  await db
    .insertInto('step_results')
    .values({ run, item, step, ...columns })
    .onConflict((conflict) => conflict.columns(['run', 'item', 'step']).doUpdateSet(columns))
    .execute();
}

export async function selectResult(
  db: Database,
  run: string,
  item: string,
  step: string,
): Promise<Json | null> {
  const row = await db
    .selectFrom('step_results')
    .select('body')
    .where('run', '=', run)
    .where('item', '=', item)
    .where('step', '=', step)
    .executeTakeFirst();
  return row === undefined ? null : (JSON.parse(row.body) as Json);
}
