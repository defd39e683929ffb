import type { Client } from '@temporalio/client';
import type { ItemInput } from '../workflows/contract.js';

/** What an item's workflow was started with, from the first event of its history. */
export async function itemInputOf(client: Client, workflowId: string, runId: string): Promise<ItemInput> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const payloads = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const { payloadConverter, payloadCodecs } = client.options.loadedDataConverter;
  let decoded = payloads;
  for (const codec of payloadCodecs) decoded = await codec.decode(decoded);
  const [first] = decoded;
  if (first === undefined) throw new Error(`the history of ${workflowId} has no input`);
  return payloadConverter.fromPayload<ItemInput>(first);
}
