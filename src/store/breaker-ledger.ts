import type { BreakerOrder } from '../policies/breaker-orders.js';
import type { Breaker } from '../policies/circuit-breaker.js';
import type { Lane } from '../policies/lanes.js';
import type { Json } from '../standards/model.js';

/** A change of a circuit breaker's state: an audit record, never forgotten once it is stored. */
export interface BreakerTransition {
  /** Where the API is. */
  host: string;
  lane: Lane;
  /** The worker whose breaker it is, and the token that it is for. */
  worker: string;
  token: string;
  from: Breaker['state'];
  to: Breaker['state'];
  /** What GitHub failed by, or what a person ordered. */
  reason: string;
  /** Epoch milliseconds, by the store's clock. */
  at: number;
}

/** How a worker's access to GitHub stands with one token. */
export interface GateRecord {
  host: string;
  worker: string;
  token: string;
  /** A snapshot of its gate, as `github status` shows it. */
  body: Json;
  at: number;
}

/** What workers and people tell each other of the circuit breakers of a host. */
export interface BreakerLedger {
  /** Tells all workers what to do: from when this resolves, no request takes its turn in an isolated lane. */
  orderBreakers(
    host: string,
    order: Omit<BreakerOrder, 'id' | 'at' | 'lane'>,
    lanes: readonly Lane[],
  ): Promise<void>;
  /** The newest order for each lane of a host that ever had one. */
  breakerOrders(host: string): Promise<BreakerOrder[]>;
  saveTransition(transition: Omit<BreakerTransition, 'at'>): Promise<void>;
  /** The newest transitions of a host's breakers, newest first. */
  transitions(host: string, limit: number): Promise<BreakerTransition[]>;
  /** Upserts how a worker's access stands; it counts for half a minute. */
  saveGate(gate: Omit<GateRecord, 'at'>): Promise<void>;
  /** Forgets what a worker has said, since it ends. */
  forgetGates(worker: string): Promise<void>;
  /** What workers have said of a host within the last half minute: of those that are there. */
  gates(host: string): Promise<GateRecord[]>;
}
