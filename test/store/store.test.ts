import { expect, it } from 'vitest';
import { FencedError, type ItemRecord, type RunRecord, StoppedError } from '../../src/store/store.js';
import { anIntent } from '../support/an-intent.js';
import { describeStores } from '../support/stores.js';

const aRun: RunRecord = {
  run: 'r1',
  organizations: ['acme', 'umbra'],
  kind: 'apply',
  actor: 'ada',
  document: 'sha256:1',
  options: { wait: true, note: 'naïve ☂ \u0000' },
  startedAt: 1_700_000_000_123,
  endedAt: null,
  state: null,
  totals: {},
};

const anItem: ItemRecord = {
  run: 'r1',
  organization: 'acme',
  item: 'acme/api',
  kind: 'repository',
  target: { owner: 'acme', name: 'api', id: 7, node_id: 'R_7', default_branch: null },
  outcome: 'committed',
  at: 1_700_000_000_000,
};

describeStores('The store', ({ fresh, open }) => {
  it('keeps documents, the first body of a hash', async () => {
    const store = await open(await fresh());
    const body = `version: 1\n# ünïcödé 🌂 "quotes"\n${'x'.repeat(100_000)}`;
    await store.putDocument('sha256:1', body);
    await store.putDocument('sha256:1', 'another');
    expect(await store.getDocument('sha256:1')).toBe(body);
    expect(await store.getDocument('sha256:2')).toBeNull();
    await expect(store.putDocument('sha256:3', 'a\0b')).rejects.toThrow('NUL');
  });

  it('keeps what was written when it is opened again', async () => {
    const options = await fresh();
    const first = await open(options);
    await first.saveRun(aRun);
    await first.acquireLock('acme', 'r1', 'apply');
    const id = await first.intend(anIntent());
    const second = await open(options);
    expect(await second.getRun('r1')).toEqual(aRun);
    expect(await second.recordsOfItem('r1', 'acme/api')).toMatchObject([{ id, outcome: 'intended' }]);
    expect(await second.acquireLock('acme', 'r1', 'apply')).toEqual({ granted: true, fence: 1 });
  });

  it('upserts runs', async () => {
    const store = await open(await fresh());
    expect(await store.getRun('r1')).toBeNull();
    await store.saveRun(aRun);
    expect(await store.getRun('r1')).toEqual(aRun);
    const ended = { ...aRun, endedAt: 1_700_000_009_999, state: 'Committed', totals: { repositories: 60 } };
    await store.saveRun(ended);
    expect(await store.getRun('r1')).toEqual(ended);
  });

  it('upserts items and lists them newest first in pages that miss none and repeat none', async () => {
    const store = await open(await fresh());
    const all = Array.from({ length: 25 }, (_, index) => ({
      ...anItem,
      item: `acme/${index}`,
      at: 1000 + (index % 4),
    }));
    await Promise.all(all.map((one) => store.saveItems([{ ...one, outcome: 'parked' }])));
    await store.saveItems(all);
    await store.saveItems([{ ...anItem, item: 'acme/dead', outcome: 'deadLettered' }]);
    await store.saveItems([{ ...anItem, run: 'r2' }]);
    expect(await store.getItem('r1', 'acme/0')).toEqual(all[0]);
    expect(await store.getItem('r1', 'acme/none')).toBeNull();
    const listed: ItemRecord[] = [];
    let after: string | null = null;
    do {
      const page = await store.listItems('r1', ['committed'], 10, after);
      expect(page.items.length).toBe(listed.length < 20 ? 10 : 5);
      listed.push(...page.items);
      after = page.next;
    } while (after !== null);
    // Whatever the clock said.
    expect(listed.map(({ item }) => item)).toEqual(all.map(({ item }) => item).toReversed());
    const both = await store.listItems('r1', ['deadLettered', 'committed'], 100, null);
    expect(both.items.map(({ outcome }) => outcome).toSorted()).toEqual([
      ...all.map(() => 'committed'),
      'deadLettered',
    ]);
    expect(both.items[0]?.item).toBe('acme/dead');
    await store.saveItems([{ ...anItem, item: 'acme/3', at: 1 }]);
    expect((await store.listItems('r1', ['committed'], 1, null)).items[0]?.item).toBe('acme/3');
    expect((await store.listItems('r1', ['parked'], 10, null)).items).toEqual([]);
    await expect(store.listItems('r1', ['committed'], 10, 'nonsense')).rejects.toThrow('no place in a list');
  });

  it('lets exactly one of 20 claims of a request key win', async () => {
    const options = await fresh();
    const stores = await Promise.all([open(options), open(options)]);
    const claims = Array.from({ length: 20 }, (_, index) => index);
    const answers = await Promise.all(
      claims.map((index) =>
        (stores[index % 2] ?? stores[0]).claimRequestKey('key', `run-${index}`, `hash-${index}`),
      ),
    );
    const winner = answers[0];
    expect(answers.every((answer) => answer.run === winner?.run)).toBe(true);
    const number = winner?.run.slice('run-'.length);
    expect(winner?.payloadHash).toBe(`hash-${number}`);
    expect(await stores[0].claimRequestKey('key', 'late', 'late')).toEqual(winner);
    expect(await stores[0].claimRequestKey('other', 'late', 'h')).toEqual({ run: 'late', payloadHash: 'h' });
    expect(await stores[0].passRequestKey('other', 'nobody', 'later')).toBe('late');
    expect(await stores[0].passRequestKey('other', 'late', 'later')).toBe('later');
    expect(await stores[1].passRequestKey('other', 'late', 'last')).toBe('later');
  });

  it('gives an organisation to one run at a time, whatever the case of its login', async () => {
    const store = await open(await fresh());
    expect(await store.acquireLock('Acme', 'r1', 'a')).toEqual({ granted: true, fence: 1 });
    expect(await store.acquireLock('acme', 'r2', 'a')).toEqual({ granted: false, heldBy: 'r1', fence: 1 });
    expect(await store.acquireLock('umbra', 'r2', 'a')).toEqual({ granted: true, fence: 1 });
  });

  it('grants to one of many runs that ask at once', async () => {
    const options = await fresh();
    const stores = await Promise.all([open(options), open(options)]);
    const runs = Array.from({ length: 20 }, (_, index) => `r${index}`);
    const answers = await Promise.all(
      runs.map((name, index) => (stores[index % 2] ?? stores[0]).acquireLock('acme', name, 'a')),
    );
    const granted = answers.flatMap((answer, index) => (answer.granted ? [runs[index]] : []));
    expect(granted.length).toBe(1);
    for (const answer of answers) if (!answer.granted) expect(answer.heldBy).toBe(granted[0]);
  });

  it('counts holders by name and frees the lock with the last', async () => {
    const store = await open(await fresh());
    await store.acquireLock('acme', 'r1', 'a');
    expect(await store.acquireLock('acme', 'r1', 'a')).toEqual({ granted: true, fence: 1 });
    expect(await store.acquireLock('acme', 'r1', 'b')).toEqual({ granted: true, fence: 2 });
    await store.releaseLock('acme', 'r1', 'a');
    await store.releaseLock('acme', 'r1', 'a');
    await store.releaseLock('acme', 'r2', 'b');
    await store.releaseLock('elsewhere', 'r1', 'b');
    expect(await store.acquireLock('acme', 'r2', 'a')).toEqual({ granted: false, heldBy: 'r1', fence: 2 });
    await store.releaseLock('acme', 'r1', 'b');
    expect(await store.acquireLock('acme', 'r2', 'a')).toEqual({ granted: true, fence: 3 });
    await store.releaseLock('acme', 'r2', 'a');
    expect(await store.acquireLock('acme', 'r2', 'a')).toEqual({ granted: true, fence: 4 });
  });

  it('leaves the lock to a dead run for which somebody has taken hold since it was looked at', async () => {
    const store = await open(await fresh());
    await store.acquireLock('acme', 'r1', 'r1');
    const seen = await store.acquireLock('acme', 'r2', 'r2');
    if (seen.granted) throw new Error('it is not free');
    await store.acquireLock('acme', 'r1', 'item');
    const from = { run: 'r1', fence: seen.fence };
    expect(await store.takeLock('acme', from, 'r2', 'r2')).toBe(false);
    // Also where that one lets go and takes hold again, or has gone.
    await store.releaseLock('acme', 'r1', 'item');
    expect(await store.takeLock('acme', from, 'r2', 'r2')).toBe(false);
    const again = await store.acquireLock('acme', 'r2', 'r2');
    if (again.granted) throw new Error('it is not free');
    expect(await store.takeLock('acme', { run: 'r1', fence: again.fence }, 'r2', 'r2')).toBe(true);
  });

  it('fences the run whose lock was taken', async () => {
    const options = await fresh();
    const [old, young] = await Promise.all([open(options), open(options)]);
    await old.acquireLock('acme', 'r1', 'a');
    const id = await old.intend(anIntent());
    expect(await young.takeLock('acme', { run: 'r0', fence: 1 }, 'r2', 'a')).toBe(false);
    expect(await young.takeLock('acme', { run: 'r1', fence: 1 }, 'r2', 'a')).toBe(true);
    expect(await young.takeLock('acme', { run: 'r1', fence: 1 }, 'r3', 'a')).toBe(false);
    await expect(old.intend(anIntent())).rejects.toThrow(FencedError);
    await expect(old.intend(anIntent())).rejects.toThrow('run r2 has it');
    await old.conclude(id, 'applied', {});
    await old.releaseLock('acme', 'r1', 'a');
    await young.intend(anIntent({ run: 'r2' }));
    expect(await young.acquireLock('acme', 'r2', 'a')).toEqual({ granted: true, fence: 2 });
    expect(await young.recordsOfItem('r1', 'acme/api')).toMatchObject([{ id, outcome: 'applied' }]);
  });

  it('takes no forward intent of a run that was stopped, and every undo', async () => {
    const options = await fresh();
    const [one, other] = await Promise.all([open(options), open(options)]);
    await one.saveRun(aRun);
    await one.acquireLock('acme', 'r1', 'a');
    await one.intend(anIntent());
    await other.stopRun('r1');
    await other.stopRun('r0');
    await expect(one.intend(anIntent())).rejects.toThrow(StoppedError);
    await one.intend(anIntent({ direction: 'undo' }));
    await one.saveRun(aRun);
    await expect(other.intend(anIntent())).rejects.toThrow(StoppedError);
  });

  it('finishes what was taken before it closes, and takes nothing after', async () => {
    const options = await fresh();
    const store = await open(options);
    await store.acquireLock('acme', 'r1', 'a');
    const writes = Array.from({ length: 250 }, (_, attempt) => store.intend(anIntent({ attempt })));
    await store.close();
    const ids = await Promise.all(writes);
    expect(ids).toEqual(ids.toSorted((left, right) => left - right));
    await expect(store.intend(anIntent())).rejects.toThrow('The store is closed.');
    expect((await (await open(options)).recordsOfItem('r1', 'acme/api')).length).toBe(250);
  });
});
