import { describe, expect, it } from 'vitest';
import { cancelUpdate, type RunStatus } from '../../src/workflows/contract.js';
import { committedRun, NAMES } from './committed-run.js';
import { gate } from './fake-world.js';
import { devServer } from './support.js';

// What cancels activities runs on the dev server: see cancel.test.ts.
const bench = devServer();

/** Every repository of the run is in one column (G3), also those of pages that were never begun. */
function expectPartition({ totals }: RunStatus): void {
  const { repositories, ...columns } = totals;
  expect(repositories).toBe(NAMES.length);
  expect(Object.values(columns).reduce((sum, count) => sum + count, 0)).toBe(repositories);
}

describe('a rollback that is cancelled', () => {
  it.each(['do acme/teams/x settings', 'do acme/c settings', 'do acme/settings settings'])(
    'in the middle of %s brings back what it had put back',
    async (held) => {
      const { world, applied } = await committedRun(bench);
      world.fates.set(held, [{ notYet: 60_000 }, 'ok']);
      const run = await bench.rollback(world, applied.id);
      await bench.until(() => world.log.includes(held));
      await run.handle.executeUpdate(cancelUpdate, { args: [{ keep: false, actor: 'lin' }] });
      const status = await run.ends();
      expect(status.state).toBe('Cancelled');
      expect(status.totals.committed).toBe(0);
      expectPartition(status);
      expect(world.wanted().length).toBe(13);
      expect(world.locks.size).toBe(0);
    },
  );

  it('while it is being opened is in the record of it', async () => {
    const { world, applied } = await committedRun(bench);
    const { until, open } = gate();
    world.fates.set('openRollback', { until });
    const run = await bench.rollback(world, applied.id);
    await bench.until(() => world.rollbackOf.has(run.id));
    await run.handle.executeUpdate(cancelUpdate, { args: [{ keep: false, actor: 'lin' }] });
    open();
    expect(await run.ends()).toMatchObject({ state: 'Cancelled' });
    expect(world.recorded.at(-1)).toMatchObject({ state: 'Cancelled', ended: true });
  });

  it('while it finds out what to take back counts what it never began', async () => {
    const { world, applied } = await committedRun(bench);
    const { until, open } = gate();
    world.fates.set('planRollback', [{ until }, 'ok']);
    const run = await bench.rollback(world, applied.id);
    await bench.until(() => world.log.includes('planRollback'));
    await run.handle.executeUpdate(cancelUpdate, { args: [{ keep: false, actor: 'lin' }] });
    open();
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Cancelled', totals: { repositories: 5, cancelled: 5 } });
    expect(world.acts('do')).toEqual([]);
  });

  it('while it waits for the lock has nothing to bring back, and counts all as cancelled', async () => {
    const { world, applied } = await committedRun(bench);
    world.locks.set('acme', 'apply-other');
    const run = await bench.rollback(world, applied.id, { wait: true });
    await bench.until(async () => (await run.status()).phase.includes('apply-other'));
    await run.handle.executeUpdate(cancelUpdate, { args: [{ keep: false, actor: 'lin' }] });
    expect(await run.ends()).toMatchObject({
      state: 'Cancelled',
      totals: { repositories: 5, cancelled: 5 },
    });
  });

  it('with --keep counts the repositories of pages that it never began', async () => {
    const { world, applied } = await committedRun(bench);
    const { until, open } = gate();
    world.fates.set('do acme/teams/x settings', { until });
    const run = await bench.rollback(world, applied.id);
    await bench.until(() => world.log.includes('do acme/teams/x settings'));
    await run.handle.executeUpdate(cancelUpdate, { args: [{ keep: true, actor: 'lin' }] });
    open();
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Cancelled', totals: { repositories: 5, cancelled: 5 } });
    expect(world.acts('do')).toEqual(['acme/teams/x settings']);
    expect(world.acts('undo')).toEqual([]);
    expect(world.recorded.at(-1)?.totals).toMatchObject({ repositories: 5, cancelled: 5 });
  });
});
