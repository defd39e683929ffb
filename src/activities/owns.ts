import { operations } from '../github/operations/index.js';
import type { MutationRecord } from '../store/store.js';

/** How much of a value belongs to a step, by its records: a connector's step is its own as a whole. */
export function ownsOf([record]: MutationRecord[]): 'whole' | 'fields' | 'set' {
  const kind = record?.change.kind ?? 'connector';
  return kind === 'connector' ? 'whole' : operations[kind].owns;
}
