import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { ItemResult } from '../workflows/contract.js';
import { compensateWorkflowId, itemOfWorkflowId, itemWorkflowId } from '../workflows/ids.js';
import { rollbacksOf, standingOf } from './rollback.js';

/** What became of an item that is no dead letter: `done`, or why it is not, for a person. */
export type Became = 'done' | { reason: string };

/** How an item's newest workflow completed, and whether that still holds; null where it has not completed. */
export async function becameOf(client: Client, workflowId: string): Promise<Became | null> {
  const handle = client.workflow.getHandle(workflowId);
  if ((await statusAt(client, workflowId)) !== 'COMPLETED') return null;
  return becameBy(client, workflowId, (await handle.result()) as ItemResult);
}

/** What became of an item whose workflow completed so: what was done may have been taken back since. */
export async function becameBy(client: Client, workflowId: string, result: ItemResult): Promise<Became> {
  const { outcome, discarded } = result;
  switch (outcome) {
    case 'discarded':
      return {
        reason: `discarded by ${discarded?.actor ?? 'somebody'}: ${discarded?.reason ?? 'no reason'}`,
      };
    case 'cancelled':
      return { reason: 'it was cancelled before it was begun' };
    case 'rolledBack':
      return { reason: 'it was cancelled before it was done, and undone' };
    case 'committed':
    case 'inSync': {
      const reason = await takenBack(client, workflowId);
      return reason === null ? 'done' : { reason };
    }
  }
}

/** By whom an item that was done has been taken back, or is being: by its own run, or by a rollback of that. */
async function takenBack(client: Client, workflowId: string): Promise<string | null> {
  const known = itemOfWorkflowId(workflowId);
  if (known === null) return null;
  const { run, kind, item } = known;
  const undo = await statusAt(client, compensateWorkflowId(workflowId));
  if (undo !== null)
    return `run rolled back: ${run} ${undo === 'COMPLETED' ? 'took it back' : 'is taking it back'}`;
  const rollbacks = await rollbacksOf(client, run);
  const standing = await standingOf(client, rollbacks);
  if (standing !== undefined) return `run rolled back by ${standing}`;
  // One that was stopped with --keep, or from outside, has put back a part of the items.
  for (const rollback of rollbacks) {
    if ((await becameOf(client, itemWorkflowId(rollback.run, kind, item))) === 'done')
      return `put back by ${rollback.run}`;
  }
  return null;
}

/** How its newest execution stands; null where the server knows no such workflow. */
export async function statusAt(client: Client, workflowId: string): Promise<string | null> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
