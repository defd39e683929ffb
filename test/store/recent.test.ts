import { expect, it } from 'vitest';
import { anIntent } from '../support/an-intent.js';
import { describeStores } from '../support/stores.js';

describeStores('What was written lately', ({ fresh, open }) => {
  it('is what was applied to items since then, whatever the run, and nothing else', async () => {
    const options = await fresh();
    const now = { is: 1_700_000_000_000 };
    const store = await open({ ...options, now: () => now.is });
    const wrote = async (run: string, item: string, ...outcomes: ('applied' | 'refused' | 'unknown')[]) => {
      await store.acquireLock('acme', run, run);
      const id = await store.intend(anIntent({ run, item }));
      for (const outcome of outcomes) await store.conclude(id, outcome, {});
      await store.releaseLock('acme', run, run);
      return id;
    };
    await wrote('r1', 'acme/api', 'applied');
    now.is += 10_000;
    const since = now.is;
    const first = await wrote('r1', 'acme/api', 'unknown', 'applied');
    const second = await wrote('r2', 'acme/web', 'applied');
    await wrote('r2', 'acme/api', 'refused');
    await wrote('r2', 'acme/api', 'unknown');
    await wrote('r2', 'acme/api');
    await wrote('r2', 'acme/other', 'applied');
    const recent = await store.recentlyApplied(['acme/web', 'acme/api', 'acme/none'], since);
    expect(recent.map(({ id, run }) => [id, run])).toEqual([
      [first, 'r1'],
      [second, 'r2'],
    ]);
    expect(recent[0]).toEqual((await store.recordsOfItem('r1', 'acme/api')).at(-1));
    expect(await store.recentlyApplied([], since)).toEqual([]);
    now.is += 5;
    await wrote('r2', 'acme/api', 'unknown');
    expect([await store.lastApplied('r1'), await store.lastApplied('r2')]).toEqual([since, since]);
    expect(await store.lastApplied('r3')).toBe(0);
  });

  it('is lost where nobody has seen its own answer, in that organisation and by another run', async () => {
    const options = await fresh();
    const now = { is: 1_700_000_000_000 };
    const store = await open({ ...options, now: () => now.is });
    const sent = async (organization: string, ...found: Parameters<typeof store.conclude>[1][]) => {
      await store.acquireLock(organization, 'r1', 'r1');
      const id = await store.intend(anIntent({ organization }));
      for (const outcome of found) await store.conclude(id, outcome, { found: outcome !== 'unknown' });
      return id;
    };
    await sent('acme');
    now.is += 10;
    const lost = [await sent('acme'), await sent('ACME', 'unknown'), await sent('acme', 'applied')];
    const last = await sent('acme', 'unknown', 'refused');
    await store.conclude(await sent('acme'), 'applied', {});
    await store.conclude(await sent('acme', 'unknown'), 'refused', {});
    await sent('globex');
    const calls = await store.lostCalls('Acme', 'r2', now.is);
    expect(calls.map(({ id, lostAt, found, outcome }) => [id, lostAt, found, outcome])).toEqual([
      [lost[0], null, false, 'intended'],
      [lost[1], now.is, false, 'unknown'],
      [lost[2], null, true, 'applied'],
      [last, now.is, true, 'refused'],
    ]);
    expect(await store.lostCalls('acme', 'r1', now.is)).toEqual([]);
  });
});
