import * as fc from 'fast-check';
import { type Node, nested, parallel, sequence, step } from '../../src/transaction/step.js';

/**
 * What becomes of one attempt of a step's do. `lost` and `leaked` end in an unknown outcome, of which only `leaked` was
 * applied; the two silent ones are never answered; `right` finds what somebody else has done already.
 */
export type DoFate =
  | 'ok'
  | 'refused'
  | 'unavailable'
  | 'lost'
  | 'leaked'
  | 'notYet'
  | 'silentBefore'
  | 'silentAfter';
/** What becomes of one attempt of an undo; `refused` needs a person. */
export type UndoFate =
  | 'ok'
  | 'refused'
  | 'conflict'
  | 'unavailable'
  | 'leaked'
  | 'silentBefore'
  | 'silentAfter';

export interface StepFates {
  do: DoFate[];
  undo: UndoFate[];
  /** What a person says, one after the other; `skip` when the list is used up. */
  decisions: ('retry' | 'skip')[];
  /** Whether everything is as wanted before the transaction starts. */
  right: boolean;
  /** How long each of its attempts takes, in units of its world. */
  ticks: number;
}

/** A random transaction: its tree, what the world does with each of its steps, and when it is cancelled. */
export interface Scenario {
  tree: Node;
  fates: Record<string, StepFates>;
  /** The do during which the transaction is cancelled. */
  cancelAt: string | null;
  /** How often the whole is tried. */
  attempts: number;
  checkpoint: boolean;
}

type Shape =
  | { type: 'step'; fates: StepFates }
  | { type: 'sequence' | 'parallel'; inner: Shape[] }
  | { type: 'nested'; onFailure: 'fail' | 'continue'; body: Shape };

const doFate = fc.oneof(
  { weight: 5, arbitrary: fc.constant<DoFate>('ok') },
  { weight: 2, arbitrary: fc.constantFrom<DoFate>('refused', 'leaked', 'lost') },
  { weight: 1, arbitrary: fc.constantFrom<DoFate>('unavailable', 'notYet', 'silentBefore', 'silentAfter') },
);
const undoFate = fc.oneof(
  { weight: 4, arbitrary: fc.constant<UndoFate>('ok') },
  {
    weight: 3,
    arbitrary: fc.constantFrom<UndoFate>('refused', 'conflict', 'unavailable', 'leaked', 'silentAfter'),
  },
  { weight: 1, arbitrary: fc.constant<UndoFate>('silentBefore') },
);

const stepFates: fc.Arbitrary<StepFates> = fc.record({
  do: fc.array(doFate, { maxLength: 5 }),
  undo: fc.array(undoFate, { maxLength: 3 }),
  decisions: fc.array(fc.constantFrom('retry' as const, 'skip' as const), { maxLength: 3 }),
  right: fc.integer({ min: 0, max: 7 }).map((drawn) => drawn === 7),
  ticks: fc.nat({ max: 4 }),
});

const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ type: fc.constant('step' as const), fates: stepFates }),
    fc.record({
      type: fc.constantFrom('sequence' as const, 'parallel' as const),
      inner: fc.array(tie('shape'), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({
      type: fc.constant('nested' as const),
      onFailure: fc.constantFrom('fail' as const, 'continue' as const),
      body: tie('shape'),
    }),
  ),
}));

/** Trees in which every step and every nested transaction has a name of its own, down to a single step. */
export const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    root: shape,
    cancelAt: fc.option(fc.nat({ max: 5 }), { freq: 3 }),
    attempts: fc.integer({ min: 1, max: 3 }),
    checkpoint: fc.integer({ min: 0, max: 4 }).map((drawn) => drawn === 4),
  })
  .map(({ root, cancelAt, ...rest }) => {
    const fates: Record<string, StepFates> = {};
    const names = { nested: 0 };
    const tree = named(root, fates, names);
    return { tree, fates, cancelAt: Object.keys(fates)[cancelAt ?? -1] ?? null, ...rest };
  });

function named(from: Shape, fates: Record<string, StepFates>, names: { nested: number }): Node {
  switch (from.type) {
    case 'step': {
      const name = `s${Object.keys(fates).length}`;
      fates[name] = from.fates;
      const call = (activity: string) => ({ activity, input: { step: name } });
      return step({ name, do: call('do'), undo: call('undo'), level: 'aggressive' });
    }
    case 'sequence':
      return sequence(...from.inner.map((inner) => named(inner, fates, names)));
    case 'parallel':
      return parallel(...from.inner.map((inner) => named(inner, fates, names)));
    case 'nested':
      names.nested += 1;
      return nested(`n${names.nested}`, named(from.body, fates, names), from.onFailure);
  }
}
