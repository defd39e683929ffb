import { describe, expect, it } from 'vitest';
import { NotYet, StepError } from '../../src/activities/answering.js';
import { FencedError } from '../../src/store/store.js';
import { bench, failed, REFUSED, rejection, SETTINGS, UNAVAILABLE, UNKNOWN } from './support.js';

describe('a do', () => {
  it('records the intent before the call and the outcome with GitHub’s values after it', async () => {
    const { store, ...step } = bench();
    expect(await step.do()).toEqual({ effect: 'applied' });
    expect(store.records).toMatchObject([
      { direction: 'do', from: 'before', to: 'after', outcome: 'applied' },
    ]);
  });

  it('finds what a lost answer had applied and sends nothing again', async () => {
    const { store, github, ...step } = bench({ idempotent: false });
    github.fault = { error: UNKNOWN, applied: true };
    await expect(step.do()).rejects.toBe(UNKNOWN);
    expect(await step.do()).toEqual({ effect: 'applied' });
    expect(github.writes.length).toBe(1);
    expect(store.records.map(({ outcome }) => outcome)).toEqual(['applied']);
  });

  it('is done again where a plan that was read after it has it again: somebody has changed it since', async () => {
    const readAt = 1_000_100;
    const { store, github, clock, ...step } = bench({ before: 'theirs', live: 'theirs', readAt });
    store.add('do', 'applied', 'before', 'after', 1_000_000);
    clock.now = readAt + 50;
    expect(await rejection(step.do())).toBeInstanceOf(NotYet);
    clock.now += 1;
    expect(await step.do()).toEqual({ effect: 'applied' });
    expect(github.writes).toEqual([{ from: 'theirs', to: 'after' }]);
    expect(store.records.map(({ direction, outcome }) => `${direction} ${outcome}`)).toEqual([
      'do applied',
      'undo unchanged',
      'do applied',
    ]);
    await step.undo();
    expect(github.live).toBe('theirs');
  });

  it('is not done again by a plan that was read before it, or whose read lagged', async () => {
    for (const readAt of [999_900, 1_000_100]) {
      const { store, github, clock, ...step } = bench({ live: 'after', readAt });
      store.add('do', 'applied', 'before', 'after', 1_000_000);
      clock.now = 1_000_200;
      expect(await step.do()).toEqual({ effect: 'applied' });
      expect([github.writes.length, store.records.length]).toEqual([0, 1]);
    }
  });

  it('waits the settle window out after an unknown outcome before it repeats what is not idempotent', async () => {
    const { github, clock, ...step } = bench({ idempotent: false });
    github.fault = { error: UNKNOWN, applied: false };
    const sentAt = clock.now;
    await expect(step.do()).rejects.toBe(UNKNOWN);
    const wait = await rejection(step.do());
    expect(wait).toBeInstanceOf(NotYet);
    expect(wait['until']).toBe(sentAt + SETTINGS.activity.settle);
    clock.now = sentAt + SETTINGS.activity.settle;
    expect(await step.do()).toEqual({ effect: 'applied' });
    expect(github.writes.length).toBe(2);
  });

  it('counts the window from the end of the activity where the worker was lost with the call', async () => {
    const { store, clock, ...step } = bench({ idempotent: false });
    store.add('do', 'intended', 'before', 'after', clock.now);
    const wait = await rejection(step.do());
    const { settle, start_to_close } = SETTINGS.activity;
    expect(wait['until']).toBe(clock.now + start_to_close + settle);
  });

  it('repeats what is idempotent at once, after a look', async () => {
    const { github, ...step } = bench();
    github.fault = { error: UNKNOWN, applied: false };
    await expect(step.do()).rejects.toBe(UNKNOWN);
    expect(await step.do()).toEqual({ effect: 'applied' });
    expect([github.reads, github.writes.length]).toEqual([1, 2]);
  });

  it('is refused without a trace where nothing was sent before', async () => {
    const { github, store, ...step } = bench();
    github.fault = { error: REFUSED, applied: false };
    const error = await rejection(step.do());
    expect(error).toBeInstanceOf(StepError);
    expect(error).toMatchObject({ kind: 'refused', code: 'unprocessable', mayBeApplied: false });
    expect(store.records.map(({ outcome }) => outcome)).toEqual(['refused']);
  });

  it('says that it may be applied when it is refused while an earlier call is open', async () => {
    for (const refusal of ['write', 'read', 'fence'] as const) {
      const { github, store, clock, ...step } = bench();
      github.fault = { error: UNKNOWN, applied: false };
      await expect(step.do()).rejects.toBe(UNKNOWN);
      clock.now += SETTINGS.activity.read_lag;
      if (refusal === 'write') github.fault = { error: REFUSED, applied: false };
      if (refusal === 'read') github.readFault = failed({ kind: 'refused', status: 404 });
      if (refusal === 'fence') store.fenced = new FencedError('another run has it');
      expect(await rejection(step.do())).toMatchObject({ kind: 'refused', mayBeApplied: true });
    }
  });

  it('says that it may be applied when a write of several requests was refused half-way', async () => {
    const { github, store, ...step } = bench();
    github.fault = { error: REFUSED, applied: false, answered: 1 };
    expect(await rejection(step.do())).toMatchObject({ mayBeApplied: true });
    expect(store.records[0]?.outcome).toBe('unknown');
  });

  it('keeps the record open when a write of several requests has to wait half-way', async () => {
    const { github, store, ...step } = bench({ idempotent: false });
    github.fault = { error: UNAVAILABLE, applied: false, answered: 1, unsent: true };
    await expect(step.do()).rejects.toBe(UNAVAILABLE);
    expect(store.records.map(({ outcome }) => outcome)).toEqual(['unknown']);
  });

  it('is refused without a trace where it had to wait before its first request', async () => {
    const { github, store, ...step } = bench({ idempotent: false });
    github.fault = { error: UNAVAILABLE, applied: false, unsent: true };
    await expect(step.do()).rejects.toBe(UNAVAILABLE);
    expect(store.records.map(({ outcome }) => outcome)).toEqual(['refused']);
  });

  it('sends nothing when its run has lost the lock', async () => {
    const { github, store, ...step } = bench();
    store.fenced = new FencedError('another run has it');
    await expect(step.do()).rejects.toBeInstanceOf(FencedError);
    expect(github.writes).toEqual([]);
  });

  it('writes a fresh before-image without a read, and reads a stale one again', async () => {
    const fresh = bench({ readAt: 1_000_000 - 30_000 });
    await fresh.do();
    expect(fresh.github.reads).toBe(0);
    const stale = bench({ readAt: 1_000_000 - 30_001, live: 'changed meanwhile' });
    await stale.do();
    expect(stale.github.writes).toEqual([{ from: 'changed meanwhile', to: 'after' }]);
    const right = bench({ readAt: 0, live: 'after' });
    expect(await right.do()).toEqual({ effect: 'unchanged' });
    expect(right.store.records).toEqual([]);
  });

  it('keeps what others put into a set meanwhile, and gives it back with the undo', async () => {
    const topics = bench({
      owns: 'set',
      before: ['old'],
      after: ['ours'],
      live: ['old', 'theirs'],
      readAt: 0,
    });
    await topics.do();
    expect(topics.github.live).toEqual(['theirs', 'ours']);
    await topics.undo();
    expect(topics.github.live).toEqual(expect.arrayContaining(['old', 'theirs']));
    expect(topics.github.live).toHaveLength(2);
  });

  it('waits for an unknown undo before it does the step again, and does not take it for a do', async () => {
    const { store, github, clock, ...step } = bench({ live: 'after' });
    store.add('do', 'applied', 'before', 'after', clock.now - 1_000);
    store.add('undo', 'unknown', 'after', 'before', clock.now - 500);
    await expect(step.do()).rejects.toBeInstanceOf(NotYet);
    clock.now += SETTINGS.activity.settle;
    expect(await step.do()).toEqual({ effect: 'applied' });
    expect(store.records.map(({ outcome }) => outcome)).toEqual(['applied', 'refused']);
    await step.undo();
    expect(github.live).toBe('before');
  });
});

describe('two attempts at once', () => {
  it('have one effect and one record of it: the later to end found the work done', async () => {
    const { store, github, ...step } = bench();
    github.meanwhile = () => store.add('do', 'applied', 'before', 'after', 1_000_000);
    expect(await step.do()).toEqual({ effect: 'applied' });
    expect(store.records.map(({ outcome }) => outcome)).toEqual(['unchanged', 'applied']);
    await step.undo();
    expect(github.live).toBe('before');
  });
});

describe('an undo', () => {
  it('leaves alone what another writer set to our value when this step never wrote', async () => {
    const { github, ...step } = bench({ live: 'after' });
    expect(await step.undo()).toEqual({ conflicts: [] });
    expect([github.live, github.reads]).toEqual(['after', 0]);
  });

  it('waits for a call that may still be applied, then undoes it', async () => {
    const { github, clock, ...step } = bench();
    github.fault = { error: UNKNOWN, applied: false };
    await expect(step.do()).rejects.toBe(UNKNOWN);
    await expect(step.undo()).rejects.toBeInstanceOf(NotYet);
    // It comes through late, as GitHub does up to a minute after.
    github.live = 'after';
    clock.now += SETTINGS.activity.settle;
    expect(await step.undo()).toEqual({ conflicts: [] });
    expect(github.live).toBe('before');
  });

  it('restores field by field and shows the field that somebody else changed', async () => {
    const { github, ...step } = bench({
      owns: 'fields',
      before: { has_wiki: true, has_issues: true },
      after: { has_wiki: false, has_issues: false },
    });
    await step.do();
    github.live = { has_wiki: false, has_issues: 'theirs' };
    const conflict = { step: 'settings', field: 'has_issues', before: true, wrote: false, found: 'theirs' };
    expect(await step.undo()).toEqual({ conflicts: [conflict] });
    expect(github.live).toEqual({ has_wiki: true, has_issues: 'theirs' });
    // Asked again because the first answer was lost: the conflict is still shown.
    expect(await step.undo()).toEqual({ conflicts: [conflict] });
    expect(github.writes.length).toBe(2);
  });

  it('that is refused tells what stands, and not what somebody else has put back already', async () => {
    const [before, after] = [
      { a: 1, b: 1, c: 1 },
      { a: 2, b: 2, c: 1 },
    ];
    const { github, clock, ...step } = bench({ owns: 'fields', before, after });
    await step.do();
    github.live = { a: 1, b: 2, c: 1 };
    clock.now += 60_000;
    github.fault = { error: REFUSED, applied: false };
    expect(await rejection(step.undo())).toMatchObject({
      stands: [{ field: 'b', wrote: 2, before: 1 }],
    });
    // Half of it came through before the refusal.
    github.fault = { error: REFUSED, applied: true, answered: 1 };
    expect(await rejection(step.undo())).toMatchObject({ stands: [] });
  });

  it('of what somebody else has put back already is noted, so that the step can be done again', async () => {
    const { store, github, clock, ...step } = bench();
    await step.do();
    github.live = 'before';
    clock.now += SETTINGS.activity.read_lag;
    expect(await step.undo()).toEqual({ conflicts: [] });
    expect(github.writes.length).toBe(1);
    expect(store.records.at(-1)).toMatchObject({ direction: 'undo', outcome: 'unchanged' });
    clock.now += 1;
    expect(await step.do()).toEqual({ effect: 'applied' });
    expect([github.live, github.writes.length]).toEqual(['after', 2]);
  });

  it('finds what a lost undo had restored and sends nothing again', async () => {
    const { store, github, clock, ...step } = bench();
    await step.do();
    github.fault = { error: UNKNOWN, applied: true };
    await expect(step.undo()).rejects.toBe(UNKNOWN);
    clock.now += SETTINGS.activity.settle;
    expect(await step.undo()).toEqual({ conflicts: [] });
    expect(github.writes.length).toBe(2);
    expect(store.records.map(({ outcome }) => outcome)).toEqual(['applied', 'applied']);
  });

  it('is left to one of two attempts that both think they are alone', async () => {
    const { store, github, clock, ...step } = bench({ idempotent: false });
    const ends = await Promise.allSettled([step.do(), step.do()]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(ends).toContainEqual({ status: 'rejected', reason: expect.any(NotYet) });
    expect([github.writes.length, store.records.length]).toEqual([1, 1]);
    clock.now += 50;
    expect(await step.do()).toEqual({ effect: 'applied' });
    expect(github.writes.length).toBe(1);
  });

  it('does not take for found what another attempt is just doing', async () => {
    const { store, github, clock, ...step } = bench({ readAt: 0 });
    github.whileReading = () => {
      github.whileReading = null;
      store.add('do', 'intended', 'before', 'after', clock.now);
      github.live = 'after';
    };
    await expect(step.do()).rejects.toBeInstanceOf(NotYet);
    expect(await step.do()).toEqual({ effect: 'applied' });
    expect(store.records).toMatchObject([{ direction: 'do', outcome: 'applied' }]);
  });

  it('puts back what was there before the first of several writes', async () => {
    const { github, clock, ...step } = bench();
    github.fault = { error: UNKNOWN, applied: false };
    await expect(step.do()).rejects.toBe(UNKNOWN);
    github.fault = { error: UNKNOWN, applied: true };
    await expect(step.do()).rejects.toBe(UNKNOWN);
    clock.now += SETTINGS.activity.settle;
    await step.undo();
    expect(github.live).toBe('before');
  });
});
