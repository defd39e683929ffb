import {
  CancellationScope,
  getExternalWorkflowHandle,
  type SignalDefinition,
  workflowInfo,
} from '@temporalio/workflow';
import { itemParkedSignal, itemSettledSignal, type ParkedItem } from './contract.js';
import { type Ended, type RecordFor, recordEnded } from './record.js';

/** Signals another workflow; false where it has closed. */
export async function tell<Arguments extends unknown[]>(
  workflowId: string,
  signal: SignalDefinition<Arguments>,
  ...given: Arguments
): Promise<boolean> {
  return CancellationScope.nonCancellable(async () => {
    try {
      await getExternalWorkflowHandle(workflowId).signal(signal, ...given);
      return true;
    } catch {
      // Signalling a closed workflow throws in the sender.
      return false;
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

/** Tells the run how an item ended that had parked. A run that has closed records nothing any more, so the item does. */
export async function announceEnded(ended: Ended, of: RecordFor): Promise<void> {
  if (!(await tell(of.run, itemSettledSignal, ended))) await recordEnded(ended, of);
}
