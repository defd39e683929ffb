import { describe, expect, it } from 'vitest';
import { findLetters } from '../../src/api/find-letters.js';
import { lookAt } from '../../src/api/status.js';
import { cancelUpdate, discardUpdate, retryUpdate } from '../../src/workflows/contract.js';
import { gate, organizationSettings, repository } from '../time-skipping/fake-world.js';
import { devServer } from '../time-skipping/support.js';

const bench = devServer();

describe('workflows that are ended from outside', () => {
  it('an item becomes a dead letter, its neighbours go on, and a retry takes it up', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api'), repository('acme/web')]];
    world.fates.set('do acme/api settings', [{ notYet: 3_600_000 }, 'ok']);
    const run = await bench.apply(world);
    await bench.until(() => world.acts('do').length === 2);
    await bench.environment.client.workflow.getHandle(`${run.id}/acme/api`).terminate('by hand');
    const status = await run.reaches('AwaitingOperator');
    expect(status.deadLetters).toMatchObject([{ item: 'acme/api', step: 'workflow' }]);
    expect(status.totals).toMatchObject({ committed: 1, deadLettered: 1 });
    const { found } = await findLetters(bench.environment.client, run.id);
    expect(found.map(({ letter }) => letter)).toMatchObject([
      { item: 'acme/api', reason: expect.stringContaining('ended from outside') },
    ]);
    await run.handle.executeUpdate(retryUpdate, { args: [{ items: [], actor: 'ada' }] });
    expect((await run.ends()).totals).toMatchObject({ committed: 2, deadLettered: 0 });
  });

  it('a compensation is begun again, so that nothing passes for undone that is not', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api')]];
    world.after = [{ ...organizationSettings('acme'), item: 'acme/teams/core', kind: 'team' }];
    world.fates.set('do acme/teams/core settings', 'refused');
    world.fates.set('undo acme/api settings', [{ notYet: 3_600_000 }, 'ok']);
    const run = await bench.apply(world);
    await bench.until(() => world.acts('undo').length === 1);
    await bench.environment.client.workflow.getHandle(`${run.id}/acme/api:undo`).terminate();
    expect(await run.ends()).toMatchObject({ state: 'RolledBack', totals: { rolledBack: 1 } });
    expect(world.wanted()).toEqual([]);
  });

  it('a page of retries is begun again, waits for what it had begun, and counts each item once', async () => {
    const world = bench.world();
    const names = Array.from({ length: 25 }, (_, index) => `acme/api-${index}`);
    world.pages = [names.map((name) => repository(name))];
    for (const name of names) world.fates.set(`do ${name} settings`, ['refused']);
    const run = await bench.apply(world);
    await run.reaches('AwaitingOperator');
    const { until, open } = gate();
    world.fates.set('do acme/api-7 settings', { until });
    await run.handle.executeUpdate(retryUpdate, { args: [{ items: [], actor: 'ada' }] });
    await bench.until(() => world.wanted().length === 24);
    const { workflow } = bench.environment.client;
    await workflow.getHandle(`${run.id}/acme:items-page-1`).terminate();
    const second = async (): Promise<boolean> =>
      (await run.status()).pages.includes(`${run.id}/acme:items-page-2`);
    await bench.until(second, 'the second page');
    expect(world.locks.size).toBe(1);
    open();
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Committed', deadLetters: [] });
    expect(status.totals).toMatchObject({ committed: 25, deadLettered: 0 });
    expect(world.acts('do').length).toBe(50);
    expect(world.locks.size).toBe(0);
  });

  it('a page of retries is begun again without what has failed, been discarded or retried meanwhile', async () => {
    const world = bench.world();
    const names = Array.from({ length: 25 }, (_, index) => `acme/api-${index}`);
    world.pages = [names.map((name) => repository(name))];
    for (const name of names) world.fates.set(`do ${name} settings`, ['refused', 'refused', 'ok']);
    const run = await bench.apply(world);
    await run.reaches('AwaitingOperator');
    const { until, open } = gate();
    world.fates.set('do acme/api-7 settings', { until });
    const retry = (items: string[]) =>
      run.handle.executeUpdate(retryUpdate, { args: [{ items, actor: 'ada' }] });
    const first = (await run.status()).deadLetters.find(({ item }) => item === 'acme/api-1')?.lastFailedAt;
    await retry([]);
    const told = async (): Promise<boolean> =>
      (await run.status()).deadLetters.find(({ item }) => item === 'acme/api-1')?.lastFailedAt !== first;
    await bench.until(told, 'the page to tell of its letters');
    const discard = { items: ['acme/api-1'], actor: 'ada', reason: 'not ours' };
    const given = await run.handle.executeUpdate(discardUpdate, { args: [discard] });
    expect(given.accepted).toEqual(discard.items);
    await retry(['acme/api-2']);
    await bench.until(() => world.wanted().length === 1);
    await bench.environment.client.workflow.getHandle(`${run.id}/acme:items-page-1`).terminate();
    open();
    const status = await run.reaches('AwaitingOperator');
    expect(status.deadLetters.length).toBe(22);
    expect(status.totals).toMatchObject({ repositories: 25, committed: 2, deadLettered: 23 });
    expect(world.wanted().toSorted()).toEqual(['acme/api-2 settings', 'acme/api-7 settings']);
    await retry([]);
    expect(await run.ends()).toMatchObject({ totals: { committed: 24, deadLettered: 1 } });
  });

  it('a run leaves no repository half done: page and items go on without it', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api', ['files/a', 'files/b', 'settings'])]];
    const { until, open } = gate();
    world.fates.set('do acme/api files/b', { until });
    const run = await bench.apply(world);
    await bench.until(() => world.acts('do').length === 2);
    await run.handle.terminate();
    open();
    const page = bench.environment.client.workflow.getHandle(`${run.id}/acme:page-1`);
    expect(await page.result()).toMatchObject({ totals: { committed: 1 } });
    expect(world.wanted().length).toBe(3);
  });

  it('an item that is cancelled by hand undoes itself and is counted as rolled back', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api', ['files/a', 'files/b']), repository('acme/web')]];
    world.fates.set('do acme/api files/b', [{ notYet: 3_600_000 }, 'ok']);
    const run = await bench.apply(world);
    await bench.until(() => world.acts('do').includes('acme/api files/b'));
    await bench.environment.client.workflow.getHandle(`${run.id}/acme/api`).cancel();
    expect((await run.ends()).totals).toMatchObject({ committed: 1, rolledBack: 1 });
    expect(world.wanted()).toEqual(['acme/web settings']);
  });

  it('a cancel of the run is waited for by page and items on a real server too', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api', ['files/a', 'files/b']), repository('acme/web')]];
    world.fates.set('do acme/api files/b', [{ notYet: 3_600_000 }, 'ok']);
    const run = await bench.apply(world);
    await bench.until(() => world.acts('do').length === 3);
    await run.handle.executeUpdate(cancelUpdate, { args: [{ keep: false, actor: 'ada' }] });
    expect(await run.ends()).toMatchObject({ state: 'Cancelled', totals: { rolledBack: 2, cancelled: 0 } });
    expect(world.wanted()).toEqual([]);
  });

  it.each([false, true])(
    'a page takes its run with it, which claims nothing (cancelled %s)',
    async (cancelled) => {
      const world = bench.world();
      world.pages = [[repository('acme/api'), repository('acme/web')]];
      const { until, open } = gate();
      world.fates.set('do acme/api settings', { until });
      const run = await bench.apply(world);
      await bench.until(() => world.acts('do').length === 2);
      const { workflow } = bench.environment.client;
      await workflow.getHandle(`${run.id}/acme:page-1`).terminate('by hand');
      if (cancelled)
        await run.handle
          .executeUpdate(cancelUpdate, { args: [{ keep: false, actor: 'ada' }] })
          .catch(() => null);
      await expect(run.handle.result()).rejects.toThrow('Workflow execution failed');
      expect((await lookAt(bench.environment.client, run.id)) as object).toMatchObject({
        nothing: { message: expect.stringMatching(/ended from outside \(failed\).*orgsaga rollback/) },
      });
      open();
      expect(await workflow.getHandle(`${run.id}/acme/api`).result()).toMatchObject({ outcome: 'committed' });
    },
  );

  it('a page of an undo is begun again, and waits for what goes on without the one before', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api'), repository('acme/web')]];
    world.after = [{ ...organizationSettings('acme'), item: 'acme/teams/core', kind: 'team' }];
    world.fates.set('do acme/teams/core settings', 'refused');
    const { until, open } = gate();
    world.fates.set('undo acme/api settings', { until });
    const run = await bench.apply(world);
    await bench.until(() => world.acts('undo').length === 2);
    const { workflow } = bench.environment.client;
    const page = workflow.getHandle(`${run.id}/acme:undo-page-1`);
    const { runId } = await page.describe();
    await page.terminate('by hand');
    await bench.until(async () => (await page.describe()).runId !== runId);
    open();
    expect(await run.ends()).toMatchObject({ state: 'RolledBack', totals: { rolledBack: 2, committed: 0 } });
    expect(world.acts('undo').length).toBe(2);
    expect(world.wanted()).toEqual([]);
  });
});
