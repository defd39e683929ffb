import { describe, expect, it } from 'vitest';
import { NotYet, StepError } from '../../src/activities/answering.js';
import { READ_AGAIN_MS } from '../../src/policies/read-lag.js';
import { change as changeOf } from '../../src/standards/changes.js';
import { anIntent } from '../support/an-intent.js';
import { aStore, newRun, OneValue } from './rollback-support.js';
import { bench, failed, rejection, SETTINGS, UNKNOWN } from './support.js';

const real = aStore();

describe('a read that does not show our own write yet', () => {
  it.each([
    ['of a value', 'whole', 'before', 'after', 'before'],
    ['of one field', 'fields', { a: 1, b: 1 }, { a: 2, b: 2 }, { a: 2, b: 1 }],
    ['of a member put in', 'set', ['p'], ['p', 'q'], ['p']],
    ['of a member taken out', 'set', ['p', 'q'], ['q'], ['p', 'q']],
  ] as const)(
    '%s is not taken for what somebody has put back: the undo looks again',
    async (_, owns, before, after, lagging) => {
      const { store, github, clock, ...step } = bench({ owns, before, after, idempotent: false } as never);
      await step.do();
      github.live = structuredClone(lagging) as never;
      const wait = await rejection(step.undo());
      expect(wait).toBeInstanceOf(NotYet);
      expect(wait['until']).toBe(clock.now + READ_AGAIN_MS);
      expect([github.writes.length, store.records.length]).toEqual([1, 1]);
      github.live = structuredClone(after) as never;
      clock.now += READ_AGAIN_MS;
      expect(await step.undo()).toEqual({ conflicts: [] });
      expect(github.live).toEqual(before);
    },
  );

  it('is believed once no read can be so old', async () => {
    const { github, clock, ...step } = bench();
    await step.do();
    github.live = 'before';
    clock.now += SETTINGS.activity.read_lag - 1;
    expect(await rejection(step.undo())).toBeInstanceOf(NotYet);
    clock.now += 1;
    expect(await step.undo()).toEqual({ conflicts: [] });
    expect(github.writes.length).toBe(1);
  });

  it('holds up nothing where somebody else has changed the value', async () => {
    const { github, ...step } = bench();
    await step.do();
    github.live = 'theirs';
    expect((await step.undo()).conflicts).toMatchObject([{ found: 'theirs' }]);
  });

  it('does not pass for a step that is done already, where it was just undone', async () => {
    const { store, github, clock, ...step } = bench({ live: 'after', readAt: 0 });
    store.add('do', 'applied', 'before', 'after', clock.now - 500);
    store.add('undo', 'applied', 'after', 'before', clock.now - 400);
    expect(await rejection(step.do())).toBeInstanceOf(NotYet);
    github.live = 'before';
    expect(await step.do()).toEqual({ effect: 'applied' });
    expect(github.live).toBe('after');
  });

  it('does not make a refusal of what a lost call has done already', async () => {
    const { store, github, clock, ...step } = bench();
    github.fault = { error: UNKNOWN, applied: true };
    await expect(step.do()).rejects.toBe(UNKNOWN);
    const waits: number[] = [];
    for (let looks = 0; looks < 4; looks += 1) {
      github.live = 'before';
      github.fault = { error: failed({ kind: 'refused', status: 404 }), applied: false };
      const wait = await rejection(step.do());
      expect(wait).toBeInstanceOf(NotYet);
      waits.push(Number(wait['until']) - clock.now);
      clock.now = Number(wait['until']);
    }
    // Each of them sends it once more, so less and less often, and no longer than reads may lag.
    expect(waits).toEqual([READ_AGAIN_MS, READ_AGAIN_MS, 2 * READ_AGAIN_MS, 4 * READ_AGAIN_MS]);
    github.live = 'after';
    expect(await step.do()).toEqual({ effect: 'applied' });
    expect(store.records.map(({ outcome }) => outcome)).toEqual(['applied', ...Array(4).fill('refused')]);
  });

  it('leaves a refusal one where nothing was lost, or nobody may do it', async () => {
    const { github, ...step } = bench();
    github.fault = { error: failed({ kind: 'refused', status: 404 }), applied: false };
    expect(await rejection(step.do())).toBeInstanceOf(StepError);
    github.fault = { error: UNKNOWN, applied: false };
    await rejection(step.do());
    github.fault = { error: failed({ kind: 'refused', status: 403 }), applied: false };
    expect(await rejection(step.do())).toBeInstanceOf(StepError);
  });

  it('does not make a rollback believe that there is nothing to take back', async () => {
    const github = new OneValue(real.store, 'before');
    const run = newRun();
    github.clock.now = Date.now();
    await github.apply(run, 'after');
    github.live = 'before';
    expect(await rejection(github.takeBack(`${run}-rollback`, run))).toBeInstanceOf(NotYet);
    github.live = 'after';
    expect(await github.takeBack(`${run}-rollback`, run)).toEqual({ effect: 'applied' });
    expect(github.live).toBe('before');
  });
});

describe('what others seem to have put into a thing that a run made', () => {
  it('is looked at again while it may be what the rollback itself has just taken out', async () => {
    const github = new OneValue(real.store, null);
    const of = newRun();
    await github.apply(of, { name: 'core' });
    github.others = ['acme/api'];
    const rollback = `${of}-rollback`;
    await real.store.acquireLock('acme', rollback, 'holder');
    const id = await real.store.intend(anIntent({ run: rollback, item: 'acme/other' }));
    await real.store.conclude(id, 'applied', {});
    await real.store.releaseLock('acme', rollback, 'holder');
    github.clock.now = Date.now() + SETTINGS.activity.read_lag / 2;
    expect(await rejection(github.takeBack(rollback, of))).toBeInstanceOf(NotYet);
    github.clock.now += SETTINGS.activity.read_lag;
    const left = await github.takeBack(rollback, of);
    expect(left?.conflicts).toMatchObject([{ found: { changed: ['acme/api'] } }]);
    expect(github.live).toEqual({ name: 'core' });
  });

  it('is no refusal where the thing is gone by a lost call, which another read does not show yet', async () => {
    const github = new OneValue(real.store, null, { owns: 'whole', idempotent: false });
    const run = newRun();
    await github.apply(run, { name: 'core' });
    const missing = failed({ kind: 'refused', status: 404 });
    github.others = missing;
    await expect(github.takeBack(`${run}-rollback`, run)).rejects.toBe(missing);
    github.others = [];
    github.fault = { error: UNKNOWN, applied: false };
    await expect(github.takeBack(`${run}-rollback`, run)).rejects.toBe(UNKNOWN);
    github.others = missing;
    github.clock.now = Date.now();
    expect(await rejection(github.takeBack(`${run}-rollback`, run))).toBeInstanceOf(NotYet);
    github.clock.now += 2 * SETTINGS.activity.read_lag;
    github.live = null;
    expect(await github.takeBack(`${run}-rollback`, run)).toEqual({ effect: 'applied' });
  });

  it('is left by the run’s own undo too', async () => {
    const github = new OneValue(real.store, null);
    const run = newRun();
    const change = changeOf('team', 'team', 'core', null, { name: 'core' });
    await github.work(run, change);
    github.others = ['acme/api'];
    github.clock.now += SETTINGS.activity.read_lag;
    expect(await github.undo(run, change)).toMatchObject({
      conflicts: [{ found: { changed: ['acme/api'] } }],
    });
    expect(github.live).toEqual({ name: 'core' });
  });

  it('is nothing once the lists show it', async () => {
    const github = new OneValue(real.store, null);
    const run = newRun();
    await github.apply(run, { name: 'core' });
    expect(await github.takeBack(`${run}-rollback`, run)).toEqual({ effect: 'applied' });
    expect(github.live).toBeNull();
  });
});
