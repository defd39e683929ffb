import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rejection } from '../activities/support.js';
import { type Bench, bench, RUN, settle } from './bench.js';
import { PARTS, SYSTEMS, type System } from './systems.js';

const STEP = 'the_step';
const BACK = `${RUN}-rollback`;
const FORWARD = `${BACK}-rollback`;
const LAST = `${FORWARD}-rollback`;

const DONE = { status: 'done' };

describe.each(['buildkite', 'grafana', 'slack'] as const)('a step of %s that is rolled back', (name) => {
  let system: System;
  let at: Bench;
  beforeEach(async () => {
    system = await SYSTEMS[name]();
    at = await bench(system.env, name, system.options);
  });
  afterEach(async () => {
    await at.close();
    await system.server.close();
  });
  const outcomes = async (run: string): Promise<unknown[]> =>
    (await at.records(STEP, run)).map(({ direction, outcome }) => [direction, outcome]);

  it.each([true, false])('waits for a call of its run that was lost, applied %s', async (applied) => {
    system.server.fault({ ...system.write, kind: 'reset', applied, times: 1 });
    await rejection(at.run(STEP));
    const seen = system.server.seen.length;
    expect(await at.takeBack(BACK, RUN)).toMatchObject({ status: 'notYet' });
    expect(system.server.seen.length).toBe(seen);
    settle(at);
    expect(await at.takeBack(BACK, RUN)).toMatchObject(DONE);
    expect(system.made()).toBe(0);
    // What another part of it had made before is proof enough that something came through.
    const made = applied || PARTS[name] > 1;
    expect(await outcomes(RUN)).toEqual([['do', made ? 'applied' : 'refused']]);
    expect(await outcomes(BACK)).toEqual([['do', made ? 'applied' : 'unchanged']]);
  });

  it.each([true, false])('and brought forward again waits for the rollback, applied %s', async (applied) => {
    await at.run(STEP);
    system.server.fault({ ...system.erase, kind: 'reset', applied, times: 1 });
    await rejection(at.takeBack(BACK, RUN));
    const seen = system.server.seen.length;
    expect(await at.takeBack(FORWARD, BACK)).toMatchObject({ status: 'notYet' });
    expect(system.server.seen.length).toBe(seen);
    settle(at);
    expect(await at.takeBack(FORWARD, BACK)).toMatchObject(DONE);
    expect(system.made()).toBe(PARTS[name]);
    expect(await outcomes(RUN)).toEqual([['do', 'applied']]);
    expect((await outcomes(BACK)).length).toBe(1);
    expect((await at.records(STEP, BACK))[0]?.outcome).toMatch(/applied|refused/);
  });

  it('and then undone makes nothing where the rollback took nothing away', async () => {
    await at.run(STEP);
    const seen = system.server.seen.length;
    expect(await at.undoTakingBack(BACK, RUN)).toMatchObject(DONE);
    expect(system.server.seen.length).toBe(seen);
    expect(await outcomes(BACK)).toEqual([['undo', 'unchanged']]);
  });

  it('and brought forward again, its answer lost, and undone leaves nothing of it', async () => {
    await at.run(STEP);
    expect(await at.takeBack(BACK, RUN)).toMatchObject(DONE);
    system.server.fault({ ...system.write, kind: 'reset', applied: true, times: 1 });
    await rejection(at.takeBack(FORWARD, BACK));
    expect(system.made()).toBe(PARTS[name]);
    settle(at);
    expect(await at.undoTakingBack(FORWARD, BACK)).toMatchObject({ ...DONE, value: { conflicts: [] } });
    expect(system.made()).toBe(0);
  });

  it('is taken back, brought forward and taken back again, at once where no answer was lost', async () => {
    await at.run(STEP);
    expect(await at.takeBack(BACK, RUN)).toMatchObject(DONE);
    expect(system.made()).toBe(0);
    expect(await at.takeBack(FORWARD, BACK)).toMatchObject(DONE);
    expect(system.made()).toBe(PARTS[name]);
    expect(await at.takeBack(LAST, FORWARD)).toMatchObject(DONE);
    expect(system.made()).toBe(0);
  });
});
