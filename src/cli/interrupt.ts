import { EXIT, type ExitCode } from './exit-codes.js';
import type { EndingSignal, Io } from './io.js';

export interface Interrupt {
  /** Aborted by the first Ctrl-C, SIGTERM or SIGHUP. */
  signal: AbortSignal;
  /** Gives Ctrl-C back its usual meaning. */
  dispose(): void;
}

const ENDING: readonly EndingSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** From now on the first Ctrl-C, SIGTERM or SIGHUP aborts the signal and calls `first`, the second ends the process with 130. */
export function interruptible(io: Io, first: () => void = () => undefined): Interrupt {
  const controller = new AbortController();
  const listener = (): void => {
    if (controller.signal.aborted) return io.exit(EXIT.interrupted);
    controller.abort();
    first();
  };
  for (const signal of ENDING) io.signals.on(signal, listener);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const signal of ENDING) io.signals.off(signal, listener);
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
