import { describe, expect, it } from 'vitest';
import { retryUpdate } from '../../src/workflows/contract.js';
import { type FakeWorld, organizationSettings, repository } from './fake-world.js';
import { timeSkipping } from './support.js';

const bench = timeSkipping();

describe('a run in which nothing goes wrong', () => {
  it('applies settings, then repositories, then teams, and says so', async () => {
    const world = bench.world();
    world.before = [organizationSettings('acme')];
    world.pages = [[repository('acme/api', ['settings', 'topics']), repository('acme/web')]];
    world.inSync = 3;
    world.after = [{ ...organizationSettings('acme'), item: 'acme/teams/core', kind: 'team' }];
    const run = await bench.apply(world);
    const status = await run.ends();
    expect(status).toMatchObject({
      state: 'Committed',
      reason: null,
      deadLetters: [],
      parked: [],
      pages: [],
    });
    expect(status.totals).toMatchObject({ repositories: 5, inSync: 3, committed: 2 });
    const acts = world.acts('do');
    expect(acts[0]).toBe('acme/settings settings');
    expect(acts.at(-1)).toBe('acme/teams/core settings');
    expect(world.locks.size).toBe(0);
    expect(world.having('committed').map(({ item }) => item)).toEqual(
      expect.arrayContaining(['acme/settings', 'acme/api', 'acme/web', 'acme/teams/core']),
    );
    expect(world.recorded.at(-1)).toMatchObject({ state: 'Committed', ended: true });
  });
});

/** Milliseconds between the tries of an act. */
const gaps = (world: FakeWorld, act: string): number[] => {
  const times = world.tries.filter((one) => one.act === act).map(({ at }) => at);
  return times.slice(1).map((at, index) => Math.round((at - (times[index] ?? 0)) / 500) * 500);
};

describe('a step that fails', () => {
  it.each([
    { step: 'settings', level: 'aggressive', delays: [2_000, 4_000] },
    { step: 'files/a', level: 'conservative', delays: [1_000] },
  ])(
    'is tried as its level $level says, and the item as often as max_retries says',
    async ({ step, delays }) => {
      const world = bench.world();
      world.settings.dead_letter.max_retries = 3;
      world.pages = [[repository('acme/api', [step])]];
      world.fates.set(`do acme/api ${step}`, 'unavailable');
      const run = await bench.apply(world);
      const { state, deadLetters, totals } = await run.reaches('AwaitingOperator');
      expect({ state, dead: totals.deadLettered }).toEqual({ state: 'AwaitingOperator', dead: 1 });
      expect(deadLetters).toMatchObject([
        { item: 'acme/api', step, attempts: 3, reason: 'it is unavailable' },
      ]);
      const tries = delays.length + 1;
      expect(world.acts('do').length).toBe(3 * tries);
      const measured = gaps(world, `do acme/api ${step}`);
      expect(measured.slice(0, tries - 1)).toEqual(delays);
      // Between the item's own attempts: the conservative level.
      expect(measured[tries - 1]).toBeGreaterThanOrEqual(1_000);
      await run.handle.terminate();
    },
  );

  it('makes a dead letter after one try where it was refused', async () => {
    const world = bench.world();
    world.settings.dead_letter.max_retries = 3;
    world.pages = [[repository('acme/api', ['files/a', 'files/b']), repository('acme/web')]];
    world.fates.set('do acme/api files/b', 'refused');
    const run = await bench.apply(world);
    const { deadLetters, totals } = await run.reaches('AwaitingOperator');
    expect(deadLetters).toMatchObject([
      { item: 'acme/api', step: 'files/b', attempts: 1, finishedSteps: [] },
    ]);
    expect(totals).toMatchObject({ committed: 1, deadLettered: 1 });
    expect(world.acts('undo')).toEqual(['acme/api files/a']);
    expect(world.wanted()).toEqual(['acme/web settings']);
    await run.handle.terminate();
  });

  it('waits ten minutes and an hour without using an attempt', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api')]];
    world.fates.set('do acme/api settings', [{ notYet: 600_000 }, { notYet: 3_600_000 }, 'ok']);
    const run = await bench.apply(world);
    const status = await run.ends();
    expect(status.totals.committed).toBe(1);
    expect(world.tries.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
    expect(gaps(world, 'do acme/api settings')).toEqual([600_000, 3_600_000]);
  });

  it('counts the attempts that failed before a wait, so that an open breaker does not give it new ones', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api')]];
    // Three tries in all at this level; a call that always fails opens the breaker again and again.
    world.fates.set('do acme/api settings', [
      'unavailable',
      { notYet: 3_000 },
      'unavailable',
      { notYet: 3_000 },
      'unavailable',
      'ok',
    ]);
    const run = await bench.apply(world);
    const { totals } = await run.reaches('AwaitingOperator');
    expect(totals.deadLettered).toBe(1);
    await run.handle.terminate();
  });

  it('waits for GitHub while it plans, too', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api')]];
    world.fates.set('planOrganization', [{ notYet: 3_600_000 }, 'ok']);
    world.fates.set('planPage 0', [{ notYet: 3_600_000 }, 'ok']);
    const run = await bench.apply(world);
    const started = await bench.environment.currentTimeMs();
    expect((await run.ends()).state).toBe('Committed');
    expect((await bench.environment.currentTimeMs()) - started).toBeGreaterThanOrEqual(7_200_000);
  });

  it('uses up no attempt where its worker was lost', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api', ['files/a'])]];
    world.settings.activity = { ...world.settings.activity, start_to_close: 300, heartbeat: 300 };
    world.fates.set('do acme/api files/a', ['unavailable', 'silent', 'silent', 'silent', 'ok']);
    const run = await bench.apply(world);
    const status = await run.ends();
    expect(status.totals).toMatchObject({ committed: 1, deadLettered: 0 });
  });

  it('undoes in reverse order of start, what may have been applied too', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api', ['files/a', 'files/b', 'settings'])]];
    world.fates.set('do acme/api settings', 'leaked');
    const run = await bench.apply(world);
    await run.reaches('AwaitingOperator');
    expect(world.acts('undo')).toEqual(['acme/api settings', 'acme/api files/b', 'acme/api files/a']);
    expect(world.wanted()).toEqual([]);
    await run.handle.terminate();
  });

  it('reports what an undo had to leave', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/api', ['files/a', 'settings'])]];
    world.fates.set('do acme/api settings', 'refused');
    world.fates.set('undo acme/api files/a', 'conflict');
    const run = await bench.apply(world);
    const { conflicts } = await run.reaches('AwaitingOperator');
    expect(conflicts).toEqual([
      { item: 'acme/api', step: 'files/a', field: '', before: 'before', wrote: 'after', found: 'foreign' },
    ]);
    await run.handle.terminate();
  });
});

describe('with on_failure: checkpoint', () => {
  it('keeps finished steps, names them, and goes on at a retry', async () => {
    const world = bench.world();
    world.onFailure = 'checkpoint';
    world.pages = [[repository('acme/api', ['files/a', 'files/b'])]];
    world.fates.set('do acme/api files/b', ['refused', 'ok']);
    const run = await bench.apply(world);
    const { deadLetters } = await run.reaches('AwaitingOperator');
    expect(deadLetters).toMatchObject([{ item: 'acme/api', finishedSteps: ['files/a'] }]);
    expect(world.acts('undo')).toEqual([]);
    await run.handle.executeUpdate(retryUpdate, { args: [{ items: [], actor: 'ada' }] });
    const status = await run.ends();
    expect(status.totals).toMatchObject({ committed: 1, deadLettered: 0 });
    expect(world.wanted()).toEqual(['acme/api files/a', 'acme/api files/b']);
  });

  it('leaves the failing settings as a dead letter and the rest goes on', async () => {
    const world = bench.world();
    world.onFailure = 'checkpoint';
    world.before = [organizationSettings('acme')];
    world.pages = [[repository('acme/api')]];
    world.fates.set('do acme/settings settings', 'refused');
    const run = await bench.apply(world);
    const { deadLetters, totals } = await run.reaches('AwaitingOperator');
    expect(deadLetters.map(({ item }) => item)).toEqual(['acme/settings']);
    expect(totals).toMatchObject({ repositories: 1, committed: 1, deadLettered: 0 });
    await run.handle.terminate();
  });
});
