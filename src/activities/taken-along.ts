import type { Operation, OperationContext } from '../github/operations/operation.js';
import type { StepInput } from '../workflows/contract.js';
import { StepError } from './answering.js';
import type { StepStore } from './step-store.js';

/**
 * Refuses a removal with which GitHub would remove more, of which no step knows, so that no undo could bring it back. Lists may show for a
 * while what the run has removed before. @throws StepError refused, NotYet
 */
export async function refuseAlong(
  operation: Operation,
  context: OperationContext,
  { run, change, target }: StepInput,
  own: StepStore,
): Promise<void> {
  if (change.after !== null) return;
  const along = (await operation.takesAlong?.(context, target, change)) ?? [];
  if (along.length === 0) return;
  await own.awaitLists([run]);
  const why = `GitHub would remove ${along.join(', ')} with ${change.key}: remove or move that first, then retry`;
  throw new StepError(why, 'refused', 'conflict', false);
}
