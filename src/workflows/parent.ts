import {
  CancellationScope,
  getExternalWorkflowHandle,
  type SignalDefinition,
  workflowInfo,
} from '@temporalio/workflow';
import { itemParkedSignal, type ParkedItem } from './contract.js';

/** Signals another workflow; one that has closed meanwhile needs to know nothing any more. */
export async function tell<Argument>(
  workflowId: string,
  signal: SignalDefinition<[Argument]>,
  argument: Argument,
): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    try {
      await getExternalWorkflowHandle(workflowId).signal(signal, argument);
    } catch {
      // Signalling a closed workflow throws in the sender.
    }
  });
}

/** Tells whoever waits for this item that it now waits for a person, so that nobody waits for it. */
export async function announceParked(parked: ParkedItem): Promise<void> {
  const { parent } = workflowInfo();
  if (parent !== undefined) {
    await tell(parent.workflowId, itemParkedSignal, parked);
  }
}
