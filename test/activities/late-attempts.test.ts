import { describe, expect, it } from 'vitest';
import { NotYet } from '../../src/activities/answering.js';
import { FencedError } from '../../src/store/store.js';
import { type Bench, bench, rejection } from './support.js';

const kept = ({ store }: Bench): unknown[] =>
  store.records.map(({ direction, outcome }) => [direction, outcome]);

/** What is asked at the bench's time, and by whom was asked before. */
const EARLIER = 5_000;

describe('an undo that finds no records', () => {
  it('leaves its mark, once, and looks at nothing', async () => {
    const step = bench();
    expect(await step.undo()).toEqual({ conflicts: [] });
    expect(await step.undo()).toEqual({ conflicts: [] });
    expect(kept(step)).toEqual([['undo', 'unchanged']]);
    expect([step.github.reads, step.github.writes.length]).toEqual([0, 0]);
  });

  it('leaves it after a do that was refused, since another attempt of that do may still wake up', async () => {
    const step = bench();
    step.store.add('do', 'refused', 'before', 'after', step.clock.now);
    await step.undo();
    expect(kept(step)).toEqual([
      ['do', 'refused'],
      ['undo', 'unchanged'],
    ]);
  });

  it('succeeds without the lock, with which nobody can write for the run', async () => {
    const step = bench();
    step.store.fenced = new FencedError('another run has the lock');
    expect(await step.undo()).toEqual({ conflicts: [] });
    expect(kept(step)).toEqual([]);
  });
});

describe('a do that wakes up late', () => {
  it('writes nothing after the undo that found nothing of it', async () => {
    const step = bench();
    await step.undo();
    const late = await rejection(step.do(step.clock.now - EARLIER));
    expect(late).toBeInstanceOf(NotYet);
    expect(step.github.writes).toEqual([]);
    expect(kept(step)).toEqual([['undo', 'unchanged']]);
  });

  it('writes nothing where it had read the records before that undo', async () => {
    const step = bench({ readAt: 0 });
    // The value is read between the records and the intent.
    step.github.whileReading = () => step.store.add('undo', 'unchanged', null, null, step.clock.now);
    await expect(step.do(step.clock.now - EARLIER)).rejects.toBeInstanceOf(NotYet);
    expect(step.github.writes).toEqual([]);
    expect(kept(step)).toEqual([['undo', 'unchanged']]);
  });

  it('writes nothing where another attempt of the same activity was refused', async () => {
    const step = bench();
    step.store.add('do', 'refused', 'before', 'after', step.clock.now);
    await expect(step.do(step.clock.now - 1)).rejects.toBeInstanceOf(NotYet);
    expect(step.github.writes).toEqual([]);
  });

  it('writes nothing beside a do of the retry, and leaves what that has written', async () => {
    const step = bench();
    await step.undo();
    step.clock.now += EARLIER;
    expect(await step.do()).toEqual({ effect: 'applied' });
    expect(await step.do(step.clock.now - 2 * EARLIER)).toEqual({ effect: 'applied' });
    expect(step.github.writes.length).toBe(1);
  });
});

describe('a do that is asked for in earnest', () => {
  it('is done after an undo that found nothing', async () => {
    const step = bench();
    await step.undo();
    expect(await step.do()).toEqual({ effect: 'applied' });
    expect(step.github.live).toBe('after');
  });

  it("waits as long as the worker's clock is ahead of the server's, and is done then", async () => {
    const step = bench();
    await step.undo();
    const asked = step.clock.now - EARLIER;
    const late = await rejection(step.do(asked));
    expect(late['until']).toBe(step.clock.now + EARLIER);
    expect(await step.do(asked + EARLIER)).toEqual({ effect: 'applied' });
  });
});

describe('an undo that wakes up late', () => {
  it('leaves what was done again since', async () => {
    const step = bench();
    await step.do();
    await step.undo();
    step.clock.now += EARLIER;
    await step.do();
    await expect(step.undo(step.clock.now - 1)).rejects.toBeInstanceOf(NotYet);
    expect(step.github.live).toBe('after');
    expect(await step.undo()).toEqual({ conflicts: [] });
    expect(step.github.live).toBe('before');
  });
});
