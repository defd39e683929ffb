import { CancellationScope } from '@temporalio/workflow';

/**
 * Throws Temporal's CancelledFailure where the scope around it has been cancelled. After waits that a cancel does not end,
 * so that a cancel that came meanwhile is not lost.
 */
export async function throwIfCancelled(): Promise<void> {
  const scope = CancellationScope.current();
  if (scope.consideredCancelled) await scope.cancelRequested;
}
