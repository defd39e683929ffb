import {
  deleteGates,
  insertOrders,
  insertTransition,
  selectGates,
  selectOrders,
  selectTransitions,
  upsertGate,
} from './breakers.js';
import { storeClock } from './clock.js';
import type { Engine } from './engine.js';
import { isBusy, isDisconnected, StoreError, storeError } from './errors.js';
import { selectItem, selectItems, selectLetters, upsertItems } from './items.js';
import { acquire, lockName, release, take } from './locks.js';
import { migrate } from './migrations.js';
import {
  deletePlanned,
  identify,
  insertApproval,
  selectApproval,
  selectPlanned,
  upsertPlanned,
} from './plans.js';
import { openPostgres } from './postgres.js';
import {
  insertConclusion,
  insertIntent,
  isShared,
  selectLastApplied,
  selectLost,
  selectRecent,
  selectRecords,
} from './records.js';
import { selectResult, upsertResult } from './results.js';
import { retrying } from './retry.js';
import { claimKey, passKey, selectRun, stopRun, upsertRun } from './runs.js';
import { openSqlite } from './sqlite.js';
import type { Store } from './store.js';
import type { Database } from './tables.js';
import { selectOrganizations, selectTouched } from './touched.js';
import { forgetTurns, noteTurns } from './turns.js';
import { Writer } from './writer.js';

export interface StoreOptions {
  /** A Postgres URL; without it SQLite is used. */
  databaseUrl?: string;
  /** Where the SQLite file is kept; made if it is not there. */
  directory: string;
  /** Epoch milliseconds; the wall clock unless given. */
  now?: () => number;
}

/**
 * Opens the store and brings its schema up to date.
 * @throws StoreError that says what is wrong and what to do, without the URL's password
 */
export async function openStore({ databaseUrl, directory, now = Date.now }: StoreOptions): Promise<Store> {
  const engine = databaseUrl === undefined ? await openSqlite(directory) : openPostgres(databaseUrl);
  try {
    await migrate(engine);
  } catch (error) {
    await engine.db.destroy();
    throw storeError(error, engine, 'cannot be opened');
  }
  return storeOn(engine, now);
}

function storeOn(engine: Engine, now: () => number): Store {
  const writer = new Writer(engine);
  const write = <T>(act: (db: Database) => Promise<T>) => writer.write(act);
  const writeNow = (act: (db: Database, now: number) => Promise<void>) =>
    write(async (db) => act(db, await storeClock(db, engine, now())));
  const read = async <T>(act: (db: Database) => Promise<T>): Promise<T> => {
    try {
      return await retrying(
        () => act(engine.db),
        (error) => isBusy(error) || isDisconnected(error),
      );
    } catch (error) {
      throw storeError(error, engine, 'failed to read');
    }
  };
  return {
    putDocument: (hash, body) => write((db) => putDocument(db, hash, body, now())),
    getDocument: (hash) => read((db) => selectDocument(db, hash)),
    claimRequestKey: (key, run, payloadHash) =>
      write((db) => claimKey(db, { key, run, payload_hash: payloadHash, created_at: now() })),
    passRequestKey: (key, from, to) => write((db) => passKey(db, key, from, to)),
    saveRun: (run) => write((db) => upsertRun(db, run)),
    getRun: (run) => read((db) => selectRun(db, run)),
    stopRun: (run) => write((db) => stopRun(db, run, now())),
    acquireLock: (organization, run, holder) =>
      write((db) => acquire(db, engine, lockName(organization), run, holder)),
    takeLock: (organization, from, run, holder) =>
      write((db) => take(db, engine, lockName(organization), from, run, holder)),
    releaseLock: (organization, run, holder) =>
      write((db) => release(db, engine, lockName(organization), run, holder)),
    intend: (intent, last) => write((db) => insertIntent(db, engine, intent, now(), last)),
    conclude: (id, outcome, detail, known) =>
      write(async (db) => {
        const shared =
          outcome === 'applied' && known !== undefined && (await isShared(db, engine, id, known));
        await insertConclusion(db, id, shared ? 'unchanged' : outcome, detail, now());
      }),
    recordsOfStep: (run, item, step) => read((db) => selectRecords(db, run, item, step)),
    recordsOfItem: (run, item) => read((db) => selectRecords(db, run, item)),
    recentlyApplied: (items, since) => read((db) => selectRecent(db, items, since)),
    lostCalls: (organization, run, since) => read((db) => selectLost(db, lockName(organization), run, since)),
    lastApplied: (run) => read((db) => selectLastApplied(db, run)),
    saveStepResult: (run, item, step, result) =>
      write((db) => upsertResult(db, { run, item, step, result, at: now() })),
    getStepResult: (run, item, step) => read((db) => selectResult(db, run, item, step)),
    saveItems: (items) => write((db) => upsertItems(db, items)),
    getItem: (run, item) => read((db) => selectItem(db, run, item)),
    openLetters: (organization) => read((db) => selectLetters(db, organization)),
    listItems: (run, outcomes, limit, after) => read((db) => selectItems(db, run, outcomes, limit, after)),
    touchedItems: (run, organization, limit, after) =>
      read((db) => selectTouched(db, { run, organization, limit, after })),
    touchedOrganizations: (run) => read((db) => selectOrganizations(db, run)),
    beginPlan: (run, round) => write((db) => deletePlanned(db, run, round)),
    savePlanned: (run, round, items) => write((db) => upsertPlanned(db, { run, round }, items)),
    getPlanned: (run, round, item) => read((db) => selectPlanned(db, run, round, item)),
    identifyPlan: (run, round) => read((db) => identify(db, run, round)),
    saveApproval: (run, hash, actor) => write((db) => insertApproval(db, { run, hash, actor, at: now() })),
    getApproval: (run) => read((db) => selectApproval(db, run)),
    noteTurns: (noting, decide) => write((db) => noteTurns(db, engine, noting, now(), decide)),
    forgetTurns: () => write((db) => forgetTurns(db, now())),
    orderBreakers: (host, order, lanes) =>
      writeNow(async (db, at) => insertOrders(db, host, { ...order, at }, lanes)),
    breakerOrders: (host) => read((db) => selectOrders(db, host)),
    saveTransition: (transition) => writeNow((db, at) => insertTransition(db, { ...transition, at })),
    transitions: (host, limit) => read((db) => selectTransitions(db, host, limit)),
    saveGate: (gate) => writeNow((db, at) => upsertGate(db, { ...gate, at })),
    forgetGates: (worker) => write((db) => deleteGates(db, worker)),
    gates: (host) => read(async (db) => selectGates(db, host, await storeClock(db, engine, now()))),
    async close() {
      await writer.close();
      await engine.db.destroy();
    },
  };
}

async function putDocument(db: Database, hash: string, body: string, at: number): Promise<void> {
  if (body.includes('\0'))
    throw new StoreError(`Document ${hash} holds a NUL character, which no text file has.`);
  await db
    .insertInto('documents')
    .values({ hash, body, created_at: at })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .execute();
}

async function selectDocument(db: Database, hash: string): Promise<string | null> {
  const row = await db.selectFrom('documents').select('body').where('hash', '=', hash).executeTakeFirst();
  return row?.body ?? null;
}
