import { type Client, WorkflowFailedError } from '@temporalio/client';
import type { DeadLetter, ItemResult, ParkedItem } from '../workflows/contract.js';
import { letterOf } from './find-letters.js';
import { untilParked } from './parked.js';

/** How an item that was being worked on came to rest. */
export type Joined =
  /** Done, or not, e.g. because it was cancelled or discarded. */
  | { is: 'completed'; result: ItemResult }
  | { is: 'failed'; letter: DeadLetter }
  | { is: 'parked'; parked: ParkedItem };

/** Waits for an item that is being worked on, until it has ended or waits for a person; null where `signal` ends the waiting. */
export async function joinItem(
  client: Client,
  workflowId: string,
  signal: AbortSignal | undefined,
): Promise<Joined | null> {
  const done = new AbortController();
  const over = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]);
  const ended = client
    .withAbortSignal(over, () => client.workflow.getHandle(workflowId).result())
    .then(
      (result) => ({ result: result as ItemResult }),
      (error: unknown) => ({ error }),
    )
    .finally(() => done.abort());
  try {
    const parked = await untilParked(client, workflowId, over);
    if (parked !== null) return { is: 'parked', parked };
    if (signal?.aborted === true) return null;
    const end = await ended;
    if ('result' in end) return { is: 'completed', result: end.result };
    const { error } = end;
    if (error instanceof WorkflowFailedError) return { is: 'failed', letter: letterOf(error, workflowId) };
    throw error;
  } finally {
    done.abort();
  }
}
