import { describe, expect, it } from 'vitest';
import { cancelUpdate, retryUpdate } from '../../src/workflows/contract.js';
import { committedRun, NAMES } from './committed-run.js';
import { gate } from './fake-world.js';
import { timeSkipping } from './support.js';

const bench = timeSkipping();

const committed = () => committedRun(bench);

describe('a rollback', () => {
  it('puts back everything, newest first, teams and settings in reverse, and is a run of its own', async () => {
    const { world, applied } = await committed();
    const run = await bench.rollback(world, applied.id);
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Committed', kind: 'rollback', of: applied.id, actor: 'lin' });
    expect(status.totals).toMatchObject({ repositories: 5, committed: 5, inSync: 0 });
    expect(status.organizations).toEqual(['acme']);
    expect(world.wanted()).toEqual([]);
    const acts = world.acts('do');
    expect(acts[0]).toBe('acme/teams/x settings');
    expect(acts.slice(-2)).toEqual(['acme/teams/x/create settings', 'acme/settings settings']);
    for (const name of NAMES)
      expect(acts.filter((act) => act.startsWith(`${name} `))).toEqual([
        `${name} settings`,
        `${name} files/a`,
      ]);
    expect(world.acts('undo')).toEqual([]);
    expect(world.locks.size).toBe(0);
    expect(world.recorded.at(-1)).toMatchObject({ state: 'Committed', ended: true });
  });

  it('closes the run before it plans, and waits while that lets its letters go', async () => {
    const { world, applied } = await committed();
    world.fates.set('closeRolledBack', [{ notYet: 1_000 }, { notYet: 1_000 }, 'ok']);
    const run = await bench.rollback(world, applied.id);
    await run.ends();
    expect(world.log.slice(0, 3)).toEqual(Array(3).fill(`close ${applied.id}`));
  });

  it('is itself rolled back by the same code', async () => {
    const { world, applied } = await committed();
    const first = await bench.rollback(world, applied.id);
    await first.ends();
    const inverse = world.started.get(`${first.id} acme/a`);
    expect(inverse).toMatchObject([
      { step: 'settings', before: 'after', after: 'before', restore: { of: applied.id, reversed: true } },
      { step: 'files/a', restore: { origin: applied.id } },
    ]);
    const again = await bench.rollback(world, first.id);
    expect((await again.ends()).totals).toMatchObject({ repositories: 5, committed: 5 });
    expect(world.wanted().length).toBe(13);
    const restored = world.started.get(`${again.id} acme/a`)?.[0]?.restore;
    expect(restored).toEqual({ of: first.id, origin: applied.id, reversed: false, force: false });
  });

  it('lists what somebody changed meanwhile and left, and counts what was as before', async () => {
    const { world, applied } = await committed();
    world.fates.set('do acme/a settings', 'conflict');
    world.fates.set('do acme/b settings', 'unchanged');
    world.fates.set('do acme/b files/a', 'unchanged');
    const run = await bench.rollback(world, applied.id);
    const status = await run.ends();
    expect(status.conflicts).toMatchObject([{ item: 'acme/a', step: 'settings', found: 'foreign' }]);
    expect(status.totals).toMatchObject({ repositories: 5, committed: 4, inSync: 1 });
  });

  it('leaves a dead letter that a retry puts back, and holds the lock no longer than it works', async () => {
    const { world, applied } = await committed();
    world.fates.set('do acme/c files/a', ['refused']);
    const run = await bench.rollback(world, applied.id);
    const status = await run.reaches('AwaitingOperator');
    expect(status.deadLetters).toMatchObject([{ item: 'acme/c', step: 'files/a', run: run.id }]);
    expect(status.totals).toMatchObject({ committed: 4, deadLettered: 1 });
    expect(world.acts('undo')).toEqual(['acme/c settings']);
    expect(world.locks.size).toBe(0);
    await run.handle.executeUpdate(retryUpdate, { args: [{ items: [], actor: 'lin' }] });
    expect((await run.ends()).totals).toMatchObject({ committed: 5, deadLettered: 0 });
    expect(world.wanted()).toEqual([]);
  });

  it('is refused in the words of the worker, and nothing is closed', async () => {
    const { world, applied } = await committed();
    world.refusal = 'state';
    const status = await (await bench.rollback(world, applied.id)).ends();
    expect(status).toMatchObject({ state: 'Refused', refusal: 'state' });
    expect(world.log).toEqual([]);
  });

  it('is refused while another run writes, or waits for it', async () => {
    const { world, applied } = await committed();
    world.locks.set('acme', 'apply-other');
    const refused = await (await bench.rollback(world, applied.id)).ends();
    expect(refused).toMatchObject({ state: 'Refused', refusal: 'locked' });
    expect(world.log).toEqual([]);
    const waiting = await bench.rollback(world, applied.id, { wait: true });
    await bench.until(async () => (await waiting.status()).phase.includes('apply-other'));
    world.locks.delete('acme');
    expect((await waiting.ends()).totals).toMatchObject({ committed: 5 });
  });

  it('stops and keeps what it put back with --keep', async () => {
    const { world, applied } = await committed();
    const { until, open } = gate();
    for (const name of NAMES) world.fates.set(`do ${name} settings`, { until });
    const run = await bench.rollback(world, applied.id);
    await bench.until(() => world.acts('do').some((act) => /^acme\/[a-e] /.test(act)));
    await run.handle.executeUpdate(cancelUpdate, { args: [{ keep: true, actor: 'lin' }] });
    open();
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Cancelled' });
    expect(status.totals.committed).toBeGreaterThan(0);
    expect(status.totals.committed).toBeLessThan(5);
    expect(world.acts('undo')).toEqual([]);
  });
});

describe('a run that is refused before it is opened', () => {
  it('records nothing: what the store has under its id is an earlier one of that id', async () => {
    const { world, applied } = await committed();
    const mark = world.recorded.length;
    world.refusal = 'state';
    expect(await (await bench.rollback(world, applied.id)).ends()).toMatchObject({ state: 'Refused' });
    world.refusal = 'key';
    expect(await (await bench.apply(world, { key: 'k' })).ends()).toMatchObject({ state: 'Refused' });
    expect(world.recorded.length).toBe(mark);
  });
});
