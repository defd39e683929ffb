import * as fc from 'fast-check';
import { type Node, nested, parallel, sequence, step } from '../../src/transaction/step.js';
import type { DoFate, StepFate, UndoFate } from './model-world.js';

/** A random transaction: its tree, and what the world does with each of its steps. */
export interface Scenario {
  tree: Node;
  fates: Map<string, StepFate>;
  cancelAfter: number | null;
}

type Shape =
  | { type: 'step'; fate: StepFate }
  | { type: 'sequence' | 'parallel'; inner: Shape[] }
  | { type: 'nested'; onFailure: 'fail' | 'continue'; body: Shape };

const fate: fc.Arbitrary<StepFate> = fc.record({
  tries: fc.array(fc.constantFrom<DoFate>('applied', 'applied', 'refused', 'lost', 'leaked'), {
    maxLength: 3,
  }),
  undo: fc.constantFrom<UndoFate>('ok', 'ok', 'conflict', 'retry', 'skip'),
  right: fc.boolean(),
  ticks: fc.nat({ max: 4 }),
});

const { shape: anyShape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ type: fc.constant('step' as const), fate }),
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

/** Trees of named steps; every step has its own value in the world, so that its fate is its own. */
export const scenario: fc.Arbitrary<Scenario> = fc
  .record({ shape: anyShape, cancelAfter: fc.option(fc.nat({ max: 6 })) })
  .map(({ shape: root, cancelAfter }) => {
    const fates = new Map<string, StepFate>();
    return { tree: named(root, fates), fates, cancelAfter };
  });

function named(from: Shape, fates: Map<string, StepFate>): Node {
  switch (from.type) {
    case 'step': {
      const name = `s${fates.size}`;
      fates.set(name, from.fate);
      const call = { activity: name, input: null };
      return step({ name, do: call, undo: call, level: 'aggressive' });
    }
    case 'sequence':
      return sequence(...from.inner.map((inner) => named(inner, fates)));
    case 'parallel':
      return parallel(...from.inner.map((inner) => named(inner, fates)));
    case 'nested': {
      const name = `n${fates.size}-${nesting(from)}`;
      return nested(name, named(from.body, fates), from.onFailure);
    }
  }
}

/** Tells nested transactions around the same first step apart. */
const nesting = (shape: Shape): number =>
  shape.type === 'step'
    ? 0
    : shape.type === 'nested'
      ? 1 + nesting(shape.body)
      : 1 + Math.max(...shape.inner.map(nesting));
