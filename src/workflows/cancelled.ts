import { CancellationScope, sleep } from '@temporalio/workflow';

/**
 * Throws Temporal's CancelledFailure where the scope around it has been cancelled. After waits that a cancel does not end,
 * so that a cancel that came meanwhile is not lost.
 */
export async function throwIfCancelled(): Promise<void> {
  const scope = CancellationScope.current();
  if (scope.consideredCancelled) await scope.cancelRequested;
}

/** Does something in so many milliseconds, or never where the scope around it is cancelled before. Nobody waits for it. */
export function later(ms: number, act: () => void): void {
  void sleep(ms).then(act, () => undefined);
}
