import type { Client } from '@temporalio/client';
import { type ItemUnderWay, waitingQuery } from '../workflows/contract.js';
import { itemOfWorkflowId, itemWorkflowOf } from '../workflows/ids.js';
import { eachOf } from './find-letters.js';

/** Two requests to the server for each: a look stays quick. */
const MOST_LOOKED_AT = 20;
/** For all of them, milliseconds; what has not answered by then is told without what it waits for. */
const LOOK_MS = 5_000;

/** What holds up items that are being worked on: what they wait for themselves, or the failure after which Temporal tries again. */
export function underWay(client: Client, workflowIds: string[]): Promise<ItemUnderWay[]> {
  const look = async (id: string): Promise<ItemUnderWay> => ({
    item: itemOfWorkflowId(itemWorkflowOf(id))?.item ?? id,
    // It may have ended meanwhile.
    waiting: await waitingOf(client, id).catch(() => null),
  });
  return client.withDeadline(Date.now() + LOOK_MS, () => eachOf(workflowIds.slice(0, MOST_LOOKED_AT), look));
}

async function waitingOf(client: Client, workflowId: string): Promise<string | null> {
  const handle = client.workflow.getHandle(workflowId);
  const waiting = await handle.query(waitingQuery);
  if (waiting !== null) return waiting;
  const { pendingActivities } = (await handle.describe()).raw;
  for (const { lastFailure, activityType, attempt } of pendingActivities ?? [])
    if (lastFailure?.message)
      return `to try ${activityType?.name ?? 'a step'} again, attempt ${attempt ?? 0}: ${lastFailure.message}`;
  return null;
}
