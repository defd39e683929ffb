import { describe, expect, it } from 'vitest';
import { execute, type Ports, unwind, unwindUnfinished } from '../../src/transaction/engine.js';
import { StepFailed, TransactionCancelled } from '../../src/transaction/failure.js';
import { conflictsOf, type Journal, toUndo } from '../../src/transaction/journal.js';
import { type Node, nested, parallel, sequence, step } from '../../src/transaction/step.js';

const call = { activity: 'any', input: null };
const named = (name: string): Node => step({ name, do: call, undo: call, level: 'aggressive' });
const failed = (name: string, kind: 'refused' | 'unavailable' = 'refused', mayBeApplied = false) =>
  new StepFailed({ step: name, kind, code: 'test', message: 'no', mayBeApplied });

/** Ports that note what they are asked; steps in `failing` throw what is given there. */
function noting(failing: Record<string, Error> = {}, over: Partial<Ports> = {}) {
  const asked: string[] = [];
  const ports: Ports = {
    do: async ({ name }) => {
      asked.push(`do ${name}`);
      const error = failing[name];
      if (error !== undefined) throw error;
      return { effect: 'applied' };
    },
    undo: async (entry) => {
      asked.push(`undo ${entry.step}`);
      return { conflicts: [] };
    },
    cancelled: () => false,
    decide: async () => 'skip',
    changed: () => undefined,
    ...over,
  };
  return { asked, ports };
}

describe('execute', () => {
  it('registers the undo before the do starts', async () => {
    const journal: Journal = [];
    const seen: Journal[] = [];
    const { ports } = noting(
      {},
      {
        do: async () => {
          seen.push(structuredClone(journal));
          return { effect: 'applied' };
        },
      },
    );
    await execute(named('a'), journal, ports);
    expect(seen).toEqual([[{ step: 'a', frame: [], undo: call, state: 'started' }]]);
  });

  it('lets steps side by side end before it throws the failure of one', async () => {
    let ended = false;
    const { ports } = noting(
      {},
      {
        do: async ({ name }) => {
          if (name === 'a') throw failed('a');
          for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
          ended = true;
          return { effect: 'applied' };
        },
      },
    );
    const journal: Journal = [];
    await expect(execute(parallel(named('a'), named('b')), journal, ports)).rejects.toThrow('a: no');
    expect(ended).toBe(true);
    expect(toUndo(journal).map((entry) => entry.step)).toEqual(['b']);
  });

  it('does not hide what is not a step’s failure behind one', async () => {
    const { ports } = noting({ a: failed('a'), b: new TypeError('a bug') });
    await expect(execute(parallel(named('a'), named('b')), [], ports)).rejects.toThrow('a bug');
  });

  it('starts nothing more once it is cancelled, and owes the undo of what was begun', async () => {
    let started = 0;
    const { asked, ports } = noting({}, { cancelled: () => started++ >= 2 });
    const journal: Journal = [];
    await expect(
      execute(sequence(named('a'), named('b'), named('c')), journal, ports),
    ).rejects.toBeInstanceOf(TransactionCancelled);
    await unwind(journal, ports);
    expect(asked).toEqual(['do a', 'do b', 'undo b', 'undo a']);
  });

  it('lets no nested transaction undo itself where what is finished is to stay, and undoes what failed alone', async () => {
    const { asked, ports } = noting({ b: failed('b', 'unavailable', true) }, { keeps: () => true });
    const journal: Journal = [];
    const node = nested('n', sequence(named('a'), named('b'), named('c')), 'continue');
    await expect(execute(node, journal, ports)).rejects.toThrow('b: no');
    expect(asked).toEqual(['do a', 'do b']);
    await unwindUnfinished(journal, ports);
    expect(journal.map(({ step: name, state }) => [name, state])).toEqual([
      ['a', 'applied'],
      ['b', 'undone'],
    ]);
  });

  it('undoes a step whose do ended in something else than a failure, a cancel of Temporal’s for one', async () => {
    const { asked, ports } = noting({ b: new Error('CancelledFailure') });
    const journal: Journal = [];
    await expect(execute(sequence(named('a'), named('b')), journal, ports)).rejects.toThrow(
      'CancelledFailure',
    );
    await unwind(journal, ports);
    expect(asked).toEqual(['do a', 'do b', 'undo b', 'undo a']);
  });

  it('keeps the place of a step that was begun and may have been applied when it is tried again', async () => {
    for (const error of [new Error('lost'), failed('a', 'unavailable', true)]) {
      const journal: Journal = [];
      await expect(
        execute(parallel(named('a'), named('b')), journal, noting({ a: error }).ports),
      ).rejects.toThrow();
      const { ports } = noting({}, { do: async () => ({ effect: 'unchanged' }) });
      await execute(parallel(named('a'), named('b')), journal, ports);
      // Found as wanted after a try that may have been applied: it was ours.
      expect(journal.map((entry) => [entry.step, entry.state])).toEqual([
        ['a', 'applied'],
        ['b', 'applied'],
      ]);
    }
  });

  it('gives a refused step its new place when it is tried again', async () => {
    const journal: Journal = [];
    const node = parallel(named('a'), named('b'));
    await expect(execute(node, journal, noting({ a: failed('a') }).ports)).rejects.toThrow();
    await execute(node, journal, noting().ports);
    expect(toUndo(journal).map((entry) => entry.step)).toEqual(['a', 'b']);
  });
});

const tree = (onFailure: 'fail' | 'continue') =>
  sequence(named('a'), nested('inner', sequence(named('b'), named('c')), onFailure), named('d'));

describe('a nested transaction', () => {
  it('undoes itself and lets its parent go on', async () => {
    const { asked, ports } = noting({ c: failed('c') });
    const journal: Journal = [];
    await execute(tree('continue'), journal, ports);
    expect(asked).toEqual(['do a', 'do b', 'do c', 'undo b', 'do d']);
    expect(toUndo(journal).map((entry) => entry.step)).toEqual(['d', 'a']);
  });

  it('undoes itself and fails its parent, which undoes the rest only', async () => {
    const { asked, ports } = noting({ c: failed('c') });
    const journal: Journal = [];
    await expect(execute(tree('fail'), journal, ports)).rejects.toBeInstanceOf(StepFailed);
    await unwind(journal, ports);
    expect(asked).toEqual(['do a', 'do b', 'do c', 'undo b', 'undo a']);
  });

  it('is undone by its parent when that fails later, and by nobody when it is cancelled but its parent', async () => {
    const { asked, ports } = noting({ d: failed('d') });
    const journal: Journal = [];
    await expect(execute(tree('fail'), journal, ports)).rejects.toBeInstanceOf(StepFailed);
    await unwind(journal, ports);
    expect(asked.slice(4)).toEqual(['undo c', 'undo b', 'undo a']);
  });
});

const journal = (): Journal =>
  ['a', 'b', 'c'].map((name) => ({ step: name, frame: [], undo: call, state: 'applied' }));

describe('unwind', () => {
  it('stops at an undo that cannot be done until a person decides, and then goes on in order', async () => {
    let tries = 0;
    const decisions: string[] = [];
    const { asked, ports } = noting(
      {},
      {
        undo: async ({ step: name }) => {
          asked.push(`undo ${name}`);
          if (name === 'b' && ++tries < 3) throw failed('b');
          return { conflicts: [] };
        },
        decide: async ({ step: name }) => {
          decisions.push(name);
          return 'retry';
        },
      },
    );
    await unwind(journal(), ports);
    expect(asked).toEqual(['undo c', 'undo b', 'undo b', 'undo b', 'undo a']);
    expect(decisions).toEqual(['b', 'b']);
  });

  it('notes what a person skipped and what somebody else changed as neither undone', async () => {
    const conflict = { step: 'a', field: 'has_wiki', before: true, wrote: false, found: null };
    const { ports } = noting(
      {},
      {
        undo: async ({ step: name }) => {
          if (name === 'b') throw failed('b');
          return { conflicts: name === 'a' ? [conflict] : [] };
        },
      },
    );
    const entries = journal();
    await unwind(entries, ports);
    expect(entries.map(({ state }) => state)).toEqual(['conflict', 'skipped', 'undone']);
    expect(conflictsOf(entries)).toEqual([conflict]);
  });

  it('passes over what leaves nothing behind, was refused or found everything right', async () => {
    const { asked, ports } = noting();
    await unwind(
      [
        { step: 'none', frame: [], undo: null, state: 'applied' },
        { step: 'refused', frame: [], undo: call, state: 'refused' },
        { step: 'unchanged', frame: [], undo: call, state: 'unchanged' },
        { step: 'unknown', frame: [], undo: call, state: 'unknown' },
      ],
      ports,
    );
    expect(asked).toEqual(['undo unknown']);
  });

  it('swallows no error that is not a step’s failure', async () => {
    const { ports } = noting({}, { undo: () => Promise.reject(new TypeError('a bug')) });
    await expect(unwind(journal(), ports)).rejects.toThrow('a bug');
  });
});
