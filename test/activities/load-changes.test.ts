import { describe, expect, it } from 'vitest';
import type { ActivityDeps } from '../../src/activities/deps.js';
import { runActivities } from '../../src/activities/run.js';
import { aStore, newRun } from './rollback-support.js';
import { inActivity, rejection, SETTINGS } from './support.js';

const bench = aStore();

const changesOf = (run: string): Promise<unknown> => {
  const deps = { store: bench.store, settings: SETTINGS, now: () => 2 } as ActivityDeps;
  return inActivity(() => runActivities(deps).loadChanges({ run, item: 'acme/api', kind: 'repository' }));
};

describe('the journal of an item that is to be undone', () => {
  it('is empty where the run wrote nothing of it, so that its undo has an end', async () => {
    const run = newRun();
    const record = { kind: 'apply', organizations: ['acme'], actor: 'ada', document: null, options: {} };
    await bench.store.saveRun({
      ...record,
      run,
      startedAt: 1,
      endedAt: null,
      state: 'Running',
      totals: null,
    });
    expect(await changesOf(run)).toMatchObject({ status: 'done', value: { target: null, changes: [] } });
  });

  it('is waited for where the store does not know the run: the records are in another', async () => {
    expect((await rejection(changesOf(newRun()))).message).toContain('no journal of acme/api');
  });
});
