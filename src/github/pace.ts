import { type Lane, type Lanes, pointsOf, type Resource } from '../policies/lanes.js';
import { SlidingWindow } from '../policies/sliding-window.js';

/** GitHub counts when a request arrives, this side when it leaves: spans are longer by what delays can differ. */
const MARGIN_MS = 1_000;
const MINUTE_MS = 60_000 + MARGIN_MS;
const HOUR_MS = 3_600_000 + MARGIN_MS;
const SECOND_MS = 1_000;

/** What of each resource is asked for by those who wait in front. */
export interface Ahead {
  core: number;
  graphql: number;
  content: number;
  requests: number;
}

export const nobodyAhead = (): Ahead => ({ core: 0, graphql: 0, content: 0, requests: 0 });

/** Counts a request with those that are in front of the next. */
export function goesAhead(ahead: Ahead, lane: Lane, resource: Resource): void {
  ahead[resource] += pointsOf(lane);
  ahead.requests += 1;
  if (lane === 'content') ahead.content += 1;
}

/** Keeps requests below the secondary limits, by lane and resource. */
export class Pace {
  readonly #lanes: Lanes;
  readonly #points: Record<Resource, SlidingWindow>;
  readonly #contentMinute: SlidingWindow;
  readonly #contentHour: SlidingWindow;
  readonly #burst: SlidingWindow;
  #lastWriteAt = Number.NEGATIVE_INFINITY;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
    this.#points = {
      core: new SlidingWindow(lanes.rest_points_per_minute, MINUTE_MS),
      graphql: new SlidingWindow(lanes.graphql_points_per_minute, MINUTE_MS),
    };
    this.#contentMinute = new SlidingWindow(lanes.content_per_minute, MINUTE_MS);
    this.#contentHour = new SlidingWindow(lanes.content_per_hour, HOUR_MS);
    this.#burst = new SlidingWindow(lanes.burst, SECOND_MS);
  }

  /** When a request may start, those in front counted: `now`, or later. */
  fitsAt(lane: Lane, resource: Resource, ahead: Ahead, now: number): number {
    let at = Math.max(
      this.#points[resource].fitsAt(pointsOf(lane), now, ahead[resource]),
      this.#burst.fitsAt(1, now, ahead.requests),
    );
    if (lane === 'content')
      at = Math.max(
        at,
        this.#contentMinute.fitsAt(1, now, ahead.content),
        this.#contentHour.fitsAt(1, now, ahead.content),
      );
    if (lane !== 'read' && this.#lanes.profile === 'polite') at = Math.max(at, this.#lastWriteAt + SECOND_MS);
    return at;
  }

  /** Counts requests that start now. */
  take(lane: Lane, resource: Resource, now: number, requests = 1): void {
    this.#points[resource].take(pointsOf(lane) * requests, now);
    this.#burst.take(requests, now);
    if (lane === 'content') {
      this.#contentMinute.take(requests, now);
      this.#contentHour.take(requests, now);
    }
    if (lane !== 'read') this.#lastWriteAt = Math.max(now, this.#lastWriteAt);
  }

  snapshot(now: number): { rest: number; graphql: number; content: number } {
    return {
      rest: this.#points.core.used(now),
      graphql: this.#points.graphql.used(now),
      content: this.#contentMinute.used(now),
    };
  }
}
