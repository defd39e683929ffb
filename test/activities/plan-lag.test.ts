import { describe, expect, it } from 'vitest';
import { NotYet } from '../../src/activities/answering.js';
import { refuseBehind } from '../../src/activities/plan-lag.js';
import { READ_AGAIN_MS } from '../../src/policies/read-lag.js';
import type { Change, Json, JsonObject, PlannedItem } from '../../src/standards/model.js';
import { anIntent } from '../support/an-intent.js';
import { aStore, newRun } from './rollback-support.js';
import { rejection, SETTINGS } from './support.js';

const bench = aStore();
const BEFORE = { has_wiki: true, has_issues: true };
const AFTER = { has_wiki: false, has_issues: false };

const settings = (before: Json, after: Json): Change => ({ ...anIntent().change, before, after });

const rulesetOf = (enforcement: string, onlyRest: JsonObject) => ({
  name: 'main',
  target: 'branch',
  enforcement,
  bypass_actors: [],
  conditions: null,
  rules: [
    {
      type: 'pull_request',
      parameters: { required_approving_review_count: enforcement.length, ...onlyRest },
    },
  ],
});

let items = 0;

/** Writes to an item of its own, one after the other, each applied; the item and what a plan of it would be. */
async function written(...writes: { undo?: true; restore?: true; from: Json; to: Json; change?: Change }[]) {
  const item = `acme/repository-${++items}`;
  const run = newRun();
  await bench.store.acquireLock('acme', run, 'holder');
  for (const { undo, restore, from, to, change: given } of writes) {
    const change = {
      ...(given ?? settings(from, to)),
      ...(restore ? { restore: { of: 'r0', force: false } } : {}),
    };
    const direction = undo ? 'undo' : 'do';
    const id = await bench.store.intend(
      anIntent({ run, item, direction, from, to, change: change as Change }),
    );
    await bench.store.conclude(id, 'applied', {});
  }
  await bench.store.releaseLock('acme', run, 'holder');
  const planned = (...changes: Change[]): PlannedItem => ({
    item,
    kind: 'repository',
    target: anIntent().target,
    changes,
  });
  return { item, planned };
}

const NOW = (): number => Date.now();

async function isRefused(planned: PlannedItem[], inSync: string[], readAt = NOW()): Promise<boolean> {
  const deps = { store: bench.store, settings: SETTINGS, now: () => readAt };
  const judged = await refuseBehind(deps, planned, inSync, readAt).then(
    () => null,
    (error: unknown) => error,
  );
  if (judged === null) return false;
  expect(judged).toBeInstanceOf(NotYet);
  return true;
}

const DO = { from: BEFORE, to: AFTER };
const UNDO = { undo: true as const, from: AFTER, to: BEFORE };

describe('a plan made just after a write', () => {
  it('is made again where it found what was there before the write', async () => {
    const done = await written(DO);
    expect(await isRefused([done.planned(settings(BEFORE, { has_wiki: 'other' }))], [])).toBe(true);
    const undone = await written(DO, UNDO);
    // In sync with the file, although that was just taken back.
    expect(await isRefused([], [undone.item])).toBe(true);
    expect(await isRefused([undone.planned()], [])).toBe(true);
    const restored = await written({ ...UNDO, undo: undefined as never, restore: true });
    expect(await isRefused([], [restored.item])).toBe(true);
  });

  it('is made again where one field of several does not show yet', async () => {
    const undone = await written(DO, UNDO);
    const half = settings({ has_wiki: true }, { has_wiki: false });
    expect(await isRefused([undone.planned(half)], [])).toBe(true);
    const done = await written(DO);
    const other = settings({ has_wiki: true }, { has_wiki: 'other' });
    expect(await isRefused([done.planned(other)], [])).toBe(true);
  });

  it('is made again where it shows less of what was there than the record has: GraphQL does not know every parameter', async () => {
    const rest = { required_reviewers: [] };
    const change = {
      ...settings(rulesetOf('active', rest), rulesetOf('disabled', rest)),
      kind: 'ruleset' as const,
    };
    const done = await written({ from: change.before, to: change.after, change });
    const plan = (before: Json): PlannedItem =>
      done.planned({ ...change, before, after: rulesetOf('evaluate', {}) });
    expect(await isRefused([plan(rulesetOf('active', {}))], [])).toBe(true);
    expect(await isRefused([plan(rulesetOf('disabled', {}))], [])).toBe(false);
    expect(await isRefused([plan(rulesetOf('evaluate', {}))], [])).toBe(false);
  });

  it('is taken where it shows the write', async () => {
    const done = await written(DO);
    expect(await isRefused([], [done.item])).toBe(false);
    expect(await isRefused([done.planned(settings(AFTER, BEFORE))], [])).toBe(false);
    expect(await isRefused([done.planned(settings({ has_wiki: false }, { has_wiki: true }))], [])).toBe(
      false,
    );
    const undone = await written(DO, UNDO);
    expect(await isRefused([undone.planned(settings(BEFORE, AFTER))], [])).toBe(false);
    const again = await written(DO, UNDO, DO);
    expect(await isRefused([], [again.item])).toBe(false);
  });

  it('is taken where it is of other items, or no read can be so old, or somebody else has changed it', async () => {
    const undone = await written(DO, UNDO);
    const done = await written(DO);
    expect(await isRefused([], ['acme/another', done.item])).toBe(false);
    expect(await isRefused([], [undone.item], NOW() + SETTINGS.activity.read_lag + 1)).toBe(false);
    const theirs = settings({ has_wiki: 'theirs', has_issues: 'theirs' }, AFTER);
    expect(await isRefused([undone.planned(theirs)], [])).toBe(false);
  });

  it('says what it waits for and looks again soon', async () => {
    const { item } = await written(DO, UNDO);
    const readAt = NOW();
    const wait = await rejection(
      refuseBehind({ store: bench.store, settings: SETTINGS, now: () => readAt }, [], [item], readAt),
    );
    expect(wait['until']).toBe(readAt + READ_AGAIN_MS);
    expect(wait.message).toBe(`what was last written to ${item} (settings) does not show yet`);
  });
});
