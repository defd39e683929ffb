import type { RecordInput } from '../activities/interface.js';
import type { PlannedItem } from '../standards/model.js';
import type { Settled } from './contract.js';

export type Outcomes = RecordInput['items'];

/** Notes what became of a planned item, in the store's words. */
export function recordSettled(
  outcomes: Outcomes,
  planned: Pick<PlannedItem, 'item' | 'kind' | 'target'>,
  settled: Settled,
): void {
  const { item, kind, target } = planned;
  outcomes.push({
    item,
    kind,
    target,
    outcome: settled.outcome === 'inSync' ? 'committed' : settled.outcome,
  });
}
