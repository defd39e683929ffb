import { expect, it } from 'vitest';
import type { ChangeKind } from '../../src/standards/model.js';
import type { ItemRecord, Store } from '../../src/store/store.js';
import { anIntent } from '../support/an-intent.js';
import { describeStores } from '../support/stores.js';

/** Each item's name as it was its key, its kind, a change of it, and its key from then on. */
const ITEMS: [string, ItemRecord['kind'], ChangeKind, string][] = [
  ['acme/settings', 'organization', 'organization_settings', 'acme:settings'],
  ['acme/settings', 'organization', 'organization_ruleset', 'acme:settings'],
  ['acme/settings', 'repository', 'repository_settings', 'acme/settings'],
  ['acme/api', 'repository', 'team_repository', 'acme/api'],
  ['acme/teams/core', 'team', 'team_settings', 'acme:teams/core'],
  ['acme/teams/core', 'team', 'team_member', 'acme:teams/core'],
  ['acme/teams/core/create', 'team', 'team', 'acme:teams/core/create'],
];

const { change, target } = anIntent();

/** A run's rows as the release before keys wrote them. */
async function writtenBefore(store: Store): Promise<number[]> {
  await store.acquireLock('acme', 'r1', 'holder');
  const ids: number[] = [];
  for (const [item, , kind] of ITEMS)
    ids.push(await store.intend(anIntent({ item, change: { ...change, kind } })));
  for (const id of ids) await store.conclude(id, 'applied', {});
  for (const [item, kind] of ITEMS.slice(3))
    await store.saveItems([
      {
        run: 'r1',
        organization: 'acme',
        item,
        kind,
        target,
        outcome: 'committed',
        at: 1,
      },
    ]);
  const row = { hash: 'h', changes: 1 };
  await store.savePlanned('r1', 1, [
    { item: 'acme/settings', ...row },
    { item: 'acme/api', ...row },
    { item: 'acme/teams/core', ...row },
  ]);
  return ids;
}

describeStores('A store of the release that knew items by their names', ({ fresh, open, execute }) => {
  it('knows them by their keys when it is opened', async () => {
    const options = await fresh();
    const old = await open(options);
    const ids = await writtenBefore(old);
    const plan = await old.identifyPlan('r1', 1);
    await execute(options, 'drop index records_item');
    await execute(options, 'drop index records_time');
    await execute(options, 'alter table conclusions drop column found');
    await execute(options, 'alter table conclusions drop column stored');
    for (const table of ['turns', 'breaker_orders', 'breaker_transitions', 'gates'])
      await execute(options, `drop table ${table}`);
    await execute(options, 'update schema_version set version = 4');

    const store = await open(options);
    for (const key of new Set(ITEMS.map(([, , , one]) => one))) {
      const mine = ids.filter((_, at) => ITEMS[at]?.[3] === key);
      const records = await store.recordsOfItem('r1', key);
      expect(records.map(({ id, outcome }) => [id, outcome])).toEqual(mine.map((id) => [id, 'applied']));
    }
    for (const [, kind, , key] of ITEMS.slice(3))
      expect(await store.getItem('r1', key)).toMatchObject({ item: key, kind });
    expect(await store.getPlanned('r1', 1, 'acme:teams/core')).toBe('h');
    expect(await store.getPlanned('r1', 1, 'acme/api')).toBe('h');
    // What a person was shown stays what he approves.
    expect(await store.identifyPlan('r1', 1)).toEqual(plan);
  });
});
