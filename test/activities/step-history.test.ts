import { describe, expect, it } from 'vitest';
import { NotYet } from '../../src/activities/answering.js';
import type { RecordOutcome } from '../../src/store/store.js';
import { type Bench, bench } from './support.js';

/** What the store knows of the step, oldest first. */
const HISTORIES = {
  none: [],
  intended: [['do', 'intended']],
  unknown: [['do', 'unknown']],
  applied: [['do', 'applied']],
  refused: [['do', 'refused']],
  undone: [
    ['do', 'applied'],
    ['undo', 'applied'],
  ],
  'undo unknown': [
    ['do', 'applied'],
    ['undo', 'unknown'],
  ],
  'undo refused': [
    ['do', 'applied'],
    ['undo', 'refused'],
  ],
  'done again': [
    ['do', 'applied'],
    ['undo', 'applied'],
    ['do', 'applied'],
  ],
} satisfies Record<string, ['do' | 'undo', RecordOutcome][]>;
type History = keyof typeof HISTORIES;

const LIVE = ['before', 'after', 'foreign'] as const;
const AGES = { settling: 1_000, settled: 200_000 };

interface Case {
  history: History;
  live: (typeof LIVE)[number];
  age: keyof typeof AGES;
  idempotent: boolean;
}

const CASES: Case[] = (Object.keys(HISTORIES) as History[]).flatMap((history) =>
  LIVE.flatMap((live) =>
    (['settling', 'settled'] as const).flatMap((age) =>
      [true, false].map((idempotent) => ({ history, live, age, idempotent })),
    ),
  ),
);

function benchOf({ history, live, age, idempotent }: Case): Bench {
  // A plan that was read after the step was done would ask for it anew.
  const stands = history === 'applied' || history === 'done again';
  const one = bench({ live, idempotent, ...(stands ? { readAt: 0 } : {}) });
  for (const [direction, outcome] of HISTORIES[history]) {
    const [from, to] = direction === 'do' ? ['before', 'after'] : ['after', 'before'];
    one.store.add(direction, outcome, from, to, one.clock.now - AGES[age]);
  }
  return one;
}

type Expected = 'wait' | { effect: 'applied' | 'unchanged' | null; writes: boolean; conflict?: boolean };

/** The rules of a do, as a person would say them. */
function expectedOfDo({ history, live, age, idempotent }: Case): Expected {
  switch (history) {
    case 'applied':
    case 'done again':
      return { effect: 'applied', writes: false };
    case 'none':
    case 'refused':
    case 'undone':
    case 'undo refused':
      return { effect: 'applied', writes: true };
    case 'intended':
    case 'unknown':
      if (live === 'after') return { effect: 'applied', writes: false };
      return idempotent || age === 'settled' ? { effect: 'applied', writes: true } : 'wait';
    case 'undo unknown':
      // A late undo would take away what is written now, so this waits whatever is there.
      if (age === 'settling') return 'wait';
      return { effect: 'applied', writes: live !== 'after' };
  }
}

function expectedOfUndo({ history, live, age }: Case): Expected {
  switch (history) {
    case 'none':
    case 'refused':
    case 'undone':
      return { effect: null, writes: false };
    case 'intended':
    case 'unknown':
    case 'undo unknown':
      if (age === 'settling') return 'wait';
      return { effect: null, writes: live === 'after', conflict: live === 'foreign' };
    case 'applied':
    case 'undo refused':
    case 'done again':
      // So soon after the write a read that does not show it may lag.
      if (age === 'settling' && live === 'before') return 'wait';
      return { effect: null, writes: live === 'after', conflict: live === 'foreign' };
  }
}

const name = ({ history, live, age, idempotent }: Case): string =>
  `${history}, ${live} is live, ${age}, ${idempotent ? 'idempotent' : 'not idempotent'}`;

describe.each(CASES.map((one) => ({ ...one, name: name(one) })))('$name', (one) => {
  it('do', async () => {
    const { store, github, ...step } = benchOf(one);
    const expected = expectedOfDo(one);
    const earlier = store.records.length;
    if (expected === 'wait') {
      await expect(step.do()).rejects.toBeInstanceOf(NotYet);
      expect(github.writes).toEqual([]);
      return;
    }
    expect(await step.do()).toEqual({ effect: expected.effect });
    expect(github.writes.length).toBe(expected.writes ? 1 : 0);
    expect(store.records.length - earlier).toBe(expected.writes ? 1 : 0);
    if (expected.writes) expect(github.live).toBe('after');
    if (expected.writes) expect(store.records.at(-1)?.outcome).toBe('applied');
  });

  it('undo', async () => {
    const { store, github, ...step } = benchOf(one);
    const expected = expectedOfUndo(one);
    if (expected === 'wait') {
      await expect(step.undo()).rejects.toBeInstanceOf(NotYet);
      expect(github.writes).toEqual([]);
      return;
    }
    const { conflicts } = await step.undo();
    expect(github.writes.length).toBe(expected.writes ? 1 : 0);
    expect(conflicts.map(({ found }) => found)).toEqual(expected.conflict === true ? ['foreign'] : []);
    if (expected.writes) expect(github.live).toBe('before');
    // Nothing stays open once the step is undone.
    const open = store.records.filter(({ outcome }) => outcome === 'intended' || outcome === 'unknown');
    expect(open).toEqual([]);
    // Undone again, it says the same and writes nothing.
    const again = await step.undo();
    expect(again.conflicts).toEqual(conflicts);
    expect(github.writes.length).toBe(expected.writes ? 1 : 0);
  });
});
