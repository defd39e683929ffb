import type { Database } from './tables.js';

/** What a run has touched, by its records alone: no history of a workflow is needed. */
export async function selectTouched(
  db: Database,
  {
    run,
    organization,
    limit,
    after,
  }: { run: string; organization: string; limit: number; after: number | null },
): Promise<{ items: string[]; next: number | null }> {
  let query = db
    .selectFrom('records')
    .select(['item', (of) => of.fn.min('id').as('first')])
    .where('run', '=', run)
    .where((where) => where(where.fn<string>('lower', ['organization']), '=', organization.toLowerCase()))
    .groupBy('item');
  if (after !== null) query = query.having((of) => of.fn.min('id'), '<', after);
  const rows = await query
    .orderBy('first', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(({ item }) => item),
    next: rows.length > limit && last !== undefined ? last.first : null,
  };
}

export async function selectOrganizations(db: Database, run: string): Promise<string[]> {
  const rows = await db
    .selectFrom('records')
    .select(['organization', (of) => of.fn.min('id').as('first')])
    .where('run', '=', run)
    .groupBy('organization')
    .orderBy('first', 'desc')
    .execute();
  return rows.map(({ organization }) => organization);
}
