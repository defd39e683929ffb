import { describe, expect, it } from 'vitest';
import {
  cancelUpdate,
  type ItemInput,
  parkedQuery,
  resolveUpdate,
  retryUpdate,
  WORKFLOWS,
} from '../../src/workflows/contract.js';
import { type FakeWorld, gate, organizationSettings, repository } from './fake-world.js';
import { type Run, timeSkipping } from './support.js';

const bench = timeSkipping();

const cancel = (run: Run, keep = false) =>
  run.handle.executeUpdate(cancelUpdate, { args: [{ keep, actor: 'ada' }] });

const resolve = (run: Run, step: string, decision: 'retry' | 'skip', item = 'acme/api') =>
  bench.environment.client.workflow
    .getHandle(`${run.id}/${item}`)
    .executeUpdate(resolveUpdate, { args: [{ step, decision, actor: 'ada' }] });

/** A run of which `acme/api` cannot undo `files/a` after `settings` was refused. */
function stuckWorld() {
  const world = bench.world();
  world.pages = [[repository('acme/api', ['files/a', 'settings']), repository('acme/web')]];
  world.fates.set('do acme/api settings', ['refused']);
  world.fates.set('undo acme/api files/a', ['refused']);
  return world;
}

describe('a compensation that cannot be done', () => {
  it('parks its item, and neither page nor run hangs', async () => {
    const world = stuckWorld();
    const run = await bench.apply(world);
    const status = await run.reaches('Parked');
    expect(status.parked).toMatchObject([
      { item: 'acme/api', step: 'files/a', workflowId: `${run.id}/acme/api` },
    ]);
    expect(status.totals).toMatchObject({ repositories: 2, committed: 1, parked: 1, rolledBack: 0 });
    expect(status.pages).toEqual([]);
    expect(world.locks.size).toBe(0);
    await resolve(run, 'files/a', 'skip');
    await run.handle.terminate();
  });

  it('tells what of the item still stands, the one undone next first', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api', ['files/a', 'files/b', 'files/c', 'settings'])]];
    world.fates.set('do acme/api settings', ['refused']);
    world.fates.set('undo acme/api files/c', ['refused']);
    const run = await bench.apply(world);
    const { parked } = await run.reaches('Parked');
    expect(parked).toMatchObject([{ step: 'files/c', standing: ['files/b', 'files/a'] }]);
    await resolve(run, 'files/c', 'skip');
    await run.handle.terminate();
  });

  it('goes on when a person says retry, and the item ends as a dead letter that is undone', async () => {
    const world = stuckWorld();
    const run = await bench.apply(world);
    await run.reaches('Parked');
    expect(await resolve(run, 'files/a', 'retry')).toEqual({ step: 'files/a' });
    const status = await run.reaches('AwaitingOperator');
    expect(status.totals).toMatchObject({ parked: 0, deadLettered: 1, committed: 1 });
    expect(world.wanted()).toEqual(['acme/web settings']);
    await bench.until(() => world.items.get('acme/api')?.outcome === 'deadLettered', 'the store to know');
    await run.handle.executeUpdate(retryUpdate, { args: [{ items: [], actor: 'ada' }] });
    expect((await run.ends()).totals).toMatchObject({ committed: 2, deadLettered: 0 });
  });

  it('leaves what it would have undone when a person says skip', async () => {
    const world = stuckWorld();
    const run = await bench.apply(world);
    await run.reaches('Parked');
    await resolve(run, 'files/a', 'skip');
    const status = await run.reaches('AwaitingOperator');
    expect(status.totals).toMatchObject({ parked: 0, deadLettered: 1 });
    expect(world.wanted()).toContain('acme/api files/a');
    await run.handle.terminate();
  });

  it('refuses a decision on another step, a word that is none, and one where nothing waits', async () => {
    const run = await bench.apply(stuckWorld());
    await run.reaches('Parked');
    await expect(resolve(run, 'settings', 'retry')).rejects.toThrow();
    await expect(resolve(run, 'files/a', 'perhaps' as 'retry')).rejects.toThrow();
    await resolve(run, 'files/a', 'retry');
    await run.reaches('AwaitingOperator');
    await expect(resolve(run, 'files/a', 'retry')).rejects.toThrow();
    await run.handle.terminate();
  });

  it('is counted once when it is decided before its page has ended', async () => {
    const world = stuckWorld();
    const { until, open } = gate();
    world.fates.set('do acme/web settings', { until });
    const run = await bench.apply(world);
    const item = bench.environment.client.workflow.getHandle(`${run.id}/acme/api`);
    await bench.until(() => resolve(run, 'files/a', 'retry').then(Boolean, () => false), 'it to be parked');
    await bench.until(async () => (await item.describe()).status.name === 'FAILED');
    open();
    const status = await run.reaches('AwaitingOperator', 'Parked');
    expect(status).toMatchObject({ state: 'AwaitingOperator', parked: [] });
    expect(status.totals).toMatchObject({ repositories: 2, committed: 1, deadLettered: 1, parked: 0 });
    await run.handle.terminate();
  });

  it('that parks twice in one retry does not make the next retry look parked', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api', ['files/a', 'settings'])]];
    world.fates.set('do acme/api settings', ['refused', 'refused']);
    const run = await bench.apply(world);
    await run.reaches('AwaitingOperator');
    world.fates.set('undo acme/api files/a', ['refused', 'refused']);
    const retry = () => run.handle.executeUpdate(retryUpdate, { args: [{ items: [], actor: 'ada' }] });
    await retry();
    await run.reaches('Parked');
    await resolve(run, 'files/a', 'retry');
    await bench.until(() => resolve(run, 'files/a', 'skip').then(Boolean, () => false), 'it to park again');
    await run.reaches('AwaitingOperator');
    await retry();
    expect((await run.ends()).totals).toMatchObject({ committed: 1, parked: 0, deadLettered: 0 });
  });

  it.each(['retry', 'skip'] as const)(
    'keeps a run that is rolled back open until it is decided to %s',
    async (decision) => {
      const world = bench.world();
      world.pages = [[repository('acme/api'), repository('acme/web')]];
      world.after = [{ ...organizationSettings('acme'), item: 'acme/teams/core', kind: 'team' }];
      world.fates.set('do acme/teams/core settings', 'refused');
      world.fates.set('undo acme/api settings', ['refused']);
      const run = await bench.apply(world);
      const parked = await run.reaches('Parked');
      expect(parked.totals).toMatchObject({ parked: 1, rolledBack: 1 });
      // Everything is on its way back already.
      for (const keep of [false, true])
        expect(await cancel(run, keep)).toEqual({ accepted: false, state: 'Parked' });
      await resolve(run, 'settings', decision, 'acme/api:undo');
      const status = await run.ends();
      expect(status).toMatchObject({ state: 'RolledBack', parked: [], totals: { rolledBack: 2, parked: 0 } });
      const left = decision === 'skip' ? ['acme/api settings'] : [];
      expect(world.wanted()).toEqual(left);
      // What a person decided to leave is never told as undone.
      expect(status.conflicts.map(({ item, step }) => `${item} ${step}`)).toEqual(left);
      expect(status.phase.includes('but for what is listed as a conflict')).toBe(decision === 'skip');
      expect(world.having('rolledBack').length).toBe(2);
    },
  );

  it('is not ended by a cancel, which waits for the decision', async () => {
    const world = stuckWorld();
    const run = await bench.apply(world);
    await run.reaches('Parked');
    expect(await cancel(run)).toMatchObject({ accepted: true });
    await bench.until(() => world.acts('undo').includes('acme/web settings'));
    await run.reaches('Parked');
    expect(await cancel(run)).toEqual({ accepted: false, state: 'Parked' });
    await resolve(run, 'files/a', 'retry');
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Cancelled', deadLetters: [], parked: [] });
    expect(status.totals).toMatchObject({ repositories: 2, rolledBack: 2, deadLettered: 0 });
    expect(world.wanted()).toEqual([]);
  });

  it('holds no lock where it is retried after its run has closed, and takes it again for the undo', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api', ['files/a', 'settings'])]];
    world.fates.set('do acme/api settings', ['refused', 'refused']);
    const run = await bench.apply(world);
    await run.reaches('AwaitingOperator');
    await run.handle.terminate();
    world.fates.set('undo acme/api files/a', ['refused']);
    const { workflow } = bench.environment.client;
    const item = await workflow.start(WORKFLOWS.item, {
      taskQueue: 'test',
      workflowId: `${run.id}/acme/api`,
      args: [standaloneInput(run.id, world)],
    });
    await bench.until(async () => (await item.query(parkedQuery)) !== null, 'it to be parked');
    await bench.until(() => world.locks.size === 0, 'the lock to be free');
    world.locks.set('acme', 'another');
    await resolve(run, 'files/a', 'retry');
    await bench.until(async () => (await item.query(parkedQuery)) === null, 'the decision to be heard');
    expect(world.acts('undo')).toEqual(['acme/api files/a', 'acme/api files/a']);
    world.locks.delete('acme');
    await expect(item.result()).rejects.toThrow();
    expect(world.acts('undo').length).toBe(3);
    expect(world.locks.size).toBe(0);
    expect(world.wanted()).toEqual([]);
  });

  it('records its end itself where its run has closed meanwhile', async () => {
    const world = stuckWorld();
    const run = await bench.apply(world);
    await run.reaches('Parked');
    await cancel(run, true);
    expect(await run.ends()).toMatchObject({ state: 'Cancelled', parked: [{ item: 'acme/api' }] });
    expect(world.items.get('acme/api')?.outcome).toBe('parked');
    await resolve(run, 'files/a', 'retry');
    await bench.until(() => world.items.get('acme/api')?.outcome === 'deadLettered', 'the store to know');
    await bench.until(() => world.locks.size === 0, 'the lock to be free');
  });
});

/** A retry of `acme/api` after its run has closed. */
function standaloneInput(run: string, { settings }: FakeWorld): ItemInput {
  return {
    run,
    organization: 'acme',
    item: 'acme/api',
    kind: 'repository',
    mode: 'apply',
    planned: null,
    readAt: 0,
    actor: 'ada',
    graphql: true,
    onFailure: 'rollback',
    settings,
    discard: null,
    standalone: true,
  };
}
