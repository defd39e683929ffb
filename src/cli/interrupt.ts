import { EXIT, type ExitCode } from './exit-codes.js';
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

/** Does something that Ctrl-C ends: once interrupted, whatever it fails with, it exits 130. */
export async function interruptibly(
  io: Io,
  first: () => void,
  work: (signal: AbortSignal) => Promise<ExitCode>,
): Promise<ExitCode> {
  const interrupt = interruptible(io, first);
  try {
    return await work(interrupt.signal);
  } catch (error) {
    if (interrupt.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    interrupt.dispose();
  }
}
