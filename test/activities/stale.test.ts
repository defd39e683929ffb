import { describe, expect, it } from 'vitest';
import { bench, REFUSED, rejection, STALE } from './support.js';

describe('a do that GitHub answers with: what the plan saw is another by now', () => {
  it('looks again where what the plan saw is another by now, and goes back to that when it is undone', async () => {
    const { store, github, ...step } = bench();
    github.fault = { error: STALE, applied: false };
    github.meanwhile = () => {
      github.live = 'theirs';
      github.meanwhile = null;
    };
    expect(await step.do()).toEqual({ effect: 'applied' });
    expect(github.writes.at(-1)).toEqual({ from: 'theirs', to: 'after' });
    expect(github.alone).toEqual([false, true]);
    expect(store.records.map(({ from, outcome }) => [from, outcome])).toEqual([
      ['before', 'refused'],
      ['theirs', 'applied'],
    ]);
    await step.undo();
    expect(github.live).toBe('theirs');
  });

  it('leaves what is another by now where the plan was approved', async () => {
    const { github, ...step } = bench({ approved: true });
    github.fault = { error: STALE, applied: false };
    github.meanwhile = () => {
      github.live = 'theirs';
    };
    expect(await rejection(step.do())).toMatchObject({ code: 'changed_since_approval', mayBeApplied: false });
    expect([github.live, github.writes.length]).toEqual(['theirs', 1]);
  });

  it('is refused where it is refused by itself too', async () => {
    const { github, ...step } = bench();
    github.fault = { error: STALE, applied: false };
    github.meanwhile = () => {
      github.fault = { error: REFUSED, applied: false };
      github.meanwhile = null;
    };
    expect(await rejection(step.do())).toMatchObject({ code: 'unprocessable', mayBeApplied: false });
    expect(github.writes).toHaveLength(2);
  });
});
