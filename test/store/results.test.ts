import { expect, it } from 'vitest';
import { describeStores } from '../support/stores.js';

describeStores('Results of steps', ({ fresh, open }) => {
  it('are kept by run, item and step, the newest of each, also for another process', async () => {
    const place = await fresh();
    const store = await open(place);
    expect(await store.getStepResult('r1', 'acme/new', 'repository')).toBeNull();
    await store.saveStepResult('r1', 'acme/new', 'repository', { id: 1 });
    await store.saveStepResult('r1', 'acme/new', 'repository', { id: 2, note: 'naïve ☂' });
    await store.saveStepResult('r1', 'acme/new', 'pipeline', null);
    await store.saveStepResult('r2', 'acme/new', 'repository', { id: 3 });
    const other = await open(place);
    expect(await other.getStepResult('r1', 'acme/new', 'repository')).toEqual({ id: 2, note: 'naïve ☂' });
    expect(await other.getStepResult('r1', 'acme/new', 'pipeline')).toBeNull();
    expect(await other.getStepResult('r2', 'acme/new', 'repository')).toEqual({ id: 3 });
    expect(await other.getStepResult('r2', 'acme/old', 'repository')).toBeNull();
  });
});
