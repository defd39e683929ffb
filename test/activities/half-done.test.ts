import { describe, expect, it } from 'vitest';
import { NotYet } from '../../src/activities/answering.js';
import { bench, REFUSED, rejection, SETTINGS, UNAVAILABLE, UNKNOWN } from './support.js';

describe('an undo of half a do', () => {
  it('takes away what a read does not show, once', async () => {
    const { github, store, clock, ...step } = bench({ idempotent: false });
    github.fault = { error: UNAVAILABLE, applied: false, answered: 1, unsent: true };
    await expect(step.do()).rejects.toBe(UNAVAILABLE);
    await expect(step.undo()).rejects.toBeInstanceOf(NotYet);
    clock.now += SETTINGS.activity.settle;
    expect(await step.undo()).toEqual({ conflicts: [] });
    expect(github.left).toBe(false);
    expect(github.writes.at(-1)).toEqual({ from: 'before', to: 'before' });
    expect(store.records.map(({ direction, outcome }) => [direction, outcome])).toEqual([
      ['do', 'applied'],
      ['undo', 'applied'],
    ]);
    await step.undo();
    expect(github.writes.length).toBe(2);
  });

  it('is tried again until nothing is left', async () => {
    const { github, clock, ...step } = bench({ idempotent: false });
    github.fault = { error: REFUSED, applied: false, answered: 1 };
    await rejection(step.do());
    clock.now += SETTINGS.activity.settle;
    for (let tries = 0; tries < 2; tries += 1) {
      github.fault = { error: UNKNOWN, applied: false };
      await expect(step.undo()).rejects.toBe(UNKNOWN);
      expect(github.left).toBe(true);
      clock.now += SETTINGS.activity.settle;
    }
    expect(await step.undo()).toEqual({ conflicts: [] });
    expect([github.left, github.writes.length]).toEqual([false, 4]);
  });

  it('is not asked for what a conflict has left to somebody else', async () => {
    const { github, ...step } = bench();
    await step.do();
    Object.assign(github, { live: 'theirs', left: true });
    expect((await step.undo()).conflicts).toHaveLength(1);
    expect([github.left, github.writes.length]).toEqual([true, 1]);
  });
});
