import type { AccessWatch } from './access.js';
import type { Gate } from './github/gate-contract.js';
import type { Logger } from './log.js';
import type { BreakerMetrics } from './metrics.js';
import type { Json } from './standards/model.js';
import type { BreakerLedger } from './store/breaker-ledger.js';

export interface GateWatchOptions {
  store: BreakerLedger;
  /** Where the API is. */
  host: string;
  worker: string;
  metrics: BreakerMetrics;
  log: Logger;
}

export interface GateWatch extends AccessWatch {
  /** Tells nothing any more, and takes back what was told. Resolves when what was under way is stored. */
  stop(): Promise<void>;
}

/** How often a worker says how its access to GitHub stands, milliseconds. */
const SAY_EVERY_MS = 5_000;

/**
 * Tells of a worker's circuit breakers whoever asks: each transition to the log, the metrics and the store, where it is an audit
 * record; and every few seconds to the store how each gate stands. What cannot be stored is logged, and holds nobody up.
 */
export function watchGates({ store, host, worker, metrics, log }: GateWatchOptions): GateWatch {
  const gates = new Map<string, Gate>();
  let last: Promise<unknown> = Promise.resolve();
  const write = (what: string, act: () => Promise<void>): void => {
    last = last.then(act).catch((error: unknown) => log.warn({ error }, `${what} could not be stored`));
  };
  const say = (): void => {
    for (const [token, gate] of gates)
      write('the state of the access to GitHub', () =>
        store.saveGate({ host, worker, token, body: gate.snapshot() as unknown as Json }),
      );
  };
  const timer = setInterval(say, SAY_EVERY_MS);
  timer.unref();
  return {
    made(token, gate) {
      gates.set(token, gate);
      metrics.began(token);
      say();
    },
    moved(token, transition) {
      const { lane, reason } = transition;
      const [from, to] = [transition.from.state, transition.to.state];
      metrics.moved(token, transition);
      log[to === 'closed' ? 'info' : 'warn'](
        { host, lane, token, from, to, reason },
        `circuit breaker is ${to}`,
      );
      write('a transition of the circuit breaker', () =>
        store.saveTransition({ host, lane, worker, token, from, to, reason }),
      );
      say();
    },
    async stop() {
      clearInterval(timer);
      gates.clear();
      write('the end of the access to GitHub', () => store.forgetGates(worker));
      await last;
    },
  };
}
