import type { Breaker } from '../policies/circuit-breaker.js';
import type { Lane, Resource } from '../policies/lanes.js';
import type { RateBudget } from '../policies/rate-budget.js';

export interface GateRequest {
  lane: Lane;
  resource: Resource;
}

export interface GateWait {
  /** Milliseconds. */
  maxWaitMs: number;
  /** Undo goes before do; `do` unless told. */
  priority?: 'do' | 'undo';
  /** Those that wait with different keys take turns, so that a few are not kept waiting by many; the empty key unless told. */
  fairnessKey?: string;
  signal?: AbortSignal;
}

/** What an answer, or its absence, tells the gate. */
export interface GateReport {
  /** `failure`: GitHub itself failed (5xx, network, timeout); `dropped`: the request was not sent after all. */
  health: 'success' | 'failure' | 'dropped';
  /** What failed, for whoever is kept waiting by it. */
  reason?: string;
  /** A limit was hit: nothing goes out there until then. `secondary` closes everything. */
  closed?: { window: Resource | 'secondary'; until: number };
  budget?: { resource: Resource } & RateBudget;
}

/** Leave to send one request. Must be settled exactly once. */
export interface Pass {
  settle(report: GateReport): void;
}

export interface GateSnapshot {
  queued: number;
  inFlight: number;
  /** Windows that are closed, and until when. */
  closed: Partial<Record<Resource | 'secondary', number>>;
  budgets: Partial<Record<Resource, RateBudget>>;
  breakers: Record<Lane, Breaker>;
  /** Used of the last minute, in points; content: requests. */
  pace: { rest: number; graphql: number; content: number };
}

/** Where every request of one token to one host waits for its turn. */
export interface Gate {
  /**
   * Leave to send one request, now or within `maxWaitMs`.
   * @throws GitHubError `unavailable`: the wait would be longer, or `signal` was aborted. Nothing was sent.
   */
  acquire(request: GateRequest, wait: GateWait): Promise<Pass>;
  snapshot(): GateSnapshot;
}
