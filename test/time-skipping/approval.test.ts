import { describe, expect, it } from 'vitest';
import { approveUpdate } from '../../src/workflows/contract.js';
import { type FakeWorld, repository } from './fake-world.js';
import { type Run, timeSkipping } from './support.js';

const bench = timeSkipping();

const PLAN = { hash: 'a1', items: 2, changes: 3 };

function worldWith(...plans: { hash: string; items: number; changes: number }[]): FakeWorld {
  const world = bench.world();
  world.pages = [[repository('acme/api'), repository('acme/web')]];
  world.approval = plans;
  return world;
}

const approve = (run: Run, actor: string, plan: string | null = null) =>
  run.handle.executeUpdate(approveUpdate, { args: [{ actor, plan }] });

const causeOf = async (refused: Promise<unknown>): Promise<string> => {
  try {
    await refused;
    return 'it was accepted';
  } catch (error) {
    return String((error as Error).cause);
  }
};

describe('a run that needs an approval', () => {
  it('plans, lets the lock go and waits; writes after somebody else has approved', async () => {
    const world = worldWith(PLAN, PLAN);
    const run = await bench.apply(world);
    const waiting = await run.reaches('AwaitingApproval');
    expect(waiting.plan).toMatchObject({ ...PLAN, approvedBy: null, shown: ['acme/api: settings'] });
    expect(waiting.deadline).not.toBeNull();
    expect(world.locks.size).toBe(0);
    expect(world.acts('do')).toEqual([]);
    expect(await approve(run, 'lin', 'a1')).toMatchObject({ approvedBy: 'lin' });
    const status = await run.ends();
    expect(status).toMatchObject({
      state: 'Committed',
      totals: { committed: 2 },
      plan: { approvedBy: 'lin' },
    });
    expect(world.log.indexOf('approved by lin')).toBeLessThan(
      world.log.findIndex((act) => act.startsWith('do')),
    );
    expect(world.locks.size).toBe(0);
  });

  it.each([
    ['who asked', 'ADA', null, 'somebody else has to approve it'],
    ['nobody', '', null, 'needs its actor'],
    ['somebody who looked at another plan', 'lin', 'b2', 'another plan waits: a1'],
  ])('is approved by no %s', async (_who, actor, plan, said) => {
    const run = await bench.apply(worldWith(PLAN, PLAN));
    await run.reaches('AwaitingApproval');
    expect(await causeOf(approve(run, actor, plan))).toContain(said);
    await run.handle.cancel();
    expect(await run.ends()).toMatchObject({ state: 'Cancelled', totals: { committed: 0 } });
  });

  it('ends refused where the plan is another one after the approval', async () => {
    const world = worldWith(PLAN, { ...PLAN, hash: 'b2' });
    const run = await bench.apply(world);
    await run.reaches('AwaitingApproval');
    await approve(run, 'lin');
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Refused', refusal: 'approval' });
    expect(world.acts('do')).toEqual([]);
    expect(world.locks.size).toBe(0);
  });

  it('is given up when its deadline passes', async () => {
    const world = worldWith(PLAN);
    const run = await bench.apply(world);
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Refused', refusal: 'approval' });
    expect(status.reason).toContain('nobody approved');
    expect(status.durationMs).toBeGreaterThanOrEqual(world.settings.dead_letter.deadline);
    expect(world.acts('do')).toEqual([]);
  });

  it('waits for nobody where nothing changes', async () => {
    const world = worldWith({ hash: 'none', items: 0, changes: 0 });
    world.pages = [[]];
    world.inSync = 3;
    const status = await (await bench.apply(world)).ends();
    expect(status).toMatchObject({ state: 'Committed', totals: { inSync: 3 } });
  });

  it('waits for the lock that another run has taken meanwhile', async () => {
    const world = worldWith(PLAN, PLAN);
    const run = await bench.apply(world);
    await run.reaches('AwaitingApproval');
    world.locks.set('acme', 'apply-other');
    await approve(run, 'lin');
    await bench.until(async () => (await run.status()).phase.includes('waiting for run apply-other'));
    expect(world.acts('do')).toEqual([]);
    world.locks.delete('acme');
    expect(await run.ends()).toMatchObject({ state: 'Committed' });
  });
});

describe('an item of an approved run', () => {
  it('that is not as it was approved is a dead letter of which nothing was begun', async () => {
    const world = worldWith(PLAN, PLAN);
    const changed = { ...repository('acme/api'), refused: 'changed since approval' };
    world.pages = [[changed, repository('acme/web')]];
    const run = await bench.apply(world);
    await run.reaches('AwaitingApproval');
    await approve(run, 'lin');
    const status = await run.reaches('AwaitingOperator');
    expect(status.deadLetters).toMatchObject([
      { item: 'acme/api', step: 'approval', reason: 'changed since approval', attempts: 1 },
    ]);
    expect(world.acts('do')).toEqual(['acme/web settings']);
  });
});
