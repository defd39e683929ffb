import { isCancellation, log } from '@temporalio/workflow';

/**
 * A handler of a signal that never throws. Anybody can send a signal from the Web UI with any input, and an error in its
 * handler would block the workflow or end it.
 */
export function tolerant<Argument>(
  signal: string,
  handle: (argument: Argument) => void | Promise<void>,
): (argument: Argument) => Promise<void> {
  return async (argument) => {
    try {
      await handle(argument);
    } catch (error) {
      if (isCancellation(error)) return;
      log.warn(`the signal ${signal} was ignored`, {
        reason: error instanceof Error ? error.message : error,
      });
    }
  };
}
