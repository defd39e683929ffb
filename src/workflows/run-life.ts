import { allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow';
import type { RunStatus } from './contract.js';

/** What makes up a run. */
export interface Life {
  forward: CancellationScope;
  /** @throws whatever keeps it from being done, a cancel too */
  forwards(): Promise<void>;
  /** Takes back what was done, and says how the run ends. */
  failed(error: unknown): Promise<void>;
  /** Lets go of what it holds and records how it ended. */
  end(): Promise<void>;
  status(): RunStatus;
}

/** A run from its opening to its last status: forward, and after a failure or a cancel back. No message to it is lost. */
export async function live(run: Life): Promise<RunStatus> {
  try {
    await run.forward.run(() => run.forwards());
  } catch (error) {
    await CancellationScope.nonCancellable(() => run.failed(error));
  }
  await CancellationScope.nonCancellable(async () => {
    await run.end();
    await condition(allHandlersFinished);
  });
  return run.status();
}
