import { EXIT } from './exit-codes.js';
import type { Io } from './io.js';

export interface Interrupt {
  /** Aborted by the first Ctrl-C or SIGTERM. */
  signal: AbortSignal;
  /** Gives Ctrl-C back its usual meaning. */
  dispose(): void;
}

/** From now on the first Ctrl-C or SIGTERM aborts the signal and calls `first`, the second ends the process with 130. */
export function interruptible(io: Io, first: () => void = () => undefined): Interrupt {
  const controller = new AbortController();
  const listener = (): void => {
    if (controller.signal.aborted) return io.exit(EXIT.interrupted);
    controller.abort();
    first();
  };
  io.signals.on('SIGINT', listener);
  io.signals.on('SIGTERM', listener);
  return {
    signal: controller.signal,
    dispose: () => {
      io.signals.off('SIGINT', listener);
      io.signals.off('SIGTERM', listener);
    },
  };
}
