import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { eachOf } from './api/find-letters.js';
import { underWayOf, waitingAt } from './api/parked.js';

/**
 * Whether a run, or anything that it began, is still at work; what a terminated run abandoned counts. An item that waits for a
 * person does not: its run's lock may be taken over. That is safe although it may be decided at any moment: before it writes
 * it takes the lock anew, which raises the lock's fence, and by that `Store.takeLock` knows that whoever looked here saw too
 * little; where the lock has been taken over by then, the item waits for its turn.
 */
export async function isRunAlive(client: Client, run: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(run).describe();
    if (status.name === 'RUNNING') return true;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  const parked: string[] = [];
  for await (const { workflowId, saidParked } of underWayOf(client, run)) {
    if (!saidParked) return true;
    parked.push(workflowId);
  }
  // One that has been decided goes on being found as parked until it ends; one that does not answer may be at work.
  const waits = await eachOf(parked, (id) =>
    waitingAt(client, id).then(
      (waiting) => waiting !== null,
      () => false,
    ),
  );
  return !waits.every((waiting) => waiting);
}
