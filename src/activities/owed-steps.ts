import { operations } from '../github/operations/index.js';
import type { MutationRecord } from '../store/store.js';
import { type Owed, owed } from './step-records.js';

/** An item's records by step, in the order in which the steps were begun; those of each oldest first. */
export function bySteps(records: MutationRecord[]): MutationRecord[][] {
  const steps = [...new Set(records.map(({ step }) => step))];
  return steps.map((step) => records.filter((record) => record.step === step));
}

/** What a step owes, see {@link owed}, by its own records alone: a connector's step is its own as a whole. */
export function owedBy(records: MutationRecord[]): Owed | null {
  const kind = records[0]?.change.kind ?? 'connector';
  return owed(kind === 'connector' ? 'whole' : operations[kind].owns, records);
}
