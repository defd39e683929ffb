import type { AccessWatch } from './access.js';
import type { Gate } from './github/gate-contract.js';
import type { Logger } from './log.js';
import type { BreakerMetrics } from './metrics.js';
import type { Json } from './standards/model.js';
import type { BreakerLedger, BreakerTransition } from './store/breaker-ledger.js';

export interface GateWatchOptions {
  store: Pick<BreakerLedger, 'saveTransition' | 'saveGate' | 'forgetGates'>;
  /** Where the API is. */
  host: string;
  worker: string;
  metrics: BreakerMetrics;
  log: Logger;
}

export interface GateWatch extends AccessWatch {
  /** Tells nothing any more, and takes back what was told. Resolves when what was under way is stored, or cannot be. */
  stop(): Promise<void>;
}

/** How often a worker says how its access to GitHub stands, milliseconds. */
const SAY_EVERY_MS = 5_000;
/** Transitions that wait for a store that does not answer: those of some hours. */
const MOST_UNTOLD = 1_000;

/**
 * Tells of a worker's circuit breakers whoever asks: each transition to the log, the metrics and the store, where it is an audit
 * record; and every few seconds to the store how each gate stands. What cannot be stored is stored later, and holds nobody up.
 */
export function watchGates(options: GateWatchOptions): GateWatch {
  return new Watch(options);
}

class Watch implements GateWatch {
  readonly #options: GateWatchOptions;
  readonly #gates = new Map<string, Gate>();
  readonly #untold: Omit<BreakerTransition, 'at'>[] = [];
  readonly #timer: NodeJS.Timeout;
  /** What is being told, so that a slow store is not asked twice. */
  #telling: Promise<void> | null = null;

  constructor(options: GateWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tell(), SAY_EVERY_MS);
    this.#timer.unref();
  }

  made(token: string, gate: Gate): void {
    this.#gates.set(token, gate);
    this.#options.metrics.began(token);
    this.#tell();
  }

  moved(token: string, transition: Parameters<AccessWatch['moved']>[1]): void {
    const { host, worker, metrics, log } = this.#options;
    const { lane, reason } = transition;
    const [from, to] = [transition.from.state, transition.to.state];
    metrics.moved(token, transition);
    log[to === 'closed' ? 'info' : 'warn'](
      { host, lane, token, from, to, reason },
      `circuit breaker is ${to}`,
    );
    this.#untold.push({ host, lane, worker, token, from, to, reason });
    if (this.#untold.length > MOST_UNTOLD) this.#untold.shift();
    this.#tell();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#gates.clear();
    this.#tell();
    await this.#telling;
    const { store, worker, log } = this.#options;
    await store
      .forgetGates(worker)
      .catch((error: unknown) => log.warn({ error }, 'the end of the access to GitHub could not be stored'));
  }

  #tell(): void {
    this.#telling ??= this.#tellNow()
      .catch((error: unknown) =>
        this.#options.log.warn({ error }, 'the state of the access to GitHub could not be stored'),
      )
      .finally(() => {
        this.#telling = null;
      });
  }

  async #tellNow(): Promise<void> {
    const { store, host, worker } = this.#options;
    for (let next = this.#untold[0]; next !== undefined; next = this.#untold[0]) {
      await store.saveTransition(next);
      if (this.#untold[0] === next) this.#untold.shift();
    }
    for (const [token, gate] of this.#gates)
      await store.saveGate({ host, worker, token, body: gate.snapshot() as unknown as Json });
  }
}
