import { describe, expect, it } from 'vitest';
import type { ActivityDeps } from '../../src/activities/deps.js';
import { planRestored, rollbackActivities } from '../../src/activities/rollback.js';
import type { RunRecord } from '../../src/store/store.js';
import type { RunState } from '../../src/workflows/contract.js';
import { anIntent } from '../support/an-intent.js';
import { aStore, newRun } from './rollback-support.js';
import { inActivity, SETTINGS } from './support.js';

const bench = aStore();

/** Activities over the real store; `open` are runs that Temporal still has open, by state; `parked` have a compensation that waits. */
function activities(open: Record<string, RunState> = {}, parked: string[] = []) {
  const discarded: string[] = [];
  const deps: Partial<ActivityDeps> = {
    store: bench.store,
    settings: SETTINGS,
    now: Date.now,
    stateOf: async (run) => open[run] ?? null,
    hasParked: async (run) => parked.includes(run),
    dismissLetters: async (run) => run in open,
    discard: async ({ run, item }, { reason }) => void discarded.push(`${run} ${item}: ${reason}`),
  };
  const all = rollbackActivities(deps as ActivityDeps);
  return { all, discarded, deps: deps as ActivityDeps };
}

async function aRun(more: Partial<RunRecord> = {}): Promise<string> {
  const run = more.run ?? newRun();
  await bench.store.putDocument('doc', JSON.stringify({ version: 1, organizations: [], files: {} }));
  await bench.store.saveRun({
    run,
    organizations: ['acme'],
    kind: 'apply',
    actor: 'ada',
    document: 'doc',
    options: { strategy: 'parallel', concurrency: 3, graphql: false },
    startedAt: 1,
    endedAt: 2,
    state: 'Committed',
    totals: null,
    ...more,
  });
  return run;
}

/** Makes a run own a change of that item. */
async function changed(run: string, item: string): Promise<void> {
  await bench.store.acquireLock('acme', run, 'holder');
  const intent = await bench.store.intend(anIntent({ run, item }));
  await bench.store.conclude(intent, 'applied', {});
  await bench.store.releaseLock('acme', run, 'holder');
}

async function opening(
  of: string,
  more: { open?: Record<string, RunState>; parked?: string[]; force?: boolean; as?: string } = {},
) {
  const { all } = activities(more.open, more.parked);
  const rollback = { of, actor: 'lin', force: more.force ?? false, wait: false };
  const answer = await inActivity(() => all.openRollback({ run: more.as ?? `${of}-rollback`, rollback }));
  if (answer.status !== 'done') throw new Error(answer.reason);
  return answer.value;
}

describe('opening a rollback', () => {
  it('records it as a run, and works as the run itself was asked for', async () => {
    const of = await aRun();
    await changed(of, 'acme/api');
    expect(await opening(of)).toMatchObject({
      opened: true,
      organizations: [{ login: 'acme', maxRetries: SETTINGS.dead_letter.max_retries }],
      graphql: false,
      concurrency: 3,
    });
    expect(await bench.store.getRun(`${of}-rollback`)).toMatchObject({
      kind: 'rollback',
      actor: 'lin',
      state: 'Planning',
      endedAt: null,
      options: { of, origin: of, force: false },
    });
  });

  it('is refused for a run that is unknown, still going, parked, or was refused', async () => {
    expect(await opening('apply-none')).toMatchObject({ opened: false, refusal: 'state' });
    const of = await aRun({ endedAt: null, state: 'Running' });
    const reasonIn = async (state: RunState) => {
      const opened = await opening(of, { open: { [of]: state } });
      return opened.opened ? null : opened.reason;
    };
    for (const state of ['Planning', 'Running', 'Compensating', 'AwaitingApproval'] as const)
      expect(await reasonIn(state)).toMatch(/still going .*orgsaga cancel/);
    expect(await reasonIn('Parked')).toMatch(/waits for a person/);
    expect(await reasonIn('AwaitingOperator')).toBeNull();
    const refused = await aRun({ state: 'Refused' });
    expect(await opening(refused)).toMatchObject({ opened: false });
    const other = await aRun({ kind: 'check' });
    expect(await opening(other)).toMatchObject({ reason: expect.stringContaining('a run of check') });
  });

  it('is refused for a closed run of which something is still parked, until that is decided', async () => {
    const of = await aRun({ state: 'Cancelled' });
    await changed(of, 'acme/api');
    expect(await opening(of, { parked: [of], force: true })).toMatchObject({
      opened: false,
      refusal: 'state',
      reason: expect.stringContaining(`decide on it first: orgsaga status ${of}`),
    });
    expect(await opening(of)).toMatchObject({ opened: true });
  });

  it('is refused for a run that left nothing, and not for one that was cancelled and kept', async () => {
    for (const state of ['RolledBack', 'Cancelled']) {
      const of = await aRun({ state });
      expect(await opening(of)).toMatchObject({ opened: false, reason: expect.stringContaining(state) });
      await changed(of, 'acme/api');
      expect(await opening(of)).toMatchObject({ opened: true });
    }
  });

  it('is refused for a run of which undos found nothing', async () => {
    const of = await aRun({ state: 'RolledBack' });
    await bench.store.acquireLock('acme', of, 'holder');
    const undo = await bench.store.intend(anIntent({ run: of, direction: 'undo', from: null, to: null }));
    await bench.store.conclude(undo, 'unchanged', {});
    await bench.store.releaseLock('acme', of, 'holder');
    expect(await opening(of)).toMatchObject({ opened: false, reason: expect.stringContaining('nothing') });
  });

  it('is refused for a run whose repository was left because of others, with its name and what to do', async () => {
    const of = await aRun({ kind: 'create-repo', state: 'RolledBack' });
    const wrote = { visibility: 'private' };
    const change = { step: 'repository', kind: 'repository', key: '', action: 'create' } as const;
    const intent = {
      run: of,
      item: 'acme/new',
      step: 'repository',
      change: { ...change, before: null, after: wrote },
    };
    await bench.store.acquireLock('acme', of, 'holder');
    const made = await bench.store.intend(anIntent({ ...intent, from: null, to: wrote }));
    await bench.store.conclude(made, 'applied', {});
    const found = { ...wrote, changed: ['issue #1'] };
    const undo = await bench.store.intend(anIntent({ ...intent, direction: 'undo', from: found, to: found }));
    await bench.store.conclude(undo, 'unchanged', {});
    await bench.store.releaseLock('acme', of, 'holder');
    const { reason } = (await opening(of, { force: true })) as { reason: string };
    expect(reason).toMatch(/acme\/new was left.*\(issue #1\).*delete it by hand/);
    expect(reason).not.toContain('--force');
  });

  it('takes up a run that was ended from outside', async () => {
    const of = await aRun({ endedAt: null, state: 'Running' });
    await changed(of, 'acme/api');
    expect(await opening(of)).toMatchObject({ opened: true });
  });

  it('is refused for one that is rolled back, until that was undone, or with --force', async () => {
    const of = await aRun();
    await changed(of, 'acme/api');
    const first = await aRun({ run: `${of}-rollback`, kind: 'rollback' });
    expect(await opening(of, { as: `${of}-rollback-2` })).toMatchObject({
      opened: false,
      reason: expect.stringContaining(first),
    });
    // Its own records stand under its name.
    expect(await opening(of, { force: true })).toMatchObject({ opened: false, instead: `${of}-rollback-2` });
    expect(await opening(of, { as: `${of}-rollback-2`, force: true })).toMatchObject({ opened: true });
    const other = await aRun();
    await aRun({ run: `${other}-rollback`, kind: 'rollback' });
    await aRun({ run: `${other}-rollback-rollback`, kind: 'rollback' });
    expect(await opening(other, { as: `${other}-rollback-2` })).toMatchObject({ opened: true });
  });

  it('is refused for a rollback after which another one of its run stands, until that one was undone', async () => {
    const of = await aRun();
    const [early, late] = [`${of}-rollback`, `${of}-rollback-2`];
    const both = { kind: 'rollback', options: { of } };
    await aRun({ ...both, run: early });
    await aRun({ ...both, run: late, endedAt: null, state: 'Running' });
    expect(await opening(early, { open: { [late]: 'Running' } })).toMatchObject({
      opened: false,
      refusal: 'state',
      reason: expect.stringContaining(`orgsaga watch ${late}`),
    });
    await aRun({ ...both, run: late });
    for (const force of [false, true])
      expect(await opening(early, { force })).toMatchObject({
        opened: false,
        refusal: 'state',
        reason: expect.stringContaining(`roll that one back first: orgsaga rollback ${late}`),
      });
    // What brought back what the early one took away lies under it all the same.
    const back = await aRun({ run: `${early}-rollback`, kind: 'rollback', options: { of: early } });
    expect(await opening(back)).toMatchObject({ opened: false, reason: expect.stringContaining(late) });
    expect(await opening(late)).toMatchObject({ opened: true });
    await aRun({ run: `${late}-rollback`, kind: 'rollback', options: { of: late } });
    expect(await opening(back)).toMatchObject({ opened: true });
  });

  it('is refused while another one is under way, also with --force', async () => {
    const of = await aRun();
    const first = await aRun({ run: `${of}-rollback`, kind: 'rollback', endedAt: null, state: 'Running' });
    const asked = { as: `${of}-rollback-2`, force: true };
    expect(await opening(of, { ...asked, open: { [first]: 'Running' } })).toMatchObject({
      opened: false,
      instead: first,
    });
    expect(await opening(of, asked)).toMatchObject({ opened: true });
  });

  it('knows by the store which ids are taken that Temporal has forgotten', async () => {
    const of = await aRun();
    await changed(of, 'acme/api');
    const [first, third] = [`${of}-rollback`, `${of}-rollback-3`];
    await aRun({ run: first, kind: 'rollback' });
    const refused = await opening(of);
    expect(refused).toMatchObject({
      opened: false,
      reason: expect.stringContaining(`rolled back by ${first} already`),
    });
    expect(refused).not.toHaveProperty('instead');
    await aRun({ run: `${first}-rollback`, kind: 'rollback' });
    // Of two that were ended from outside the store does not know how they ended.
    const terminated = {
      kind: 'rollback',
      endedAt: null,
      state: 'Running',
      options: { execution: 'another' },
    };
    await aRun({ ...terminated, run: `${of}-rollback-2` });
    expect(await opening(of)).toMatchObject({ opened: false, instead: third });
    const second = { as: `${of}-rollback-2`, open: { [`${of}-rollback-2`]: 'Planning' as const } };
    expect(await opening(of, second)).toMatchObject({ opened: false, instead: third });
    expect(await opening(of, { as: third })).toMatchObject({ opened: true });
    // Asked for again because its answer was lost.
    expect(await opening(of, { as: third, open: { [third]: 'Planning' } })).toMatchObject({ opened: true });
  });
});

describe('a rollback that is open', () => {
  it('waits while the run lets its letters go, then discards those that are left', async () => {
    const of = await aRun();
    const target = anIntent().target;
    const letter = { run: of, organization: 'acme', item: 'acme/api', kind: 'repository' as const, target };
    await bench.store.saveItems([{ ...letter, outcome: 'deadLettered', at: 1 }]);
    const input = { run: `${of}-rollback`, of, actor: 'lin', after: null };
    const going = activities({ [of]: 'AwaitingOperator' });
    expect(await inActivity(() => going.all.closeRolledBack(input))).toMatchObject({ status: 'notYet' });
    expect(going.discarded).toEqual([]);
    const closed = activities();
    expect(await inActivity(() => closed.all.closeRolledBack(input))).toMatchObject({
      value: { next: null },
    });
    expect(closed.discarded).toEqual([`${of} acme/api: run rolled back`]);
    await bench.store.acquireLock('acme', of, 'holder');
    await expect(bench.store.intend(anIntent({ run: of }))).rejects.toThrow('cancelled');
    await bench.store.releaseLock('acme', of, 'holder');
  });

  it('goes through what the run touched, the one begun last first, a page at a time', async () => {
    const of = await aRun();
    for (const item of ['acme/a', 'acme/b', 'acme/c', 'acme/a']) await changed(of, item);
    await opening(of);
    const { deps } = activities();
    const all = rollbackActivities({
      ...deps,
      settings: { ...SETTINGS, batch: { ...SETTINGS.batch, page: 2 } },
    });
    const page = async (after: number | null) => {
      const input = { run: `${of}-rollback`, organization: 'ACME', after };
      const answer = await inActivity(() => all.planRollback(input));
      if (answer.status !== 'done') throw new Error(answer.reason);
      const { items, next } = answer.value;
      // Pages that are not begun any more are counted by the same rule.
      const counted = await inActivity(() => all.countRollback(input));
      expect(counted).toMatchObject({ status: 'done', value: { repositories: items.length, next } });
      return { items: items.map(({ item }) => item), next };
    };
    const first = await page(null);
    expect(first.items).toEqual(['acme/c', 'acme/b']);
    expect(await page(first.next)).toEqual({ items: ['acme/a'], next: null });
  });

  it('plans one item again for a retry, and leaves items of other runs to their file', async () => {
    const of = await aRun();
    await changed(of, 'acme/api');
    await opening(of, { force: true });
    expect(await planRestored(bench, `${of}-rollback`, 'repository', 'acme/api')).toMatchObject({
      changes: [{ restore: { of, force: true } }],
    });
    expect(await planRestored(bench, `${of}-rollback`, 'repository', 'acme/none')).toBeNull();
    expect(await planRestored(bench, of, 'repository', 'acme/api')).toBeUndefined();
  });
});
