import { describe, expect, it } from 'vitest';
import { resolveUpdate } from '../../src/workflows/contract.js';
import { repository } from './fake-world.js';
import { inWorld, STEPS, startSaga } from './saga-runs.js';
import { timeSkipping } from './support.js';

const bench = timeSkipping();

const before = (step: string): string[] => STEPS.slice(0, STEPS.indexOf(step));

describe('a saga', () => {
  it('does its steps in order, holds the lock meanwhile, and is committed', async () => {
    const world = bench.world();
    const run = await startSaga(bench);
    const status = await run.ends();
    expect(status).toMatchObject({
      kind: 'create-repo',
      state: 'Committed',
      totals: { repositories: 1, committed: 1 },
      refusal: null,
    });
    expect(status.steps?.map(({ name, state }) => `${name} ${state}`)).toEqual(
      STEPS.map((name) => `${name} applied`),
    );
    expect(status.steps?.find(({ name }) => name === 'teams/b')?.frame).toEqual(['teams']);
    expect(world.acts('do')).toEqual(inWorld(STEPS));
    expect(world.locks.size).toBe(0);
    expect(world.items.get('acme/new')?.outcome).toBe('committed');
    expect(world.recorded.at(-1)).toMatchObject({ state: 'Committed', ended: true });
  });

  it.each(STEPS.slice(1))('refused at %s undoes what was done, in reverse order', async (step) => {
    const world = bench.world();
    world.fates.set(`do acme/new ${step}`, 'refused');
    const status = await (await startSaga(bench)).ends();
    expect(status).toMatchObject({ state: 'RolledBack', totals: { repositories: 1, rolledBack: 1 } });
    expect(status.reason).toBe(`${step}: it is refused`);
    expect(world.acts('undo')).toEqual(inWorld(before(step).toReversed()));
    expect(world.wanted()).toEqual([]);
    expect(world.items.get('acme/new')?.outcome).toBe('rolledBack');
    expect(world.locks.size).toBe(0);
  });

  it.each(STEPS)('applied and reported as lost at %s undoes that step too', async (step) => {
    const world = bench.world();
    world.fates.set(`do acme/new ${step}`, 'leaked');
    const status = await (await startSaga(bench)).ends();
    expect(status.state).toBe('RolledBack');
    expect(world.acts('undo')).toEqual(inWorld([...before(step), step].toReversed()));
    expect(world.wanted()).toEqual([]);
  });

  it.each(STEPS)('waits at %s for GitHub without using up an attempt', async (step) => {
    const world = bench.world();
    world.fates.set(`do acme/new ${step}`, [
      { notYet: 600_000 },
      { notYet: 600_000 },
      { notYet: 600_000 },
      'ok',
    ]);
    expect((await (await startSaga(bench)).ends()).state).toBe('Committed');
  });

  it('whose very first step is refused for want of rights has changed nothing', async () => {
    const world = bench.world();
    world.fates.set('do acme/new repository', 'unauthenticated');
    const status = await (await startSaga(bench)).ends();
    expect(status).toMatchObject({
      state: 'Refused',
      refusal: 'unauthenticated',
      totals: { repositories: 0 },
    });
    expect(world.acts('undo')).toEqual([]);
    expect(world.items.size).toBe(0);
  });

  it('is refused where its repository is there, unless it adopts it: then it is not made', async () => {
    const world = bench.world();
    world.pages = [[repository('acme/new')]];
    const refused = await (await startSaga(bench)).ends();
    expect(refused).toMatchObject({ state: 'Refused', refusal: 'exists' });
    expect(world.acts('do')).toEqual([]);
    const adopted = await (await startSaga(bench, { adopt: true })).ends();
    expect(adopted.state).toBe('Committed');
    expect(world.acts('do')).toEqual(inWorld(STEPS.slice(1)));
  });

  it('is refused where another run writes, and waits for it where it is asked to', async () => {
    const world = bench.world();
    world.locks.set('acme', 'apply-other');
    const refused = await (await startSaga(bench)).ends();
    expect(refused).toMatchObject({ state: 'Refused', refusal: 'locked' });
    const run = await startSaga(bench, { wait: true });
    await bench.until(async () => (await run.status()).phase.includes('apply-other'));
    world.locks.delete('acme');
    expect((await run.ends()).state).toBe('Committed');
  });

  it('tells what an undo had to leave', async () => {
    const world = bench.world();
    world.fates.set('do acme/new issues/1', 'refused');
    world.fates.set('undo acme/new repository', 'conflict');
    const status = await (await startSaga(bench)).ends();
    expect(status).toMatchObject({
      state: 'RolledBack',
      conflicts: [{ item: 'acme/new', step: 'repository' }],
    });
  });

  it.each(['retry', 'skip'] as const)(
    'parks where an undo cannot be done, lock free, until %s',
    async (decision) => {
      const world = bench.world();
      world.fates.set('do acme/new description', 'refused');
      world.fates.set('undo acme/new protection', decision === 'retry' ? ['refused', 'ok'] : 'refused');
      const run = await startSaga(bench);
      const parked = await run.reaches('Parked');
      expect(parked).toMatchObject({
        totals: { repositories: 1, parked: 1 },
        parked: [{ item: 'acme/new', step: 'protection', workflowId: run.id }],
      });
      await bench.until(() => world.locks.size === 0, 'the lock to be free');
      expect(world.items.get('acme/new')?.outcome).toBe('parked');
      expect(world.acts('undo')).not.toContain('acme/new repository');
      const asked = { step: 'protection', decision, actor: 'lin' };
      await run.handle.executeUpdate(resolveUpdate, { args: [asked] });
      const status = await run.ends();
      expect(status).toMatchObject({ state: 'RolledBack', parked: [], totals: { rolledBack: 1 } });
      expect(world.acts('undo').at(-1)).toBe('acme/new repository');
      expect(status.steps?.find(({ name }) => name === 'protection')?.state).toBe(
        decision === 'retry' ? 'undone' : 'skipped',
      );
      // What a person decided to leave is never told as undone.
      expect(status.conflicts.map(({ step }) => step)).toEqual(decision === 'skip' ? ['protection'] : []);
      expect(status.phase.includes('but for what is listed as a conflict')).toBe(decision === 'skip');
    },
  );

  it('parks inside a nested transaction and goes on from there', async () => {
    const world = bench.world();
    world.fates.set('do acme/new teams/b', 'refused');
    world.fates.set('undo acme/new teams/a', ['refused', 'ok']);
    const run = await startSaga(bench);
    await run.reaches('Parked');
    const args: [{ step: string; decision: 'retry'; actor: string }] = [
      { step: 'teams/a', decision: 'retry', actor: 'lin' },
    ];
    await run.handle.executeUpdate(resolveUpdate, { args });
    expect((await run.ends()).state).toBe('RolledBack');
    expect(world.acts('undo')).toEqual(inWorld(['teams/a', 'teams/a', 'protection', 'repository']));
  });
});
