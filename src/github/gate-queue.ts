import type { Lane } from '../policies/lanes.js';
import type { GitHubError } from './errors.js';
import type { GateRequest, Pass } from './gate-contract.js';

/** Somebody who waits at the gate. */
export interface Waiter {
  request: GateRequest;
  urgent: boolean;
  key: string;
  /** Those of the same round go before those of the next. */
  round: number;
  deadline: number;
  /** When it may have its turn, as it was last answered; null before it has been asked for. */
  turnAt: number | null;
  admit(pass: Pass): void;
  refuse(error: GitHubError): void;
}

/** What keeps a request from going. */
export interface Obstacle {
  /** Null: something under way has to end first. */
  until: number | null;
  /** When to come back instead, for whoever does not wait for that. */
  back?: number;
  reason: string;
}

/** What is under way, and what goes in front. */
export class Room {
  core: number;
  graphql: number;
  mutating: number;
  /** Lanes of those in front. */
  readonly lanes = new Set<Lane>();

  constructor({ core, graphql, mutating }: { core: number; graphql: number; mutating: number }) {
    this.core = core;
    this.graphql = graphql;
    this.mutating = mutating;
  }

  add({ lane, resource }: GateRequest): void {
    this[resource] += 1;
    if (lane !== 'read') this.mutating += 1;
    this.lanes.add(lane);
  }
}

/** Undo goes before do; among each the earlier round. */
export const goesBefore = (one: Waiter, other: Waiter): boolean =>
  one.urgent === other.urgent ? one.round < other.round : one.urgent;

/** The turn that somebody waits for. */
export const paced = ({ request, turnAt }: Waiter): Obstacle => ({
  until: turnAt,
  reason: `the ${request.lane} lane is paced below GitHub's limits`,
});

/**
 * Start-time fair queuing: the round after that of the last one who waits with this key, and not before the first round that anybody waits in.
 * So keys with much to do and keys with little take turns, and who was refused has lost nothing.
 */
export function roundFor(key: string, waiting: readonly Waiter[]): number {
  const own = waiting.filter((waiter) => waiter.key === key).map(({ round }) => round);
  if (own.length > 0) return Math.max(...own) + 1;
  return waiting.length === 0 ? 1 : Math.min(...waiting.map(({ round }) => round));
}
