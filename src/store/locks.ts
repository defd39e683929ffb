import type { Engine } from './engine.js';
import type { LockAnswer } from './store.js';
import type { Database } from './tables.js';

/** GitHub's logins do not differ by case, so neither do their locks. */
export function lockName(organization: string): string {
  return organization.toLowerCase();
}

export async function acquire(
  db: Database,
  engine: Engine,
  organization: string,
  run: string,
  holder: string,
): Promise<LockAnswer> {
  await db
    .insertInto('locks')
    .values({ organization, run: null, fence: 0 })
    .onConflict((conflict) => conflict.column('organization').doNothing())
    .execute();
  const lock = await lockRow(db, engine, organization);
  const owner = lock?.run ?? null;
  const before = lock?.fence ?? 0;
  if (owner !== null && owner !== run) return { granted: false, heldBy: owner, fence: before };
  const known = owner === run && (await isHolder(db, organization, holder));
  const fence = known ? before : before + 1;
  if (owner === null) await own(db, organization, run, fence);
  else if (!known)
    await db.updateTable('locks').set({ fence }).where('organization', '=', organization).execute();
  await addHolder(db, organization, holder);
  return { granted: true, fence };
}

export async function take(
  db: Database,
  engine: Engine,
  organization: string,
  from: { run: string; fence: number },
  run: string,
  holder: string,
): Promise<boolean> {
  const lock = await lockRow(db, engine, organization);
  if (lock?.run !== from.run || lock.fence !== from.fence) return false;
  await own(db, organization, run, lock.fence + 1);
  await addHolder(db, organization, holder);
  return true;
}

export async function release(
  db: Database,
  engine: Engine,
  organization: string,
  run: string,
  holder: string,
): Promise<void> {
  const lock = await lockRow(db, engine, organization);
  if (lock?.run !== run) return;
  await db
    .deleteFrom('lock_holders')
    .where('organization', '=', organization)
    .where('holder', '=', holder)
    .execute();
  const other = await db
    .selectFrom('lock_holders')
    .select('holder')
    .where('organization', '=', organization)
    .limit(1)
    .executeTakeFirst();
  if (other === undefined) {
    await db.updateTable('locks').set({ run: null }).where('organization', '=', organization).execute();
  }
}

/** The lock's row, which no other transaction changes before this one ends. */
function lockRow(db: Database, engine: Engine, organization: string) {
  const row = db.selectFrom('locks').select(['run', 'fence']).where('organization', '=', organization);
  return (engine.name === 'postgres' ? row.forUpdate() : row).executeTakeFirst();
}

async function isHolder(db: Database, organization: string, holder: string): Promise<boolean> {
  const found = await db
    .selectFrom('lock_holders')
    .select('holder')
    .where('organization', '=', organization)
    .where('holder', '=', holder)
    .executeTakeFirst();
  return found !== undefined;
}

async function own(db: Database, organization: string, run: string, fence: number): Promise<void> {
  await db.updateTable('locks').set({ run, fence }).where('organization', '=', organization).execute();
  await db.deleteFrom('lock_holders').where('organization', '=', organization).execute();
}

async function addHolder(db: Database, organization: string, holder: string): Promise<void> {
  await db
    .insertInto('lock_holders')
    .values({ organization, holder })
    .onConflict((conflict) => conflict.columns(['organization', 'holder']).doNothing())
    .execute();
}
