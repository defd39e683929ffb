import { describe, expect, it } from 'vitest';
import {
  cancelUpdate,
  discardSignal,
  discardUpdate,
  itemParkedSignal,
  itemSettledSignal,
  pageReadSignal,
  retrySignal,
  retryUpdate,
} from '../../src/workflows/contract.js';
import { gate, organizationSettings, repository } from './fake-world.js';
import { type Run, timeSkipping } from './support.js';

const bench = timeSkipping();

/** A run at rest with one dead letter, `acme/api`, whose step goes well from now on. */
async function withLetter() {
  const world = bench.world();
  world.pages = [[repository('acme/api'), repository('acme/web')]];
  world.fates.set('do acme/api settings', ['refused']);
  const run = await bench.apply(world);
  const status = await run.reaches('AwaitingOperator');
  return { world, run, status };
}

const retry = (run: Run, items: string[] = []) =>
  run.handle.executeUpdate(retryUpdate, { args: [{ items, actor: 'ada' }] });

describe('a run with a dead letter', () => {
  it('waits at rest with its lock free', async () => {
    const { world, run, status } = await withLetter();
    expect(status.deadLetters.map(({ item }) => item)).toEqual(['acme/api']);
    expect(status.deadline).not.toBeNull();
    expect(world.locks.size).toBe(0);
    await run.handle.terminate();
  });

  it('takes a retry by Update, under the lock, to its end', async () => {
    const { world, run } = await withLetter();
    expect(await retry(run, ['acme/api'])).toEqual({ accepted: ['acme/api'], refused: [] });
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Committed', deadLetters: [] });
    expect(status.totals).toMatchObject({ committed: 2, deadLettered: 0 });
    expect(world.locks.size).toBe(0);
    expect(world.items.get('acme/api')?.outcome).toBe('committed');
  });

  it('retries in the order of a run: a repository waits for the team that it may need, and others for neither', async () => {
    const world = bench.world();
    world.onFailure = 'checkpoint';
    const create = { ...organizationSettings('acme'), item: 'acme/teams/newt/create', kind: 'team' as const };
    world.before = [create];
    world.pages = [[repository('acme/api')]];
    for (const item of ['acme/api', create.item]) world.fates.set(`do ${item} settings`, ['refused']);
    const run = await bench.apply(world);
    expect((await run.reaches('AwaitingOperator')).deadLetters.length).toBe(2);
    const { until, open } = gate();
    world.fates.set(`do ${create.item} settings`, { until });
    const begun = world.acts('do').length;
    expect((await retry(run, ['acme/api', create.item])).accepted.length).toBe(2);
    await bench.until(() => world.acts('do').length > begun);
    await bench.environment.sleep(5_000);
    expect(world.acts('do').slice(begun)).toEqual([`${create.item} settings`]);
    open();
    expect(await run.ends()).toMatchObject({ state: 'Committed', deadLetters: [] });
    expect(world.acts('do').slice(begun)).toEqual([`${create.item} settings`, 'acme/api settings']);
  });

  it('takes a retry by signal without input from the Web UI', async () => {
    const { run } = await withLetter();
    await run.handle.signal(retrySignal);
    expect((await run.ends()).totals).toMatchObject({ committed: 2, deadLettered: 0 });
  });

  it('does the work once when it is asked twice at once', async () => {
    const { world, run } = await withLetter();
    const answers = await Promise.all([retry(run), retry(run, ['acme/api'])]);
    expect(answers.map(({ accepted }) => accepted)).toEqual([['acme/api'], ['acme/api']]);
    expect((await run.ends()).totals).toMatchObject({ committed: 2, deadLettered: 0 });
    expect(world.acts('do').filter((act) => act === 'acme/api settings').length).toBe(2);
  });

  it('keeps the letter when the retry fails again', async () => {
    const { world, run } = await withLetter();
    world.fates.set('do acme/api settings', ['refused']);
    await retry(run);
    await bench.until(() => world.acts('do').filter((act) => act === 'acme/api settings').length === 2);
    const status = await run.reaches('AwaitingOperator');
    expect(status.totals).toMatchObject({ repositories: 2, committed: 1, deadLettered: 1 });
    await bench.until(() => world.locks.size === 0, 'the lock to be free');
    await retry(run);
    expect((await run.ends()).totals).toMatchObject({ committed: 2, deadLettered: 0 });
  });

  it('ends one that is discarded, and stays counted', async () => {
    const { run } = await withLetter();
    const order = { items: ['acme/api'], actor: 'ada', reason: 'will be archived' };
    const answer = await run.handle.executeUpdate(discardUpdate, { args: [order] });
    expect(answer).toEqual({ accepted: ['acme/api'], refused: [] });
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Committed', deadLetters: [] });
    const item = await bench.environment.client.workflow.getHandle(`${run.id}/acme/api`).describe();
    expect(item.status.name).toBe('COMPLETED');
  });

  it('closes as Committed with the letter when the deadline passes', async () => {
    const { run, status } = await withLetter();
    const ended = await run.ends();
    expect(ended).toMatchObject({ state: 'Committed', totals: { committed: 1, deadLettered: 1 } });
    expect(ended.deadLetters.map(({ item }) => item)).toEqual(['acme/api']);
    expect(ended.durationMs).toBeGreaterThanOrEqual(86_400_000);
    expect(status.deadline).toBe(new Date(Date.parse(status.deadline ?? '')).toISOString());
  });

  it('refuses a retry while another run writes to the organisation', async () => {
    const { world, run } = await withLetter();
    world.locks.set('acme', 'apply-other');
    const { accepted, refused } = await retry(run);
    expect(accepted).toEqual([]);
    expect(refused).toMatchObject([{ item: 'acme/api', reason: expect.stringContaining('apply-other') }]);
    world.locks.delete('acme');
    await retry(run);
    expect((await run.ends()).state).toBe('Committed');
  });

  it('refuses items that are none of its letters, and says so', async () => {
    const { run } = await withLetter();
    const { accepted, refused } = await retry(run, ['acme/web', 'acme/none']);
    expect(accepted).toEqual([]);
    expect(refused.map(({ item }) => item)).toEqual(['acme/web', 'acme/none']);
    await run.handle.terminate();
  });

  it('rejects Updates with rubbish, before they reach its history', async () => {
    const { run } = await withLetter();
    const rubbish = [undefined, {}, { items: 'all' }, { items: [7] }, { items: Array(501).fill('acme/api') }];
    for (const argument of rubbish)
      await expect(run.handle.executeUpdate(retryUpdate, { args: [argument as never] })).rejects.toThrow();
    expect((await run.status()).deadLetters.length).toBe(1);
    await run.handle.terminate();
  });

  it('survives signals with rubbish and takes none of it for an order', async () => {
    const { world, run } = await withLetter();
    const acts = world.log.length;
    for (const rubbish of [7, 'all', { items: [] }, [7]] as never[])
      await run.handle.signal(retrySignal, rubbish);
    for (const rubbish of [7, 'all', { items: 7 }] as never[]) {
      if (rubbish !== (7 as never) && rubbish !== ('all' as never))
        await run.handle.signal(discardSignal, rubbish);
      await run.handle.signal(itemParkedSignal, rubbish);
      await run.handle.signal(itemSettledSignal, null as never);
      await run.handle.signal(pageReadSignal, null as never);
    }
    expect((await run.status()).deadLetters.length).toBe(1);
    expect(world.log.length).toBe(acts);
    await retry(run);
    expect((await run.ends()).state).toBe('Committed');
  });

  it('undoes everything and closes its letters when it is cancelled', async () => {
    const { world, run } = await withLetter();
    await run.handle.executeUpdate(cancelUpdate, { args: [{ keep: false, actor: 'ada' }] });
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Cancelled', deadLetters: [] });
    expect(status.totals).toMatchObject({ repositories: 2, rolledBack: 2, committed: 0, deadLettered: 0 });
    expect(world.wanted()).toEqual([]);
    const item = await bench.environment.client.workflow.getHandle(`${run.id}/acme/api`).describe();
    expect(item.status.name).toBe('COMPLETED');
  });
});

describe('a letter that is retried while pages are under way', () => {
  it('disturbs neither the pages nor the lock', async () => {
    const world = bench.world();
    const { until, open } = gate();
    world.before = [{ ...organizationSettings('acme'), item: 'acme/settings' }];
    world.onFailure = 'checkpoint';
    world.pages = [
      [repository('acme/a')],
      [repository('acme/b')],
      [repository('acme/c')],
      [repository('acme/d')],
    ];
    world.fates.set('do acme/settings settings', ['refused']);
    world.fates.set('planPage 0', { until });
    const run = await bench.apply(world);
    await bench.until(() => world.log.includes('planPage 0'));
    await bench.until(async () => (await run.status()).deadLetters.length === 1);
    expect(await retry(run)).toMatchObject({ accepted: ['acme/settings'] });
    await bench.until(() => world.wanted().includes('acme/settings settings'));
    expect(world.locks.get('acme')).toBe(run.id);
    open();
    const status = await run.ends();
    expect(status.totals).toMatchObject({ repositories: 4, committed: 4 });
    expect(world.locks.size).toBe(0);
  });
});
