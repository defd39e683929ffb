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

/** Keeps one process's requests below the secondary limits, by lane and resource. */
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
      this.#points[resource].fitsAt(ahead[resource] + pointsOf(lane), now),
      this.#burst.fitsAt(ahead.requests + 1, now),
    );
    if (lane === 'content')
      at = Math.max(
        at,
        this.#contentMinute.fitsAt(ahead.content + 1, now),
        this.#contentHour.fitsAt(ahead.content + 1, now),
      );
    if (lane !== 'read' && this.#lanes.profile === 'polite') at = Math.max(at, this.#lastWriteAt + SECOND_MS);
    return at;
  }

  take(lane: Lane, resource: Resource, now: number): void {
    this.#points[resource].take(pointsOf(lane), now);
    this.#burst.take(1, now);
    if (lane === 'content') {
      this.#contentMinute.take(1, now);
      this.#contentHour.take(1, now);
    }
    if (lane !== 'read') this.#lastWriteAt = now;
  }

  snapshot(now: number): { rest: number; graphql: number; content: number } {
    return {
      rest: this.#points.core.used(now),
      graphql: this.#points.graphql.used(now),
      content: this.#contentMinute.used(now),
    };
  }
}
