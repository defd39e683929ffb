import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { DeadLetter, ItemResult, RunStatus } from '../workflows/contract.js';
import { itemOfWorkflowId } from '../workflows/ids.js';
import { confirmLetter, eachOf } from './find-letters.js';

/**
 * The result of a run that has ended, without the dead letters that were retried or discarded since; a repository that a
 * retry has committed, or found in sync, counts as committed. A letter that the server no longer knows stays as it was written.
 */
export async function asOfNow(client: Client, status: RunStatus): Promise<RunStatus> {
  const { deadLetters } = status;
  if (deadLetters.length === 0) return status;
  const becameOf = await eachOf(deadLetters, (letter) => look(client, letter));
  const committed = Math.min(
    becameOf.filter((became, index) => became === 'committed' && isRepository(deadLetters[index])).length,
    status.totals.deadLettered,
  );
  return {
    ...status,
    totals: {
      ...status.totals,
      deadLettered: status.totals.deadLettered - committed,
      committed: status.totals.committed + committed,
    },
    deadLetters: deadLetters.filter((_, index) => becameOf[index] === 'dead'),
  };
}

/** They alone are in the totals. */
const isRepository = (letter: DeadLetter | undefined): boolean =>
  letter !== undefined && itemOfWorkflowId(letter.workflowId)?.kind === 'repository';

async function look(client: Client, { workflowId }: DeadLetter): Promise<'dead' | 'committed' | 'closed'> {
  try {
    if ((await confirmLetter(client, workflowId)) !== null) return 'dead';
    const handle = client.workflow.getHandle(workflowId);
    const { status } = await handle.describe();
    if (status.name !== 'COMPLETED') return 'closed';
    const { outcome } = (await handle.result()) as ItemResult;
    return outcome === 'committed' || outcome === 'inSync' ? 'committed' : 'closed';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'dead';
    throw error;
  }
}
