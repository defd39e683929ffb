import { setTimeout as delay } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApiError } from '../errors.js';
import { type ParkedItem, type RunStatus, resolveUpdate } from '../workflows/contract.js';
import { itemOfWorkflowId } from '../workflows/ids.js';
import { askAgain } from './parked.js';

export interface Resolution {
  step: string;
  /** `owner/name`, or the item's workflow id, where several items have parked at a step of that name. */
  item?: string;
  decision: 'retry' | 'skip';
}

/** Between two looks at whether the decision has done its work, milliseconds. */
const LOOK_EVERY = 300;

/** For a run to take in what its item has told it, milliseconds; longer than that no worker is there. */
const HEARD_WITHIN = 10_000;

/**
 * The compensation of a run that is meant.
 * @throws ApiError `wrong_state` where none waits under that name, `ambiguous` where several do
 */
export function chooseParked(
  status: Pick<RunStatus, 'run' | 'parked'>,
  { step, item }: Omit<Resolution, 'decision'>,
): ParkedItem {
  const named = status.parked.filter((one) => step === one.step || step === `${one.item} ${one.step}`);
  const meant =
    item === undefined
      ? named
      : named.filter((one) => one.item.toLowerCase() === item.toLowerCase() || one.workflowId === item);
  const [first, second] = meant;
  if (first === undefined) {
    const waiting = status.parked.map((one) => `${one.step} of ${one.item}`).join(', ');
    throw new ApiError(
      `No compensation of ${status.run} waits for a decision on ${step}${item === undefined ? '' : ` of ${item}`}: ${
        waiting === '' ? 'none waits at all' : `there wait ${waiting}`
      }.`,
      'wrong_state',
    );
  }
  if (second !== undefined)
    throw new ApiError(
      `${step} waits in ${meant.length} items (${tellingApart(meant).join(', ')}): say which with --item.`,
      'ambiguous',
    );
  return first;
}

/** By name, or by workflow id where a repository is called as a part of its organisation. */
function tellingApart(parked: ParkedItem[]): string[] {
  const names = parked.map(({ item }) => item);
  return new Set(names).size === names.length ? names : parked.map(({ workflowId }) => workflowId);
}

/** Sends the decision, and waits until the item has parked again, at this step or another, or waits no more. */
export async function decide(
  client: Client,
  parked: ParkedItem,
  { decision, actor }: { decision: 'retry' | 'skip'; actor: string },
  signal: AbortSignal | undefined,
): Promise<void> {
  const { step, workflowId, item } = parked;
  try {
    await client.workflow
      .getHandle(workflowId)
      .executeUpdate(resolveUpdate, { args: [{ step, decision, actor }] });
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError || error instanceof WorkflowUpdateFailedError)) throw error;
    // It waited a moment ago.
    throw new ApiError(
      `Somebody else has decided on ${step} of ${item} meanwhile; see what became of it: orgsaga status ${itemOfWorkflowId(workflowId)?.run ?? workflowId}`,
      'wrong_state',
    );
  }
  for (;;) {
    if (signal?.aborted === true) return;
    const { status } = await client.workflow.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING') return;
    const now = await askAgain(client, parked);
    if (now !== null && now.since !== parked.since) return;
    await delay(LOOK_EVERY, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

/** The item tells its run how it has ended; a look before that would find it waiting still. */
export async function untilHeard(look: () => Promise<RunStatus>, parked: ParkedItem): Promise<void> {
  for (const end = Date.now() + HEARD_WITHIN; Date.now() < end; await delay(LOOK_EVERY)) {
    const { parked: waiting } = await look();
    if (!waiting.some(({ workflowId, since }) => workflowId === parked.workflowId && since === parked.since))
      return;
  }
}
