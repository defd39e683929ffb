import { type BreakerOrder, describeOrder } from '../policies/breaker-orders.js';
import {
  admission,
  type Breaker,
  type BreakerEvent,
  type BreakerSettings,
  CLOSED,
  comeBackAt,
  next,
} from '../policies/circuit-breaker.js';
import type { Lane } from '../policies/lanes.js';
import type { Obstacle } from './gate-queue.js';

/** A change of a breaker's state, and what brought it about. */
export interface Transition {
  lane: Lane;
  from: Breaker;
  to: Breaker;
  reason: string;
}

export interface LaneBreakersOptions {
  breaker: BreakerSettings;
  /**
   * Asks whether the host is well, by a request of its own. Without it the call that waits longest is the probe, and one
   * call that always fails keeps the breaker open for all.
   */
  probe?: () => Promise<boolean>;
  onTransition?: (transition: Transition) => void;
}

/** What a {@link LaneBreakers} needs of the gate that it stands in. */
export interface BreakerGate {
  /** Resolves when people's orders have been asked for and followed; null where nobody can give any. */
  readOrders(): Promise<void> | null;
  /** A probe has told something. */
  probed(): void;
}

const WHY = { 'half-open': 'it is time to ask', closed: 'GitHub is well again' } as const;
const STILL = 'GitHub is not well yet';

/** The circuit breakers of a host's lanes, as one process sees the host with one token. */
export class LaneBreakers {
  readonly #breakers: Record<Lane, Breaker> = { read: CLOSED, write: CLOSED, content: CLOSED };
  /** By lane, the newest order of a person that was followed. */
  readonly #followed = new Map<Lane, BreakerOrder>();
  #lastFailure = '';

  constructor(
    private readonly options: LaneBreakersOptions,
    private readonly now: () => number,
    private readonly gate: BreakerGate,
  ) {}

  states(): Record<Lane, Breaker> {
    return { ...this.#breakers };
  }

  isClosed(lane: Lane): boolean {
    return this.#breakers[lane].state === 'closed';
  }

  /** What keeps a request of the lane from going; `ahead`: another one of the lane would go before it. */
  obstacle(lane: Lane, ahead: boolean, now: number): Obstacle | null {
    const { breaker: settings, probe } = this.options;
    const breaker = this.#breakers[lane];
    const admitted = admission(breaker, now, settings);
    const back = comeBackAt(breaker, now, settings);
    if (!admitted.admitted) return { until: admitted.until, back, reason: this.#whyNot(lane) };
    if (!admitted.probe) return null;
    if (probe === undefined)
      return ahead
        ? { until: null, back, reason: `the ${lane} lane sends one call to see whether GitHub is well again` }
        : null;
    void this.#ask(lane, probe);
    const why = this.#since();
    return { until: null, back, reason: `the ${lane} lane asks whether GitHub is well again${why}` };
  }

  /** A call of the lane is let through. Gives how its end is to be told. */
  admit(lane: Lane): (health: 'success' | 'failure' | 'dropped', reason?: string) => void {
    const admitted = admission(this.#breakers[lane], this.now(), this.options.breaker);
    const probe = admitted.admitted && admitted.probe;
    this.#move(lane, { type: 'admitted' });
    return (health, reason) => {
      if (reason !== undefined) this.#lastFailure = reason;
      this.#move(lane, { type: health, probe });
    };
  }

  /** Does what people have ordered since the last time. */
  follow(orders: readonly BreakerOrder[]): void {
    for (const order of orders) {
      if (order.id <= (this.#followed.get(order.lane)?.id ?? 0)) continue;
      this.#followed.set(order.lane, order);
      this.#move(order.lane, { type: order.kind }, describeOrder(order));
    }
  }

  /** Asks GitHub how it is by a request that nobody's work depends on; whoever waits is let go when it is well. */
  async #ask(lane: Lane, probe: () => Promise<boolean>): Promise<void> {
    const tell = this.admit(lane);
    await this.gate.readOrders();
    if (this.#breakers[lane].state === 'half-open') tell(await isWell(probe));
    // A person has ordered otherwise meanwhile.
    else tell('dropped');
    this.gate.probed();
  }

  #whyNot(lane: Lane): string {
    const order = this.#followed.get(lane);
    const isolated = this.#breakers[lane].state === 'isolated' && order !== undefined;
    const how = isolated ? `${describeOrder(order)} until it is reset` : `open${this.#since()}`;
    return `the circuit breaker of the ${lane} lane is ${how}`;
  }

  #since(): string {
    return this.#lastFailure === '' ? '' : ` since GitHub failed (${this.#lastFailure})`;
  }

  #move(lane: Lane, event: BreakerEvent, why?: string): void {
    const from = this.#breakers[lane];
    const to = next(from, event, this.now(), this.options.breaker);
    this.#breakers[lane] = to;
    if (from.state === to.state) return;
    this.options.onTransition?.({ lane, from, to, reason: why ?? this.#reasonOf(from, to) });
  }

  #reasonOf(from: Breaker, to: Breaker): string {
    if (to.state === 'half-open' || to.state === 'closed') return WHY[to.state];
    return from.state === 'half-open' ? STILL : this.#lastFailure;
  }
}

async function isWell(probe: () => Promise<boolean>): Promise<'success' | 'failure'> {
  try {
    return (await probe()) ? 'success' : 'failure';
  } catch {
    return 'failure';
  }
}
