import { describe, expect, it } from 'vitest';
import { NotYet } from '../../src/activities/answering.js';
import type { ActivityDeps } from '../../src/activities/deps.js';
import { runActivities } from '../../src/activities/run.js';
import { anIntent } from '../support/an-intent.js';
import { aStore, newRun } from './rollback-support.js';
import { bench, inActivity, rejection, SETTINGS, UNKNOWN } from './support.js';

const { settle, start_to_close } = SETTINGS.activity;
const NOTHING = { rest: 0, graphql: 0, mutating: 0 };

/** The second call has come through; the first may. */
async function twiceLost() {
  const { github, clock, ...step } = bench();
  github.fault = { error: UNKNOWN, applied: false };
  await expect(step.do()).rejects.toBe(UNKNOWN);
  github.fault = { error: UNKNOWN, applied: true };
  await expect(step.do()).rejects.toBe(UNKNOWN);
  const lostAt = clock.now;
  expect(await step.do()).toEqual({ effect: 'applied' });
  return { github, clock, lostAt, ...step };
}

describe('a step with two lost calls, of which one had an effect', () => {
  it('is not undone before the other can come through no more', async () => {
    const { github, clock, lostAt, ...step } = await twiceLost();
    const wait = await rejection(step.undo());
    expect([wait.constructor, wait['until']]).toEqual([NotYet, lostAt + settle]);
    clock.now = lostAt + settle;
    expect(await step.undo()).toEqual({ conflicts: [] });
    expect(github.live).toBe('before');
  });

  it('keeps nobody waiting who goes forward', async () => {
    const { github, ...step } = await twiceLost();
    expect(await step.do()).toEqual({ effect: 'applied' });
    expect(github.writes).toHaveLength(2);
  });

  it('is not done again after an undo of which that holds', async () => {
    const { store, clock, ...step } = bench({ live: 'before' });
    store.add('do', 'applied', 'before', 'after', clock.now);
    store.add('undo', 'unknown', 'after', 'before', clock.now);
    store.add('undo', 'unknown', 'after', 'before', clock.now);
    Object.assign(store.records[1] ?? {}, { outcome: 'refused', found: true });
    Object.assign(store.records[2] ?? {}, { outcome: 'applied', found: true });
    expect((await rejection(step.do()))['until']).toBe(clock.now + settle);
  });

  it('waits for none where a single one was lost and has been found', async () => {
    const { github, ...step } = bench();
    github.fault = { error: UNKNOWN, applied: true };
    await expect(step.do()).rejects.toBe(UNKNOWN);
    await step.do();
    expect(await step.undo()).toEqual({ conflicts: [] });
  });
});

describe('a run that takes the lock of an organisation', () => {
  const real = aStore();

  /** Another run's calls to it, each sent this long ago, and let go. */
  async function afterCalls(...calls: [agoMs: number, ...outcomes: Call[]][]) {
    const [organization, before, now] = [newRun(), newRun(), Date.now()];
    await real.store.acquireLock(organization, before, before);
    for (const [agoMs, ...outcomes] of calls) {
      const store = await real.at(now - agoMs);
      const id = await store.intend(anIntent({ run: before, organization }));
      for (const call of outcomes) {
        const found = call.startsWith('found ');
        await store.conclude(id, call.replace('found ', '') as 'applied' | 'refused' | 'unknown', { found });
      }
    }
    await real.store.releaseLock(organization, before, before);
    const deps = { store: real.store, settings: SETTINGS, now: () => now } as ActivityDeps;
    const take = (run: string, login = organization) =>
      inActivity(() => runActivities(deps).acquireLock({ run, organization: login, holder: run }));
    return { organization, before, take };
  }
  type Call = 'applied' | 'refused' | 'unknown' | 'found applied' | 'found refused';

  it.each<[what: string, forMs: number, calls: [number, ...Call[]][]]>([
    ['that was lost', settle - 1_000, [[1_000, 'unknown']]],
    ['that nobody gave up for lost', start_to_close + settle - 1_000, [[1_000]]],
    [
      'that was repeated and answered then',
      settle - 2_000,
      [
        [2_000, 'unknown'],
        [1_000, 'applied'],
      ],
    ],
    [
      'beside one that was found',
      settle - 1_000,
      [
        [2_000, 'unknown', 'found refused'],
        [1_000, 'unknown', 'found applied'],
      ],
    ],
    [
      'which was lost earlier than its last',
      settle - 3_000,
      [
        [9_000, 'unknown'],
        [3_000, 'unknown'],
      ],
    ],
  ])('is told how long to wait for a call of another %s', async (_, forMs, calls) => {
    const { before, take } = await afterCalls(...calls);
    const run = newRun();
    const late = { granted: true, late: { run: before, forMs } };
    expect(await take(run)).toMatchObject({ status: 'done', value: late });
    // Asked again, since its answer was lost.
    expect(await take(run)).toMatchObject({ status: 'done', value: late });
  });

  it.each<[what: string, calls: [number, ...Call[]][]]>([
    [
      'was answered',
      [
        [1_000, 'applied'],
        [1_000, 'refused'],
      ],
    ],
    ['was lost and found', [[1_000, 'unknown', 'found applied']]],
    ['was lost too long ago', [[settle, 'unknown'], [start_to_close + settle]]],
  ])('waits for none that %s', async (_, calls) => {
    const { take } = await afterCalls(...calls);
    expect(await take(newRun())).toEqual({ status: 'done', value: { granted: true }, usage: NOTHING });
  });

  it('waits for none of its own, which its steps see to, and for none elsewhere', async () => {
    const { organization, before, take } = await afterCalls([1_000, 'unknown']);
    expect(JSON.stringify(await take(before))).not.toContain('late');
    await real.store.releaseLock(organization, before, before);
    expect(JSON.stringify(await take(newRun(), `${organization}-other`))).not.toContain('late');
    expect(JSON.stringify(await take(newRun(), organization.toUpperCase()))).toContain('late');
  });
});
