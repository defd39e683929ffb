import { describe, expect, it } from 'vitest';
import { retryUpdate } from '../../src/workflows/contract.js';
import { type FakeWorld, repository } from './fake-world.js';
import { type Run, timeSkipping } from './support.js';

const bench = timeSkipping();

const STEPS = ['files/a', 'files/b', 'files/c', 'files/d', 'settings'];

/** A repository of five steps, one after the other, beside one of which nothing goes wrong. */
function fiveSteps(): FakeWorld {
  const world = bench.world();
  world.onFailure = 'checkpoint';
  world.pages = [[repository('acme/api', STEPS), repository('acme/web')]];
  return world;
}

const retry = (run: Run) => run.handle.executeUpdate(retryUpdate, { args: [{ items: [], actor: 'ada' }] });
const done = (world: FakeWorld): string[] =>
  world.acts('do').flatMap((act) => (act.startsWith('acme/api ') ? [act.slice('acme/api '.length)] : []));

describe('five steps with on_failure: checkpoint', () => {
  it.each(STEPS.map((step, place) => ({ step, place })))(
    'of which $step is refused: the letter names the finished ones, a retry goes on there',
    async ({ step, place }) => {
      const world = fiveSteps();
      world.fates.set(`do acme/api ${step}`, ['refused']);
      const run = await bench.apply(world);
      const { deadLetters, totals } = await run.reaches('AwaitingOperator');
      expect(deadLetters).toMatchObject([{ item: 'acme/api', step, finishedSteps: STEPS.slice(0, place) }]);
      expect(totals).toMatchObject({ committed: 1, deadLettered: 1 });
      expect(done(world)).toEqual(STEPS.slice(0, place + 1));
      await retry(run);
      expect((await run.ends()).totals).toMatchObject({ committed: 2, deadLettered: 0 });
      expect(done(world)).toEqual([...STEPS.slice(0, place + 1), ...STEPS.slice(place)]);
      expect(world.acts('undo')).toEqual([]);
    },
  );

  it('names what each try has finished, not only the last', async () => {
    const world = fiveSteps();
    world.fates.set('do acme/api files/b', ['refused']);
    world.fates.set('do acme/api files/d', ['refused']);
    const run = await bench.apply(world);
    await run.reaches('AwaitingOperator');
    await retry(run);
    await bench.until(() => done(world).includes('files/d'), 'the second failure');
    const { deadLetters } = await run.reaches('AwaitingOperator');
    expect(deadLetters).toMatchObject([
      { step: 'files/d', finishedSteps: ['files/a', 'files/b', 'files/c'] },
    ]);
    await retry(run);
    expect((await run.ends()).totals).toMatchObject({ committed: 2, deadLettered: 0 });
    expect(done(world)).toEqual([
      'files/a',
      'files/b',
      'files/b',
      'files/c',
      'files/d',
      'files/d',
      'settings',
    ]);
  });

  it('does not repeat finished steps where what fails may pass and the item is tried again', async () => {
    const world = fiveSteps();
    world.settings.dead_letter.max_retries = 3;
    // Two tries of the step's level for each of the item's.
    world.fates.set('do acme/api files/c', ['unavailable', 'leaked', 'unavailable', 'ok']);
    const run = await bench.apply(world);
    expect((await run.ends()).totals).toMatchObject({ committed: 2, deadLettered: 0 });
    expect(done(world)).toEqual([...STEPS.slice(0, 2), ...Array(4).fill('files/c'), ...STEPS.slice(3)]);
  });

  it('goes on from history where the worker is lost between and in steps', async () => {
    const world = fiveSteps();
    world.settings.activity = { ...world.settings.activity, start_to_close: 300, heartbeat: 300 };
    world.fates.set('do acme/api files/c', ['silent', 'silent', 'ok']);
    const run = await bench.apply(world);
    expect((await run.ends()).totals).toMatchObject({ committed: 2, deadLettered: 0 });
    expect(done(world)).toEqual([...STEPS.slice(0, 2), ...Array(3).fill('files/c'), ...STEPS.slice(3)]);
  });
});
