import { expect, it } from 'vitest';
import { SupersededError } from '../../src/store/store.js';
import { anIntent } from '../support/an-intent.js';
import { describeStores } from '../support/stores.js';

describeStores('Two attempts of one step', ({ fresh, open }) => {
  it('has one record for one effect that two calls had between them', async () => {
    const options = await fresh();
    const [one, other] = await Promise.all([open(options), open(options)]);
    await one.acquireLock('acme', 'r1', 'a');
    const [earlier, first, second] = [
      await one.intend(anIntent()),
      await one.intend(anIntent()),
      await one.intend(anIntent()),
    ];
    await one.conclude(earlier, 'applied', {}, []);
    const both = [
      one.conclude(first, 'applied', {}, [earlier]),
      other.conclude(second, 'applied', {}, [earlier]),
    ];
    await Promise.all(both);
    const outcomes = (await one.recordsOfStep('r1', 'acme/api', 'settings')).map(({ outcome }) => outcome);
    expect(outcomes.toSorted()).toEqual(['applied', 'applied', 'unchanged']);
  });

  it('takes one of two intents of a step by those who each think they are alone', async () => {
    const options = await fresh();
    const [one, other] = await Promise.all([open(options), open(options)]);
    await one.acquireLock('acme', 'r1', 'a');
    const both = await Promise.allSettled([one.intend(anIntent(), 0), other.intend(anIntent(), 0)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both).toContainEqual({ status: 'rejected', reason: expect.any(SupersededError) });
    const [first] = await one.recordsOfStep('r1', 'acme/api', 'settings');
    await other.intend(anIntent(), first?.id ?? 0);
    await other.intend(anIntent({ step: 'topics' }), 0);
    await expect(one.intend(anIntent(), first?.id ?? 0)).rejects.toThrow(SupersededError);
  });
});
