import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import proto, { type temporal } from '@temporalio/proto';
import { eachOf } from '../../api/find-letters.js';
import { quoted } from '../../runs.js';
import { SEARCH_ATTRIBUTES } from '../../workflows/search-attributes.js';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
const { EventType } = proto.temporal.api.enums.v1;

/** What Temporal Cloud bills as an Action among the events of a history (docs.temporal.io, "Temporal Cloud Actions"). */
const ACTIONS = new Set<number>([
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
  EventType.EVENT_TYPE_TIMER_STARTED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
  EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
]);

/** Visibility is a moment behind the workflows; milliseconds. */
const SEEN_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 200;

/** What a run left behind in Temporal, all of its workflows together. */
export interface Histories {
  workflows: number;
  events: number;
  /** Billed by Temporal Cloud: starts, activities with their repeats, timers, signals, Updates, search attributes. */
  actions: number;
  /** The workflow with the most events. */
  longest: { type: string; events: number };
}

interface Closed {
  workflowId: string;
  type: string;
  historyLength: number;
}

/** Reads the histories of a run that has ended. @throws Error where its workflows are not all found closed within 10 s */
export async function historiesOf(address: string, run: string): Promise<Histories> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection });
    const found = await closedOf(client, run);
    const actions = await eachOf(found, async ({ workflowId }) => {
      const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
      return (events ?? []).reduce((sum, event) => sum + actionsOf(event), 0);
    });
    const [longest] = found.toSorted((one, other) => other.historyLength - one.historyLength);
    return {
      workflows: found.length,
      events: found.reduce((sum, { historyLength }) => sum + historyLength, 0),
      actions: actions.reduce((sum, own) => sum + own, 0),
      longest: { type: longest?.type ?? '', events: longest?.historyLength ?? 0 },
    };
  } finally {
    await connection.close();
  }
}

async function closedOf(client: Client, run: string): Promise<Closed[]> {
  const query = `${SEARCH_ATTRIBUTES.run.name} = ${quoted(run)}`;
  for (let before = -1, end = Date.now() + SEEN_WITHIN_MS; ; await delay(LOOK_EVERY_MS)) {
    const found: Closed[] = [];
    let open = 0;
    for await (const { workflowId, type, historyLength, status } of client.workflow.list({ query })) {
      found.push({ workflowId, type, historyLength });
      if (status.name === 'RUNNING') open += 1;
    }
    if (open === 0 && found.length === before) return found;
    if (Date.now() > end)
      throw new Error(
        `${open} of ${found.length} workflows of ${run} are still open by what Temporal finds.`,
      );
    before = found.length;
  }
}

function actionsOf({ eventType, activityTaskStartedEventAttributes: started }: HistoryEvent): number {
  if (started) return (started.attempt ?? 1) - 1;
  return ACTIONS.has(eventType ?? 0) ? 1 : 0;
}
