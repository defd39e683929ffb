import { describe, expect, it } from 'vitest';
import { change as changeOf } from '../../src/standards/changes.js';
import type { JsonObject } from '../../src/standards/model.js';
import { ADDED, aStore, newRun, OneValue } from './rollback-support.js';
import { rejection, SETTINGS, UNAVAILABLE, UNKNOWN } from './support.js';

const real = aStore();
const SETTLED = SETTINGS.activity.start_to_close + SETTINGS.activity.settle;

/** To such a value GitHub adds by itself; `was` is as it made it, before the run. */
const was: JsonObject = { rules: { old: 1, ...ADDED } };
const wanted: JsonObject = { rules: { old: 1, ...ADDED, ours: 2 } };
const change = changeOf('settings', 'repository_settings', '', was, wanted);
const valueOf = (live: JsonObject | null) =>
  new OneValue(real.store, live, { owns: 'fields', idempotent: true, adds: true });

const LOST = { error: UNKNOWN, applied: false };
const LANDED = { error: UNKNOWN, applied: true };

/** What is tried again comes when nothing can land any more. */
const later = (github: OneValue): void => void (github.clock.now += SETTLED);

describe('a value to which GitHub adds', () => {
  it('is taken back whole where nobody has changed it', async () => {
    const [github, run] = [valueOf(null), newRun()];
    await github.apply(run, { rules: { ours: 1 } });
    expect(github.live).toEqual({ rules: { ours: 1, ...ADDED } });
    expect(await github.takeBack(`${run}-rollback`, run)).toEqual({ effect: 'applied' });
    expect(github.live).toBeNull();
  });

  it('is left where somebody has added to it too', async () => {
    const [github, run] = [valueOf(null), newRun()];
    await github.apply(run, { rules: { ours: 1 } });
    const found = { rules: { ours: 1, ...ADDED, theirs: 1 } };
    github.live = found;
    const done = await github.takeBack(`${run}-rollback`, run);
    expect(done?.conflicts).toMatchObject([{ field: '', found }]);
    expect(github.live).toEqual(found);
  });

  it('is undone in the end, however often the undo is lost: what holds more than was before is not what was before', async () => {
    const [github, run] = [valueOf(was), newRun()];
    await github.work(run, change);
    for (const fault of [LOST, LOST, { error: UNAVAILABLE, applied: false }]) {
      github.fault = fault;
      await rejection(github.undo(run, change));
      expect(github.live).toEqual(wanted);
      later(github);
    }
    expect(await github.undo(run, change)).toEqual({ conflicts: [] });
    expect(github.live).toEqual(was);
    const records = await real.store.recordsOfItem(run, 'acme/api');
    const undos = records.filter(({ direction }) => direction === 'undo');
    expect(undos.map(({ outcome }) => outcome).filter((outcome) => outcome === 'applied')).toHaveLength(1);
  });

  it('is rolled back in the end, however often that is lost', async () => {
    const [github, run] = [valueOf(was), newRun()];
    await github.work(run, change);
    for (const fault of [LOST, LOST]) {
      github.fault = fault;
      await rejection(github.takeBack(`${run}-rollback`, run));
      later(github);
    }
    expect(await github.takeBack(`${run}-rollback`, run)).toEqual({ effect: 'applied' });
    expect(github.live).toEqual(was);
  });

  it.each([
    ['held up', { error: UNAVAILABLE, applied: false }],
    ['lost', LOST],
    ['lost and done', LANDED],
  ])(
    'is known by the look that found a lost write of it, also where what takes it back is %s',
    async (_, fault) => {
      const [github, run] = [valueOf(null), newRun()];
      github.fault = LANDED;
      await rejection(github.apply(run, { rules: { ours: 1 } }));
      later(github);
      github.fault = fault;
      await rejection(github.takeBack(`${run}-rollback`, run));
      later(github);
      expect(await github.takeBack(`${run}-rollback`, run)).toEqual({ effect: 'applied' });
      // The answer to Temporal was lost, too.
      expect(await github.takeBack(`${run}-rollback`, run)).toEqual({ effect: 'applied' });
      expect(github.live).toBeNull();
    },
  );

  it.each(['undo', 'rollback'])(
    'is no conflict with itself where GitHub adds to what a lost %s puts back',
    async (way) => {
      const before = { rules: { old: 1 } };
      const [github, run] = [valueOf(before), newRun()];
      const removal = changeOf('settings', 'repository_settings', '', before, { rules: null });
      await github.work(run, removal);
      github.fault = LANDED;
      const back = () =>
        way === 'undo' ? github.undo(run, removal) : github.takeBack(`${run}-rollback`, run);
      await rejection(back());
      later(github);
      const done = await back();
      expect(done?.conflicts ?? []).toEqual([]);
      expect(github.live).toEqual({ rules: { old: 1, ...ADDED } });
      expect(github.writes).toHaveLength(2);
    },
  );

  it('is known by the last answer, whatever was lost before it', async () => {
    for (const way of ['undo', 'rollback']) {
      const [github, run] = [valueOf(null), newRun()];
      const making = changeOf('settings', 'repository_settings', '', null, { rules: { ours: 1 } });
      github.fault = LOST;
      await rejection(github.work(run, making));
      later(github);
      await github.work(run, making);
      later(github);
      const found = { rules: { ours: 1, ...ADDED, theirs: 1 } };
      github.live = found;
      const done = await (way === 'undo'
        ? github.undo(run, making)
        : github.takeBack(`${run}-rollback`, run));
      expect(done?.conflicts).toMatchObject([{ found }]);
      expect(github.live).toEqual(found);
    }
  });

  it('is a conflict where an undo was lost, did not come through, and somebody has added to it', async () => {
    const [github, run] = [valueOf(was), newRun()];
    await github.work(run, change);
    github.fault = LOST;
    await rejection(github.undo(run, change));
    later(github);
    github.live = { rules: { old: 1, ...ADDED, ours: 2, theirs: 1 } };
    expect((await github.undo(run, change)).conflicts).toMatchObject([{ field: 'rules' }]);
  });

  it('is told the same when it is asked for again', async () => {
    const [github, run] = [valueOf(null), newRun()];
    github.tells = false;
    const making = changeOf('settings', 'repository_settings', '', null, { rules: { ours: 1 } });
    await github.work(run, making);
    expect(await github.undo(run, making)).toEqual({ conflicts: [] });
    expect(await github.undo(run, making)).toEqual({ conflicts: [] });
  });

  it('counts as it is found where no answer has told what GitHub made of it', async () => {
    const [github, run] = [valueOf(null), newRun()];
    github.tells = false;
    await github.apply(run, { rules: { ours: 1 } });
    expect(await github.takeBack(`${run}-rollback`, run)).toEqual({ effect: 'applied' });
    expect(github.live).toBeNull();
  });
});
