import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { anIntent } from '../support/an-intent.js';
import { describeStores } from '../support/stores.js';

describeStores('The records of a store', ({ fresh, open }) => {
  it('of one run are written where that of a fenced one beside it fails', async () => {
    const store = await open(await fresh());
    await store.acquireLock('acme', 'r1', 'a');
    const intents = Array.from({ length: 30 }, (_, index) =>
      anIntent({ attempt: index, run: index % 10 ? 'r1' : 'r2' }),
    );
    const results = await Promise.allSettled(intents.map((intent) => store.intend(intent)));
    expect(results.map(({ status }) => status)).toEqual(
      intents.map(({ run }) => (run === 'r1' ? 'fulfilled' : 'rejected')),
    );
    const attempts = (await store.recordsOfItem('r1', 'acme/api')).map(({ attempt }) => attempt);
    expect(attempts).toEqual(intents.filter(({ run }) => run === 'r1').map(({ attempt }) => attempt));
    expect(await store.recordsOfItem('r2', 'acme/api')).toEqual([]);
  });

  it('come back as they were written, by step and by item, oldest first', async () => {
    let now = 5000;
    const store = await open({ ...(await fresh()), now: () => now++ });
    await store.acquireLock('acme', 'r1', 'a');
    const intents = [
      anIntent({ from: null, to: [1, 'two', { three: null }, 'nul \u0000 quote " ☂'] }),
      anIntent({ step: 'topics', attempt: 3 }),
      anIntent({ direction: 'undo', attempt: 2 }),
    ];
    const ids: number[] = [];
    for (const intent of intents) ids.push(await store.intend(intent));
    await store.intend(anIntent({ item: 'acme/web' }));
    await store.conclude(ids[0] ?? 0, 'refused', { requestId: 'A:1', error: 'no \0 "way"' });
    const records = await store.recordsOfItem('r1', 'acme/api');
    expect(records).toEqual([
      {
        ...intents[0],
        wrote: intents[0]?.to,
        id: ids[0],
        intendedAt: 5000,
        outcome: 'refused',
        concludedAt: 5004,
        lostAt: null,
        seen: false,
        found: false,
        requestId: 'A:1',
        error: 'no \uFFFD "way"',
      },
      { ...intents[1], wrote: intents[1]?.to, ...unconcluded(ids[1], 5001) },
      { ...intents[2], wrote: intents[2]?.to, ...unconcluded(ids[2], 5002) },
    ]);
    expect(await store.recordsOfStep('r1', 'acme/api', 'settings')).toEqual([records[0], records[2]]);
    expect(await store.recordsOfStep('r2', 'acme/api', 'settings')).toEqual([]);
  });

  it('are not concluded where they were never intended', async () => {
    const store = await open(await fresh());
    await expect(store.conclude(999, 'applied', {})).rejects.toThrow(/failed to write/);
  });

  it('keep the first conclusion other than unknown, whatever comes in what order', async () => {
    const store = await open(await fresh());
    await store.acquireLock('acme', 'r1', 'a');
    const outcome = fc.constantFrom('applied', 'unchanged', 'refused', 'unknown');
    const conclusions = fc.array(fc.record({ outcome, atOnce: fc.boolean() }), { maxLength: 6 });
    let attempt = 0;
    await fc.assert(
      fc.asyncProperty(conclusions, async (given) => {
        const step = `step-${attempt++}`;
        const id = await store.intend(anIntent({ step }));
        const pending: Promise<void>[] = [];
        for (const [index, one] of given.entries()) {
          const concluding = store.conclude(id, one.outcome, { requestId: `q${index}`, error: `e${index}` });
          pending.push(concluding);
          if (!one.atOnce) await concluding;
        }
        await Promise.all(pending);
        const settled = given.findIndex((one) => one.outcome !== 'unknown');
        const standing = settled === -1 ? (given.length === 0 ? null : 0) : settled;
        expect(await store.recordsOfStep('r1', 'acme/api', step)).toMatchObject([
          {
            outcome: standing === null ? 'intended' : given[standing]?.outcome,
            requestId: standing === null ? null : `q${standing}`,
            error: standing === null ? null : `e${standing}`,
          },
        ]);
      }),
      { numRuns: 100 },
    );
  });
});

const NOTHING = { concludedAt: null, lostAt: null, requestId: null, error: null };
const OPEN = { outcome: 'intended', seen: false, found: false, ...NOTHING };
const unconcluded = (id: number | undefined, intendedAt: number) => ({ id, intendedAt, ...OPEN });
