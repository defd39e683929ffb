import { expect, it } from 'vitest';
import type { Store } from '../../src/store/store.js';
import { anIntent } from '../support/an-intent.js';
import { describeStores } from '../support/stores.js';

/** Makes a run begin a mutation of each item. */
const begun = async (store: Store, run: string, ...items: string[]): Promise<void> => {
  for (const item of items) {
    const organization = item.slice(0, item.indexOf('/'));
    await store.acquireLock(organization, run, 'holder');
    await store.intend(anIntent({ run, organization, item }));
    await store.releaseLock(organization, run, 'holder');
  }
};

describeStores('What a run has touched', ({ fresh, open }) => {
  it('is given page by page, the item whose first mutation is newest first, each once', async () => {
    const store = await open(await fresh());
    await begun(store, 'r1', 'acme/a', 'acme/b', 'acme/a', 'acme/c', 'umbra/x');
    await begun(store, 'r2', 'acme/z');
    const first = await store.touchedItems('r1', 'ACME', 2, null);
    expect(first).toEqual({ items: ['acme/c', 'acme/b'], next: expect.any(Number) });
    // What is begun meanwhile comes before the first page, so that the next ones stay as they are.
    await begun(store, 'r1', 'acme/d', 'acme/b');
    expect(await store.touchedItems('r1', 'acme', 2, first.next)).toEqual({ items: ['acme/a'], next: null });
    expect(await store.touchedItems('r1', 'umbra', 2, null)).toEqual({ items: ['umbra/x'], next: null });
    expect(await store.touchedItems('r3', 'acme', 2, null)).toEqual({ items: [], next: null });
  });

  it('names the organisations, the one begun last first', async () => {
    const store = await open(await fresh());
    await begun(store, 'r1', 'acme/a', 'umbra/x', 'acme/b');
    expect(await store.touchedOrganizations('r1')).toEqual(['umbra', 'acme']);
    expect(await store.touchedOrganizations('r2')).toEqual([]);
  });
});
