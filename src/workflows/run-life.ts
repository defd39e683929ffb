import { ApplicationFailure, allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow';
import type { RunStatus } from './contract.js';
import { PageLost } from './refusals.js';

/** What makes up a run. */
export interface Life<Opened> {
  forward: CancellationScope;
  /** @throws what keeps it from being opened */
  open(): Promise<Opened>;
  /** @throws whatever keeps it from being done, a cancel too */
  forwards(opened: Opened): Promise<void>;
  /** Takes back what was done, and says how the run ends. */
  failed(error: unknown): Promise<void>;
  /** Lets go of what it holds and records how it ended. */
  end(): Promise<void>;
  status(): RunStatus;
}

/**
 * A run from its opening to its last status: forward, and after a failure or a cancel back. No message to it is lost.
 * @throws ApplicationFailure where a page was ended from outside
 */
export async function live<Opened>(run: Life<Opened>): Promise<RunStatus> {
  try {
    await run.forward.run(async () => {
      // To its end also where a cancel comes meanwhile, or a run that the store has would never end there.
      const opened = await CancellationScope.nonCancellable(() => run.open());
      await run.forwards(opened);
    });
  } catch (error) {
    // As a run that was itself ended from outside: what goes on without it must not pass for undone.
    if (error instanceof PageLost) throw ApplicationFailure.nonRetryable(error.message, error.name);
    await CancellationScope.nonCancellable(() => run.failed(error));
  }
  await CancellationScope.nonCancellable(async () => {
    await run.end();
    await condition(allHandlersFinished);
  });
  return run.status();
}
