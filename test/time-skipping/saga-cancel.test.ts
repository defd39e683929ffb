import { describe, expect, it } from 'vitest';
import { cancelSignal, cancelUpdate, resolveUpdate } from '../../src/workflows/contract.js';
import { type FakeWorld, type Fate, gate } from './fake-world.js';
import { inWorld, STEPS, startSaga } from './saga-runs.js';
import { devServer, type Run } from './support.js';

// As in cancel.test.ts: what cancels activities under way runs on the dev server, in real time.
const bench = devServer();

const cancel = (run: Run, keep = false) =>
  run.handle.executeUpdate(cancelUpdate, { args: [{ keep, actor: 'ada' }] });

async function heldAt(step: string): Promise<{ world: FakeWorld; run: Run; open: () => void }> {
  const world = bench.world();
  const { until, open } = gate();
  world.fates.set(`do acme/new ${step}`, { until });
  const run = await startSaga(bench);
  await bench.until(() => world.log.includes(`do acme/new ${step}`), step);
  return { world, run, open };
}

describe('a cancel of a saga', () => {
  it.each(STEPS)('at %s starts nothing more and undoes all, in reverse order', async (step) => {
    const { world, run, open } = await heldAt(step);
    expect((await cancel(run)).accepted).toBe(true);
    open();
    const again = await cancel(run).catch(() => ({ accepted: false }));
    expect(again.accepted).toBe(false);
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Cancelled', totals: { repositories: 1, rolledBack: 1 } });
    const begun = STEPS.slice(0, STEPS.indexOf(step) + 1);
    expect(world.acts('do')).toEqual(inWorld(begun));
    expect(world.acts('undo')).toEqual(inWorld(begun.toReversed()));
    expect(world.wanted()).toEqual([]);
    expect(world.locks.size).toBe(0);
  });

  it('while the run is being opened is in the record of it', async () => {
    const world = bench.world();
    const { until, open } = gate();
    world.fates.set('openSaga', { until });
    const run = await startSaga(bench);
    await bench.until(() => world.log.includes('openSaga'));
    expect((await cancel(run)).accepted).toBe(true);
    open();
    expect(await run.ends()).toMatchObject({ state: 'Cancelled' });
    expect(world.acts('do')).toEqual([]);
    expect(world.recorded.at(-1)).toMatchObject({ state: 'Cancelled', ended: true });
  });

  it.each(['signal', 'Temporal’s own'])('by %s means the same', async (by) => {
    const { world, run, open } = await heldAt('teams/b');
    if (by === 'signal') await run.handle.signal(cancelSignal);
    else await run.handle.cancel();
    open();
    const status = await run.ends();
    expect(status.state).toBe('Cancelled');
    expect(world.wanted()).toEqual([]);
  });

  it('that keeps ends after the step under way and undoes nothing', async () => {
    const { world, run, open } = await heldAt('protection');
    await cancel(run, true);
    open();
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Cancelled', totals: { committed: 1, cancelled: 0 } });
    expect(world.recorded.at(-1)).toMatchObject({
      state: 'Cancelled',
      totals: { committed: 1 },
      ended: true,
    });
    expect(world.wanted()).toEqual(inWorld(['repository', 'protection']));
    expect(world.acts('undo')).toEqual([]);
  });

  const FAILED: [string, Fate, string, string[]][] = [
    ['was refused', 'refused', 'refused', []],
    ['may have been applied', 'leaked', 'undone', ['issues/2']],
  ];
  it.each(FAILED)(
    'that keeps, where the step under way %s, keeps the finished ones',
    async (_, fate, state, undone) => {
      const world = bench.world();
      world.settings.retry.aggressive.max_retries = 0;
      world.settings.retry.conservative.max_retries = 0;
      const { until, open } = gate();
      world.fates.set('do acme/new issues/2', [{ until, after: fate }]);
      const run = await startSaga(bench);
      await bench.until(() => world.log.includes('do acme/new issues/2'));
      await cancel(run, true);
      open();
      const status = await run.ends();
      expect(status).toMatchObject({ state: 'Cancelled', totals: { committed: 1 } });
      expect(status.reason).toContain('issues/2');
      expect(status.steps?.map((step) => [step.name, step.state])).toEqual([
        ...STEPS.slice(0, 6).map((name) => [name, 'applied']),
        ['issues/2', state],
      ]);
      expect(world.acts('undo')).toEqual(inWorld(undone));
      expect(world.wanted()).toEqual(inWorld(STEPS.slice(0, 6)));
      expect(world.locks.size).toBe(0);
    },
  );

  const ALONE: [string, Fate, object][] = [
    ['may have been applied', 'leaked', { rolledBack: 1 }],
    ['was refused', 'refused', { cancelled: 1 }],
  ];
  it.each(ALONE)('that keeps, where the first step %s, has nothing to keep', async (_, fate, totals) => {
    const world = bench.world();
    world.settings.retry.aggressive.max_retries = 0;
    world.settings.retry.conservative.max_retries = 0;
    const { until, open } = gate();
    world.fates.set('do acme/new repository', [{ until, after: fate }]);
    const run = await startSaga(bench);
    await bench.until(() => world.log.includes('do acme/new repository'));
    await cancel(run, true);
    open();
    expect(await run.ends()).toMatchObject({ state: 'Cancelled', totals: { committed: 0, ...totals } });
    expect(world.wanted()).toEqual([]);
  });

  it('that keeps waits for a person where the undo of the failed step cannot be done', async () => {
    const world = bench.world();
    world.settings.retry.aggressive.max_retries = 0;
    world.settings.retry.conservative.max_retries = 0;
    const { until, open } = gate();
    world.fates.set('do acme/new teams/b', [{ until, after: 'leaked' }]);
    world.fates.set('undo acme/new teams/b', ['refused', 'ok']);
    const run = await startSaga(bench);
    await bench.until(() => world.log.includes('do acme/new teams/b'));
    await cancel(run, true);
    open();
    await run.reaches('Parked');
    const decision = { step: 'teams/b', decision: 'retry' as const, actor: 'lin' };
    await run.handle.executeUpdate(resolveUpdate, { args: [decision] });
    expect(await run.ends()).toMatchObject({ state: 'Cancelled', totals: { committed: 1, parked: 0 } });
    expect(world.wanted()).toEqual(inWorld(['repository', 'protection', 'teams/a']));
  });

  it('before the first step has nothing to undo', async () => {
    const world = bench.world();
    world.fates.set('checkSaga', [{ notYet: 60_000 }, 'ok']);
    const run = await startSaga(bench);
    await bench.until(() => world.log.includes('checkSaga'));
    await cancel(run);
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Cancelled', totals: { repositories: 1, cancelled: 1 } });
    expect(world.acts('do')).toEqual([]);
  });

  it('while it compensates changes nothing', async () => {
    const world = bench.world();
    const { until, open } = gate();
    world.fates.set('do acme/new issues/1', 'refused');
    world.fates.set('undo acme/new teams/a', { until });
    const run = await startSaga(bench);
    await bench.until(() => world.log.includes('undo acme/new teams/a'));
    expect((await cancel(run)).accepted).toBe(false);
    open();
    await run.ends();
    expect(world.acts('undo')).toEqual(inWorld(STEPS.slice(0, 5).toReversed()));
    expect(world.wanted()).toEqual([]);
  });
});
