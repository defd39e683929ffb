import { describe, expect, it } from 'vitest';
import { retryUpdate } from '../../src/workflows/contract.js';
import { organizationSettings, repository } from './fake-world.js';
import { timeSkipping } from './support.js';

const bench = timeSkipping();

const team = () => ({ ...organizationSettings('acme'), item: 'acme/teams/core', kind: 'team' as const });

describe('a run that is refused', () => {
  it('because another run writes to the organisation', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api')]];
    world.locks.set('acme', 'apply-other');
    const status = await (await bench.apply(world)).ends();
    expect(status).toMatchObject({
      state: 'Refused',
      refusal: 'locked',
      reason: expect.stringContaining('apply-other'),
    });
    expect(world.acts('do')).toEqual([]);
    expect(world.locks.get('acme')).toBe('apply-other');
  });

  it('because the file names what is not there', async () => {
    const world = bench.world();
    world.problems = ['no team core', 'no login ada'];
    const status = await (await bench.apply(world)).ends();
    expect(status).toMatchObject({
      state: 'Refused',
      refusal: 'invalid',
      reason: 'no team core\nno login ada',
    });
    expect(world.locks.size).toBe(0);
  });

  it('because it would remove too much, unless that is allowed', async () => {
    const world = bench.world();
    world.removals = { removed: 5, existing: 10 };
    world.pages = [[repository('acme/api')]];
    expect(await (await bench.apply(world)).ends()).toMatchObject({ state: 'Refused', refusal: 'removals' });
    expect(world.acts('do')).toEqual([]);
    const allowed = await (await bench.apply(world, { allowRemovals: true })).ends();
    expect(allowed.state).toBe('Committed');
  });

  it('because its request key belongs to another request', async () => {
    const world = bench.world();
    world.refusal = 'key';
    const status = await (await bench.apply(world, { key: 'k' })).ends();
    expect(status).toMatchObject({ state: 'Refused', refusal: 'key' });
  });

  it('because the workers’ token is not accepted, or planning fails', async () => {
    for (const [fate, refusal] of [
      ['unauthenticated', 'unauthenticated'],
      ['refused', 'failed'],
    ] as const) {
      const world = bench.world();
      world.fates.set('planOrganization', fate);
      expect(await (await bench.apply(world)).ends()).toMatchObject({ state: 'Refused', refusal });
    }
  });

  it('for its second organisation before anything is written to the first', async () => {
    const world = bench.world();
    world.organizations = ['globex', 'acme'];
    world.pages = [[repository('globex/api')]];
    world.locks.set('acme', 'apply-other');
    const status = await (await bench.apply(world)).ends();
    expect(status).toMatchObject({ state: 'Refused', refusal: 'locked' });
    expect(world.acts('do')).toEqual([]);
    expect([...world.locks.keys()]).toEqual(['acme']);
  });
});

describe('a run that waits for the lock', () => {
  it('begins when it is free, however long that takes', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api')]];
    world.locks.set('acme', 'apply-other');
    const run = await bench.apply(world, { wait: true });
    await bench.until(async () => (await run.status()).phase.includes('apply-other'));
    await bench.environment.sleep('6 hours');
    const { historyLength } = await run.handle.describe();
    expect(historyLength).toBeLessThan(2_000);
    world.locks.delete('acme');
    expect((await run.ends()).state).toBe('Committed');
  });
});

describe('a run that has the lock while a lost call of another may come through', () => {
  const LATE = { run: 'apply-other', forMs: 90_000 };
  const lateIn = (...pages: string[]) => {
    const world = bench.world();
    world.pages = [pages.map((name) => repository(name))];
    world.late.set('acme', LATE);
    return world;
  };

  it('reads and writes nothing before it can come through no more, and says for what it waits', async () => {
    const world = lateIn('acme/api');
    const from = await world.time();
    const run = await bench.apply(world);
    await bench.until(async () => (await run.status()).phase.includes('calls of run apply-other'));
    expect([...world.log, ...world.locks.values()]).toEqual(['openRun', run.id]);
    expect((await run.ends()).state).toBe('Committed');
    expect((world.tries[0]?.at ?? 0) - from).toBeGreaterThanOrEqual(LATE.forMs);
  });

  it.each([['zeta'], ['Zeta']])(
    'takes several in an order that knows no case, %s too, and waits once for all',
    async (zeta) => {
      const world = lateIn('acme/api');
      world.organizations = [zeta, 'acme'];
      world.late.set(zeta, { run: 'apply-third', forMs: 80_000 });
      const run = await bench.apply(world);
      await bench.until(async () => (await run.status()).phase.includes('calls of run apply-other'));
      expect([...world.locks.keys()]).toEqual(['acme', zeta]);
      await bench.environment.sleep(LATE.forMs - 10_000);
      expect(world.log).not.toContain('planOrganization');
      await bench.environment.sleep(30_000);
      expect(world.log).toContain('planOrganization');
      await run.handle.result();
    },
  );

  it('lets the lock go where it is cancelled meanwhile', async () => {
    const world = lateIn('acme/api');
    const run = await bench.apply(world);
    await bench.until(async () => (await run.status()).phase.includes('calls of run apply-other'));
    await run.handle.cancel();
    expect((await run.ends()).state).toBe('Cancelled');
    expect([world.acts('do'), world.locks.size]).toEqual([[], 0]);
  });

  it('retries dead letters after that', async () => {
    const world = lateIn('acme/api', 'acme/web');
    world.late.clear();
    world.fates.set('do acme/api settings', ['refused']);
    world.fates.set('do acme/web settings', ['refused']);
    const run = await bench.apply(world);
    await run.reaches('AwaitingOperator');
    world.late.set('acme', LATE);
    const [from, before] = [await world.time(), world.tries.length];
    for (const item of ['acme/api', 'acme/web'])
      await run.handle.executeUpdate(retryUpdate, { args: [{ items: [item], actor: 'ada' }] });
    expect((await run.status()).phase).toContain('waiting for calls of run apply-other');
    expect((await run.ends()).totals).toMatchObject({ committed: 2 });
    const begun = world.tries.slice(before).map(({ at }) => at - from);
    expect([begun.length, Math.min(...begun) >= LATE.forMs]).toEqual([2, true]);
    expect(world.locks.size).toBe(0);
  });

  it('tells of each organisation for what its retries wait, until that one waits no more', async () => {
    const world = bench.world();
    world.organizations = ['acme', 'zeta'];
    world.pages = [[repository('acme/api'), repository('zeta/api')]];
    for (const login of world.organizations) world.fates.set(`do ${login}/api settings`, ['refused']);
    const run = await bench.apply(world);
    await run.reaches('AwaitingOperator');
    world.late.set('acme', LATE);
    world.late.set('zeta', { run: 'apply-third', forMs: LATE.forMs / 3 });
    await run.handle.executeUpdate(retryUpdate, { args: [{ items: [], actor: 'ada' }] });
    const waits = async (): Promise<boolean[]> => {
      const { phase } = await run.status();
      return [
        'apply-other that may still take effect on acme',
        'apply-third that may still take effect on zeta',
      ].map((what) => phase.includes(`waiting for calls of run ${what}`));
    };
    expect(await waits()).toEqual([true, true]);
    await bench.environment.sleep(LATE.forMs / 2);
    expect(await waits()).toEqual([true, false]);
    expect((await run.ends()).totals).toMatchObject({ committed: 2 });
  });
});

describe('a failure of what belongs to the organisation', () => {
  it('undoes the whole run, newest first, and closes its letters', async () => {
    const world = bench.world();
    world.before = [organizationSettings('acme')];
    world.pages = [[repository('acme/api'), repository('acme/dead'), repository('acme/web')]];
    world.after = [team()];
    world.fates.set('do acme/dead settings', 'refused');
    world.fates.set('do acme/teams/core settings', 'refused');
    const run = await bench.apply(world);
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'RolledBack', deadLetters: [] });
    expect(status.reason).toContain('acme/teams/core');
    expect(status.totals).toMatchObject({ repositories: 3, rolledBack: 3, committed: 0, deadLettered: 0 });
    expect(world.wanted()).toEqual([]);
    expect(world.acts('undo').at(-1)).toBe('acme/settings settings');
    expect(world.locks.size).toBe(0);
  });

  it('undoes finished steps of dead letters too, in checkpoint mode when it is cancelled', async () => {
    const world = bench.world();
    world.onFailure = 'checkpoint';
    world.pages = [[repository('acme/api', ['files/a', 'files/b'])]];
    world.fates.set('do acme/api files/b', 'refused');
    const run = await bench.apply(world);
    await run.reaches('AwaitingOperator');
    expect(world.wanted()).toEqual(['acme/api files/a']);
    await run.handle.cancel();
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Cancelled', totals: { rolledBack: 1, deadLettered: 0 } });
    expect(world.wanted()).toEqual([]);
  });
});

const four = () => {
  const world = bench.world();
  world.pages = ['a', 'b', 'c', 'd'].map((name) => [repository(`acme/${name}`)]);
  return world;
};

describe('pages', () => {
  it('follow each other by their cursors, at most two under way', async () => {
    const world = four();
    world.fates.set('do acme/a settings', [{ notYet: 60_000 }, 'ok']);
    world.fates.set('do acme/b settings', [{ notYet: 120_000 }, 'ok']);
    const run = await bench.apply(world);
    await bench.until(() => world.acts('do').length === 2);
    expect((await run.status()).pages).toEqual([`${run.id}/acme:page-1`, `${run.id}/acme:page-2`]);
    const status = await run.ends();
    expect(status.totals).toMatchObject({ repositories: 4, committed: 4 });
    expect(world.log.filter((act) => act.startsWith('planPage'))).toEqual(
      [0, 1, 2, 3].map((page) => `planPage ${page}`),
    );
    // The third is read when the first has ended: its repository's second try comes before.
    expect(world.log.lastIndexOf('do acme/a settings')).toBeLessThan(world.log.indexOf('planPage 2'));
  });

  it('that cannot be read fail the run, which is undone', async () => {
    const world = four();
    world.fates.set('planPage 2', 'refused');
    const status = await (await bench.apply(world)).ends();
    expect(status.state).toBe('RolledBack');
    expect(status.reason).toContain('page 3');
    expect(status.totals).toMatchObject({ committed: 0 });
    expect(world.wanted()).toEqual([]);
  });

  it('whose reads grow old plan again, and one that cannot is settled and counted', async () => {
    const world = bench.world();
    world.pages = [['a', 'b', 'c'].map((name) => repository(`acme/${name}`))];
    world.fates.set('do acme/a settings', [{ notYet: 60_000 }, 'ok']);
    expect((await (await bench.apply(world, { concurrency: 1 })).ends()).totals.committed).toBe(3);
    expect(world.log.filter((act) => act === 'replanItems').length).toBe(1);
    const failing = bench.world();
    failing.pages = world.pages;
    failing.fates.set('do acme/a settings', [{ notYet: 60_000 }, 'ok']);
    failing.fates.set('replanItems', 'refused');
    const status = await (await bench.apply(failing, { concurrency: 1 })).ends();
    expect(status.state).toBe('RolledBack');
    expect(status.totals).toMatchObject({ repositories: 3, rolledBack: 1, cancelled: 2 });
    expect(failing.wanted()).toEqual([]);
  });

  it('count as skipped what may not be changed any more when it is planned again', async () => {
    const world = bench.world();
    world.pages = [['a', 'b', 'c'].map((name) => repository(`acme/${name}`))];
    world.fates.set('do acme/a settings', [{ notYet: 60_000 }, 'ok']);
    world.archived.add('acme/c');
    const status = await (await bench.apply(world, { concurrency: 1 })).ends();
    expect(status.totals).toMatchObject({ repositories: 3, committed: 2, inSync: 0, skipped: 1 });
    expect(status.skipped).toEqual([{ item: 'acme/c', reason: 'archived' }]);
  });

  it('work on as many repositories at once as the strategy says', async () => {
    for (const [strategy, first] of [
      ['sequential', ['acme/a settings', 'acme/a settings', 'acme/b settings']],
      ['batched', ['acme/a settings', 'acme/b settings', 'acme/c settings']],
    ] as const) {
      const world = bench.world();
      world.pages = [['a', 'b', 'c'].map((name) => repository(`acme/${name}`))];
      world.fates.set('do acme/a settings', [{ notYet: 10_000 }, 'ok']);
      const run = await bench.apply(world, { strategy });
      expect((await run.ends()).totals.committed).toBe(3);
      expect(world.acts('do').slice(0, 3).toSorted()).toEqual([...first].toSorted());
    }
  });

  it.each([1, 2, 3, 5])(
    'work on no more than %d at once, however many pages there are',
    async (concurrency) => {
      const world = bench.world();
      world.pages = ['a', 'b', 'c'].map((page) =>
        [1, 2, 3, 4, 5].map((number) => repository(`acme/${page}${number}`)),
      );
      for (const { item } of world.pages.flat())
        world.fates.set(`do ${item} settings`, [{ notYet: 10_000 }, 'ok']);
      expect((await (await bench.apply(world, { concurrency })).ends()).totals.committed).toBe(15);
      const acts = world.acts('do');
      // Each is asked for twice, so what comes before the first that is asked for again was under way with it.
      expect(acts.findIndex((act, place) => acts.indexOf(act) < place)).toBe(concurrency);
    },
  );
});
