import { describe, expect, it } from 'vitest';
import { cancelUpdate, discardUpdate, resolveUpdate, retryUpdate } from '../../src/workflows/contract.js';
import { ITEMS_A_PAGE } from '../../src/workflows/items-pages.js';
import { type FakeWorld, gate, organizationSettings, repository } from './fake-world.js';
import { type Run, timeSkipping } from './support.js';

const bench = timeSkipping();

const COUNT = 2 * ITEMS_A_PAGE + 7;
/** Far below ten for each item: what a run's history takes may not grow with them. */
const FEW_EVENTS = 250;

const api = (index: number): string => `acme/api-${index}`;
const each = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const team = (name: string) => ({
  ...organizationSettings('acme'),
  item: `acme/teams/${name}`,
  kind: 'team' as const,
});

/** A run at rest whose repositories were all refused as often as `times` says. */
async function withLetters(count: number, times = 1): Promise<{ world: FakeWorld; run: Run }> {
  const world = bench.world();
  world.pages = [each(count, (index) => repository(api(index)))];
  for (const index of each(count, (at) => at))
    world.fates.set(
      `do ${api(index)} settings`,
      each(times, () => 'refused' as const),
    );
  const run = await bench.apply(world);
  expect((await run.reaches('AwaitingOperator')).deadLetters.length).toBe(count);
  return { world, run };
}

const retry = (run: Run) => run.handle.executeUpdate(retryUpdate, { args: [{ items: [], actor: 'ada' }] });
const cancel = (run: Run) =>
  run.handle.executeUpdate(cancelUpdate, { args: [{ keep: false, actor: 'ada' }] });
const eventsOf = async ({ handle }: Run): Promise<number> =>
  (await handle.fetchHistory()).events?.length ?? 0;

describe('many dead letters', () => {
  it('are retried in pages, once each, under the lock, and are all done', async () => {
    const { world, run } = await withLetters(COUNT);
    expect((await retry(run)).accepted.length).toBe(COUNT);
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Committed', deadLetters: [] });
    expect(status.totals).toMatchObject({ repositories: COUNT, committed: COUNT, deadLettered: 0 });
    expect(world.acts('do').length).toBe(2 * COUNT);
    expect(new Set([...world.items.values()].map(({ outcome }) => outcome))).toEqual(new Set(['committed']));
    expect(world.locks.size).toBe(0);
    expect(await eventsOf(run)).toBeLessThan(FEW_EVENTS);
  });

  it('stay letters where they fail again, with what is new of them', async () => {
    const { world, run } = await withLetters(COUNT);
    world.fates.set(`do ${api(3)} settings`, ['refused']);
    world.fates.set(`do ${api(COUNT - 1)} settings`, ['conflict']);
    await retry(run);
    await bench.until(() => world.acts('do').length === 2 * COUNT);
    const status = await run.reaches('AwaitingOperator');
    expect(status.deadLetters).toMatchObject([{ item: api(3), workflowId: `${run.id}/${api(3)}` }]);
    expect(status.conflicts).toMatchObject([{ item: api(COUNT - 1), found: 'foreign' }]);
    expect(status.totals).toMatchObject({ committed: COUNT - 1, deadLettered: 1 });
    await retry(run);
    expect((await run.ends()).totals).toMatchObject({ committed: COUNT, deadLettered: 0 });
  });

  it('have their turn by what they need: teams that are made one by one, then repositories', async () => {
    const world = bench.world();
    world.onFailure = 'checkpoint';
    const teams = each(12, (index) => team(`team-${String(index).padStart(2, '0')}/create`));
    world.before = teams;
    world.pages = [each(12, (index) => repository(api(index)))];
    for (const { item } of [...teams, ...world.pages.flat()])
      world.fates.set(`do ${item} settings`, ['refused']);
    const run = await bench.apply(world);
    expect((await run.reaches('AwaitingOperator')).deadLetters.length).toBe(24);
    const { until, open } = gate();
    world.fates.set(`do ${teams[1]?.item} settings`, { until });
    const begun = world.acts('do').length;
    await retry(run);
    await bench.until(() => world.acts('do').length === begun + 2);
    await bench.environment.sleep(5_000);
    expect(world.acts('do').slice(begun)).toEqual(teams.slice(0, 2).map(({ item }) => `${item} settings`));
    open();
    expect(await run.ends()).toMatchObject({ state: 'Committed', deadLetters: [] });
    expect(world.acts('do').slice(begun, begun + 12)).toEqual(teams.map(({ item }) => `${item} settings`));
  });

  it('that fail again are free for another order while the others of their page go on', async () => {
    const { world, run } = await withLetters(30);
    const { until, open } = gate();
    world.fates.set(`do ${api(0)} settings`, { until });
    for (const index of [1, 2]) world.fates.set(`do ${api(index)} settings`, ['refused']);
    await retry(run);
    await bench.until(() => world.wanted().length === 27);
    const lastFailed = async (index: number): Promise<string | undefined> =>
      (await run.status()).deadLetters.find(({ item }) => item === api(index))?.lastFailedAt;
    const [before] = await Promise.all([lastFailed(1), lastFailed(2)]);
    await bench.until(async () => (await lastFailed(1)) !== before, 'the page to tell of it');
    const again = { items: [api(1)], actor: 'ada' };
    expect(await run.handle.executeUpdate(retryUpdate, { args: [again] })).toMatchObject({ refused: [] });
    await bench.until(() => world.wanted().length === 28, 'the second retry');
    const given = { items: [api(2), api(0)], actor: 'ada', reason: 'not ours' };
    expect(await run.handle.executeUpdate(discardUpdate, { args: [given] })).toEqual({
      accepted: [api(2)],
      refused: [{ item: api(0), reason: 'it is being retried' }],
    });
    open();
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Committed', deadLetters: [] });
    expect(status.totals).toMatchObject({ repositories: 30, committed: 29, deadLettered: 1 });
  });

  it('of teams are retried as they failed, whatever the order that they are named in', async () => {
    const world = bench.world();
    world.onFailure = 'checkpoint';
    world.before = ['zeta', 'alpha'].map((name) => team(`${name}/create`));
    for (const { item } of world.before) world.fates.set(`do ${item} settings`, ['refused']);
    const run = await bench.apply(world);
    await run.reaches('AwaitingOperator');
    const begun = world.acts('do').length;
    const items = world.before.map(({ item }) => item).toSorted();
    // The parent alone, in vain, does not put it behind its child.
    world.fates.set(`do ${items[1]} settings`, ['refused']);
    await run.handle.executeUpdate(retryUpdate, { args: [{ items: items.slice(1), actor: 'ada' }] });
    await bench.until(() => world.acts('do').length === begun + 1);
    await run.reaches('AwaitingOperator');
    await run.handle.executeUpdate(retryUpdate, { args: [{ items, actor: 'ada' }] });
    expect((await run.ends()).state).toBe('Committed');
    expect(world.acts('do').slice(begun + 1)).toEqual(world.before.map(({ item }) => `${item} settings`));
  });

  it('are discarded in pages, and stay counted', async () => {
    const { world, run } = await withLetters(COUNT);
    const asked = { items: [], actor: 'ada', reason: 'not ours' };
    const answer = await run.handle.executeUpdate(discardUpdate, { args: [asked] });
    expect(answer).toMatchObject({ accepted: { length: COUNT }, refused: [] });
    expect((await run.ends()).totals).toMatchObject({ committed: 0, deadLettered: COUNT });
    expect(world.acts('do').length).toBe(COUNT);
    expect(await eventsOf(run)).toBeLessThan(FEW_EVENTS);
  });

  it('are undone when the run is cancelled meanwhile, and what had not begun never does', async () => {
    const { world, run } = await withLetters(COUNT);
    const { until, open } = gate();
    for (const index of [0, 60]) world.fates.set(`do ${api(index)} settings`, { until });
    await retry(run);
    await bench.until(() => world.acts('do').length === 2 * COUNT);
    await bench.until(() => world.wanted().length === COUNT - 2);
    const cancelled = cancel(run);
    open();
    await cancelled;
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'Cancelled', deadLetters: [] });
    expect(status.totals).toMatchObject({ rolledBack: COUNT, committed: 0, deadLettered: 0 });
    expect(world.wanted()).toEqual([]);
    expect(world.locks.size).toBe(0);
  });

  it('do not wait for one that parks', async () => {
    const { world, run } = await withLetters(30);
    world.pages[0]?.splice(0, 1, repository(api(0), ['files/a', 'settings']));
    world.fates.set(`do ${api(0)} settings`, ['refused']);
    world.fates.set(`undo ${api(0)} files/a`, ['refused']);
    await retry(run);
    const status = await run.reaches('Parked');
    expect(status.totals).toMatchObject({ committed: 29, parked: 1, deadLettered: 0 });
    expect(world.locks.size).toBe(0);
    const item = bench.environment.client.workflow.getHandle(`${run.id}/${api(0)}`);
    const asked = { step: 'files/a', decision: 'retry' as const, actor: 'ada' };
    await item.executeUpdate(resolveUpdate, { args: [asked] });
    expect((await run.reaches('AwaitingOperator')).totals).toMatchObject({ committed: 29, deadLettered: 1 });
    await run.handle.terminate();
  });
});

describe('many teams', () => {
  it('are worked on in pages: made in their order, changed side by side', async () => {
    const world = bench.world();
    world.before = [organizationSettings('acme'), ...each(COUNT, (index) => team(`t${index}/create`))];
    world.after = each(COUNT, (index) => team(`t${index}`));
    const run = await bench.apply(world);
    expect(await run.ends()).toMatchObject({ state: 'Committed' });
    expect(world.acts('do').slice(0, COUNT + 1)).toEqual(world.before.map(({ item }) => `${item} settings`));
    expect(world.wanted().length).toBe(2 * COUNT + 1);
    expect(world.items.size).toBe(2 * COUNT + 1);
    expect(await eventsOf(run)).toBeLessThan(FEW_EVENTS);
  });

  it('are undone where one of them fails, and say which', async () => {
    const world = bench.world();
    world.after = each(COUNT, (index) => team(`t${index}`));
    world.fates.set(`do acme/teams/t5 settings`, 'refused');
    const run = await bench.apply(world);
    const status = await run.ends();
    expect(status).toMatchObject({ state: 'RolledBack', reason: expect.stringContaining('acme/teams/t5: ') });
    expect(world.wanted()).toEqual([]);
    expect(world.acts('do')).not.toContain(`acme/teams/t${ITEMS_A_PAGE} settings`);
  });

  it('are kept, those that were done, after a cancel that keeps, and no more are begun', async () => {
    const world = bench.world();
    world.before = each(COUNT, (index) => team(`t${index}/create`));
    const { until, open } = gate();
    world.fates.set('do acme/teams/t2/create settings', { until });
    const run = await bench.apply(world);
    await bench.until(() => world.acts('do').length === 3);
    await run.handle.executeUpdate(cancelUpdate, { args: [{ keep: true, actor: 'ada' }] });
    open();
    expect((await run.ends()).state).toBe('Cancelled');
    expect(world.wanted().length).toBe(3);
    expect(world.items.size).toBe(3);
  });
});
