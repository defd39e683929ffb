import { type Node, nested, parallel, sequence, step } from '../../src/transaction/step.js';
import type { Scenario, StepFates } from './scenario.js';

const NO_FATES: StepFates = { do: [], undo: [], decisions: [], right: false, ticks: 0 };

function named(name: string): Node {
  const call = (activity: string) => ({ activity, input: { step: name } });
  return step({ name, do: call('do'), undo: call('undo'), level: 'aggressive' });
}

/** Two nested transactions whose second step is refused and whose first cannot be undone: one retried, one skipped. */
export const stuckSideBySide: Scenario = {
  tree: parallel(
    nested('n1', sequence(named('s0'), named('s1')), 'continue'),
    nested('n2', sequence(named('s2'), named('s3')), 'continue'),
  ),
  fates: {
    s0: { ...NO_FATES, undo: ['refused'], decisions: ['retry'] },
    s1: { ...NO_FATES, do: ['refused'] },
    s2: { ...NO_FATES, undo: ['refused'], decisions: ['skip'] },
    s3: { ...NO_FATES, do: ['refused'] },
  },
  cancelAt: null,
  attempts: 1,
  checkpoint: false,
};
