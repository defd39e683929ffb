import { sql } from 'kysely';
import type { NewTurnNote, Noted, Noting, TurnNote } from '../policies/turn-notes.js';
import { selectOrders } from './breakers.js';
import { storeClock } from './clock.js';
import type { Engine } from './engine.js';
import type { Database } from './tables.js';

/** Content-creating requests are limited by the hour, everything else by the minute; with what clocks and delays differ by. */
const HOUR_MS = 3_602_000;
const MINUTE_MS = 62_000;
/** Any number that no other kind of advisory lock has. */
const LOCK = 7_237_331;

/** What was noted of a token after a note, as far as it still counts, oldest first. */
async function selectNotes(db: Database, token: string, after: number, now: number): Promise<TurnNote[]> {
  const rows = await db
    .selectFrom('turns')
    .select(['id', 'worker', 'at', 'kind', 'lane', 'resource', 'requests', 'until'])
    .where('token', '=', token)
    .where('id', '>', after)
    .where((is) =>
      is.or([
        is('at', '>', now - MINUTE_MS),
        is.and([is('lane', '=', 'content'), is('at', '>', now - HOUR_MS)]),
        is('until', '>', now),
      ]),
    )
    .orderBy('id')
    .execute();
  return rows;
}

/** One transaction after the other for a token, so that each sees all that was noted before it; forgets what is over. */
export async function noteTurns(
  db: Database,
  engine: Engine,
  { host, token, worker, after }: Noting,
  clock: number,
  decide: (noted: Noted) => readonly NewTurnNote[],
): Promise<void> {
  if (engine.name === 'postgres')
    await sql`select pg_advisory_xact_lock(${LOCK}, hashtext(${token}))`.execute(db);
  const at = await storeClock(db, engine, clock);
  const known = { notes: await selectNotes(db, token, after, at), orders: await selectOrders(db, host) };
  const notes = decide({ ...known, now: at });
  if (notes.length > 0)
    await db
      .insertInto('turns')
      .values(notes.map((note) => ({ token, worker, at, ...note })))
      .execute();
}

export async function forgetTurns(db: Database, now: number): Promise<void> {
  await db
    .deleteFrom('turns')
    .where('at', '<', now - HOUR_MS)
    .where('until', '<', now)
    .execute();
}
