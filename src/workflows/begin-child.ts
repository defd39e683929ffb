import type { Workflow } from '@temporalio/common';
import {
  CancellationScope,
  ChildWorkflowCancellationType,
  type ChildWorkflowHandle,
  type ChildWorkflowOptions,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  startChild,
} from '@temporalio/workflow';

/** Between two tries of a child that somebody ends, milliseconds: the longest. */
export const LONGEST_PAUSE = 60_000;

type Ours = 'cancellationType' | 'parentClosePolicy';

/**
 * Starts a child workflow, which outlives its parent and is waited for when it is cancelled. A cancel that comes while it is being
 * started reaches it too: Temporal's own request finds no such workflow yet, fails, and is not made again.
 */
export async function beginChild<W extends Workflow>(
  type: string,
  options: Omit<ChildWorkflowOptions, Ours> & { workflowId: string; args: Parameters<W> },
): Promise<ChildWorkflowHandle<W>> {
  const child = await startChild<Workflow>(type, {
    ...options,
    // A parent that is terminated leaves nothing half done.
    parentClosePolicy: ParentClosePolicy.ABANDON,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
  if (CancellationScope.current().consideredCancelled) await cancelAgain(child);
  return child as ChildWorkflowHandle<W>;
}

async function cancelAgain({
  workflowId,
  firstExecutionRunId,
}: ChildWorkflowHandle<Workflow>): Promise<void> {
  const begun = getExternalWorkflowHandle(workflowId, firstExecutionRunId);
  // One that has ended meanwhile cannot be cancelled, and need not be.
  await CancellationScope.nonCancellable(() => begun.cancel().catch(() => undefined));
}
