import { describe, expect, it } from 'vitest';
import {
  cancelUpdate,
  discardUpdate,
  type ItemInput,
  retryUpdate,
  WORKFLOWS,
} from '../../src/workflows/contract.js';
import { gate, repository, SETTINGS } from './fake-world.js';
import { timeSkipping } from './support.js';

const bench = timeSkipping();

describe('letters that are retried and discarded at once', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `acme/${name}`);
  const all = (reason: string) => names.map((item) => ({ item, reason }));
  const retrying = { args: [{ items: names, actor: 'ada' }] satisfies [unknown] };
  const discarding = { args: [{ items: names, actor: 'lin', reason: 'not ours' }] satisfies [unknown] };
  /** What is sent next comes second. */
  const first = { waitForStage: 'ACCEPTED' } as const;

  async function withLetters(deadline = SETTINGS.dead_letter.deadline) {
    const world = bench.world();
    world.settings.dead_letter.deadline = deadline;
    world.pages = [names.map((name) => repository(name))];
    for (const name of names) world.fates.set(`do ${name} settings`, ['refused']);
    const run = await bench.apply(world);
    const status = await run.reaches('AwaitingOperator');
    expect(status.deadLetters.length).toBe(6);
    return { world, run };
  }

  it('are those of the discard where it came first: none of them counts as committed', async () => {
    const { world, run } = await withLetters();
    const discard = await run.handle.startUpdate(discardUpdate, { ...discarding, ...first });
    const retried = await run.handle.executeUpdate(retryUpdate, retrying);
    expect(await discard.result()).toEqual({ accepted: names, refused: [] });
    expect(retried.accepted).toEqual([]);
    expect(retried.refused.map(({ item }) => item)).toEqual(names);
    const { totals } = await run.ends();
    expect(totals).toMatchObject({ repositories: 6, committed: 0, inSync: 0, deadLettered: 6 });
    expect(world.wanted()).toEqual([]);
    expect(world.locks.size).toBe(0);
  });

  it('are those of the retry where it came first, also while it waits for the lock', async () => {
    const { world, run } = await withLetters();
    const { until, open } = gate();
    world.fates.set('acquireLock', { until });
    const retried = await run.handle.startUpdate(retryUpdate, { ...retrying, ...first });
    const discard = await run.handle.executeUpdate(discardUpdate, discarding);
    expect(discard).toEqual({ accepted: [], refused: all('it is being retried') });
    open();
    expect(await retried.result()).toEqual({ accepted: names, refused: [] });
    expect((await run.ends()).totals).toMatchObject({ committed: 6, deadLettered: 0 });
    expect(world.wanted().length).toBe(6);
  });

  it('may be discarded after a retry that was refused, and then are not retried', async () => {
    const { world, run } = await withLetters();
    world.locks.set('acme', 'apply-other');
    const refused = all('run apply-other is writing to acme; retry when it is at rest');
    const twice = await Promise.all([1, 2].map(() => run.handle.executeUpdate(retryUpdate, retrying)));
    expect(twice).toEqual([1, 2].map(() => ({ accepted: [], refused })));
    const answers = await Promise.all([1, 2].map(() => run.handle.executeUpdate(discardUpdate, discarding)));
    expect(answers).toEqual([1, 2].map(() => ({ accepted: names, refused: [] })));
    expect((await run.ends()).totals).toMatchObject({ committed: 0, deadLettered: 6 });
  });

  it('are closed with a run that is cancelled while a retry waits for the lock', async () => {
    const { world, run } = await withLetters();
    const { until, open } = gate();
    world.fates.set('acquireLock', { until });
    const retried = await run.handle.startUpdate(retryUpdate, { ...retrying, ...first });
    await run.handle.executeUpdate(cancelUpdate, { args: [{ keep: false, actor: 'ada' }] });
    open();
    const { accepted, refused } = await retried.result();
    expect([...accepted, ...refused.map(({ item }) => item)].toSorted()).toEqual(names);
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Cancelled', deadLetters: [], totals: { rolledBack: 6 } });
    expect(world.wanted()).toEqual([]);
    expect(world.locks.size).toBe(0);
  });

  it('keep a run open past its deadline until a retry that waits for the lock has ended', async () => {
    const { world, run } = await withLetters(2_000);
    const { until, open } = gate();
    world.fates.set('acquireLock', { until });
    const retried = await run.handle.startUpdate(retryUpdate, { ...retrying, ...first });
    await bench.environment.sleep(3_000);
    expect((await run.status()).state).toBe('AwaitingOperator');
    open();
    expect(await retried.result()).toEqual({ accepted: names, refused: [] });
    expect((await run.ends()).totals).toMatchObject({ committed: 6, deadLettered: 0 });
  });

  it('are not counted as committed by a retry that finds the workflow of a discard past their run', async () => {
    const { world, run } = await withLetters();
    const [item = ''] = names;
    const input: ItemInput = {
      run: run.id,
      organization: 'acme',
      item,
      kind: 'repository',
      mode: 'discard',
      planned: null,
      readAt: 0,
      actor: 'lin',
      graphql: true,
      onFailure: 'rollback',
      settings: SETTINGS,
      discard: { actor: 'lin', reason: 'not ours' },
      standalone: true,
    };
    const workflowId = `${run.id}/${item}`;
    const { workflow } = bench.environment.client;
    await workflow.execute(WORKFLOWS.item, { taskQueue: 'test', workflowId, args: [input] });
    await run.handle.executeUpdate(retryUpdate, retrying);
    expect(await run.ends()).toMatchObject({ deadLetters: [], totals: { committed: 5, deadLettered: 1 } });
    expect(world.wanted().length).toBe(5);
  });
});
