import type { BreakerOrder } from '../policies/breaker-orders.js';
import type { Lanes } from '../policies/lanes.js';
import type { GateRequest, GateSnapshot } from './gate-contract.js';
import { goesAhead, nobodyAhead, Pace } from './pace.js';

/** A window of GitHub's limits that is closed. */
export interface Closed {
  window: GateRequest['resource'] | 'secondary';
  /** Epoch milliseconds on this machine's clock. */
  until: number;
}

/** Of each request that is asked for: null where it may go, else when it might, epoch milliseconds. */
export type Answers = (number | null)[];

/** Who counts a token's requests, so that they stay below GitHub's limits: this process alone, or all workers of the token together. */
export interface Turns {
  /** Takes turns for as many of the requests as may go now. None goes before one in front of it that could. */
  take(requests: readonly GateRequest[], now: number): Answers | Promise<Answers>;
  /** A request that had its turn has ended. */
  ended(request: GateRequest): void;
  /** GitHub has said that a limit is reached. */
  close(closed: Closed): void;
  /** What others were told by GitHub. */
  closedByOthers(): readonly Closed[];
  /** What people have ordered of the circuit breakers, as last told: the newest for each lane. */
  orders(): readonly BreakerOrder[];
  /** Asks for {@link orders} anew where they may have changed without a turn being taken. */
  askForOrders(): Promise<void> | null;
  /** How many requests may be under way from here. */
  concurrent(now: number): number;
  pace(now: number): GateSnapshot['pace'];
}

/** What a pace lets go now of requests in their order, without taking it. */
export function fitting(pace: Pace, requests: readonly GateRequest[], now: number): Answers {
  const ahead = nobodyAhead();
  return requests.map(({ lane, resource }) => {
    const at = pace.fitsAt(lane, resource, ahead, now);
    goesAhead(ahead, lane, resource);
    return at > now ? at : null;
  });
}

/** Turns of this process alone. */
export function ownTurns(lanes: Lanes): Turns {
  const pace = new Pace(lanes);
  return {
    take(requests, now) {
      const answers = fitting(pace, requests, now);
      for (const [index, { lane, resource }] of requests.entries())
        if (answers[index] === null) pace.take(lane, resource, now);
      return answers;
    },
    ended: () => {},
    close: () => {},
    closedByOthers: () => [],
    orders: () => [],
    askForOrders: () => null,
    concurrent: () => lanes.concurrent,
    pace: (now) => pace.snapshot(now),
  };
}
