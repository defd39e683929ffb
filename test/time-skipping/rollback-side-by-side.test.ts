import { describe, expect, it } from 'vitest';
import { cancelUpdate } from '../../src/workflows/contract.js';
import { gate, repository } from './fake-world.js';
import { timeSkipping } from './support.js';

const bench = timeSkipping();

const LOGINS = ['acme', 'zeta'];

/** The rollback of a run over two organisations, of which the first is held up at its first repository. */
async function heldUp() {
  const world = bench.world();
  world.organizations = LOGINS;
  world.pages = [
    LOGINS.flatMap((login) => ['a', 'b', 'c', 'd'].map((name) => repository(`${login}/${name}`))),
  ];
  const applied = await bench.apply(world);
  expect((await applied.ends()).totals).toMatchObject({ repositories: 8, committed: 8 });
  const { until, open } = gate();
  for (const name of ['a', 'b', 'c', 'd']) world.fates.set(`do acme/${name} settings`, { until });
  const run = await bench.rollback(world, applied.id);
  await bench.until(() => world.wanted().every((step) => step.startsWith('acme/')), 'zeta to be put back');
  return { world, run, open };
}

describe('a rollback of two organisations', () => {
  it('goes on in one while the other is held up', async () => {
    const { world, run, open } = await heldUp();
    expect(world.wanted().length).toBe(4);
    const alone = async (): Promise<boolean> => (await run.status()).phase === 'rolling back acme';
    await bench.until(alone, 'zeta to be done');
    open();
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Committed', totals: { repositories: 8, committed: 8 } });
    expect(world.wanted()).toEqual([]);
    expect(world.locks.size).toBe(0);
  });

  it('brings both back when it is cancelled', async () => {
    const { world, run, open } = await heldUp();
    const cancelled = run.handle.executeUpdate(cancelUpdate, { args: [{ keep: false, actor: 'ada' }] });
    open();
    expect(await cancelled).toMatchObject({ accepted: true });
    expect(await run.ends()).toMatchObject({ state: 'Cancelled', totals: { repositories: 8 } });
    expect(world.wanted().length).toBe(8);
    expect(world.locks.size).toBe(0);
  });

  it('ends what is under way in the one, and begins nothing more, when it is stopped and kept', async () => {
    const { world, run, open } = await heldUp();
    await run.handle.executeUpdate(cancelUpdate, { args: [{ keep: true, actor: 'ada' }] });
    open();
    const { totals, state } = await run.ends();
    expect({ state, totals }).toMatchObject({
      state: 'Cancelled',
      totals: { repositories: 8, committed: 7, cancelled: 1 },
    });
    expect(world.wanted()).toMatchObject([expect.stringMatching(/^acme\//)]);
  });
});
