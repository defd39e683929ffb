import { Interrupted } from './errors.mjs';

const controller = new AbortController();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const onSignal = (signal) => controller.abort(new Interrupted(signal));

/** Aborted, with an Interrupted as its reason, when a signal asks this process to end. */
export const interruption = controller.signal;

/** From now on a signal aborts `interruption` in place of ending the process. Returns what undoes it. */
export function listenForSignals() {
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.removeListener(signal, onSignal);
  };
}
