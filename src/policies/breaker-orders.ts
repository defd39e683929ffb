import type { Lane } from './lanes.js';

/** What a person has told all workers of an installation to do with the circuit breakers of a host. */
export interface BreakerOrder {
  /** Rises with each order. */
  id: number;
  lane: Lane;
  kind: 'isolate' | 'reset';
  /** Who, as asserted; and why, in that person's words, or ''. */
  actor: string;
  reason: string;
  /** Epoch milliseconds. */
  at: number;
}

/** How an order is told to those who are kept waiting by it. */
export function describeOrder({ kind, actor, reason, at }: BreakerOrder): string {
  const what = kind === 'isolate' ? 'isolated' : 'reset';
  return `${what} by ${actor} at ${new Date(at).toISOString()}${reason === '' ? '' : ` (${reason})`}`;
}
