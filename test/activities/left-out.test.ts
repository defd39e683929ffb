import { describe, expect, it } from 'vitest';
import { change as changeOf } from '../../src/standards/changes.js';
import type { JsonObject } from '../../src/standards/model.js';
import { ADDED, aStore, newRun, OneValue } from './rollback-support.js';
import { rejection } from './support.js';

const real = aStore();
const was: JsonObject = { rules: { old: 1, ...ADDED } };
const wanted: JsonObject = { rules: { old: 1, ...ADDED, ours: 2 } };
const partial: JsonObject = { rules: { ours: 2, ...ADDED } };
const change = changeOf('settings', 'repository_settings', '', was, wanted);
const made = changeOf('settings', 'repository_settings', '', null, wanted);

const valueOf = (live: JsonObject | null, leavesOut: string | null) => {
  const value = new OneValue(real.store, live, { owns: 'fields', idempotent: true, adds: true });
  value.leavesOut = leavesOut;
  return value;
};

describe('a write of which GitHub leaves out some', () => {
  it('is tried again, and is done when GitHub has taken it whole', async () => {
    const [github, run] = [valueOf(was, 'ours'), newRun()];
    expect(await rejection(github.work(run, change))).toMatchObject({
      name: 'NotYet',
      reason: expect.stringContaining('without some of rules') as string,
    });
    github.leavesOut = null;
    expect(await github.work(run, change)).toEqual({ effect: 'applied' });
    expect(github.live).toEqual(wanted);
    expect(await github.takeBack(`${run}-rollback`, run)).toEqual({ effect: 'applied' });
    expect(github.live).toEqual(was);
  });

  it('is refused where it is left out again, and undone as far as it was taken', async () => {
    const [github, run] = [valueOf(null, 'old'), newRun()];
    await rejection(github.work(run, made));
    expect(await rejection(github.work(run, made))).toMatchObject({
      kind: 'refused',
      code: 'incomplete',
      mayBeApplied: true,
    });
    expect(github.live).toEqual(partial);
    expect(await github.undo(run, made)).toEqual({ conflicts: [] });
    expect(github.live).toBeNull();
  });

  it('is not written again where somebody has made it whole meanwhile', async () => {
    const [github, run] = [valueOf(was, 'ours'), newRun()];
    await rejection(github.work(run, change));
    github.live = wanted;
    expect(await github.work(run, change)).toEqual({ effect: 'applied' });
    expect(github.writes).toHaveLength(1);
  });

  it('is a conflict where it is an undo', async () => {
    const [github, run] = [valueOf(was, null), newRun()];
    await github.work(run, change);
    github.leavesOut = 'old';
    const { conflicts } = await github.undo(run, change);
    expect(conflicts).toEqual([
      { step: 'settings', field: 'rules', before: was['rules'], wrote: wanted['rules'], found: ADDED },
    ]);
  });
});
