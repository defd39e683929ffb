import {
  admission,
  type Breaker,
  type BreakerEvent,
  type BreakerSettings,
  CLOSED,
  next,
} from '../policies/circuit-breaker.js';
import { LANES, type Lane, type Lanes, pointsOf, type Resource } from '../policies/lanes.js';
import { budgetOpensAt, observe, type RateBudget } from '../policies/rate-budget.js';
import { type GitHubError, unavailable } from './errors.js';
import type { Gate, GateReport, GateRequest, GateSnapshot, GateWait, Pass } from './gate-contract.js';
import { Pace } from './pace.js';

export type { Gate } from './gate-contract.js';

export interface GateOptions {
  lanes: Lanes;
  breaker: BreakerSettings;
  now?: () => number;
  /**
   * Asks whether the host is well, by a request of its own. Without it the call that waits longest is the probe, and one
   * call that always fails keeps the breaker open for all.
   */
  probe?: () => Promise<boolean>;
  /** Told of each change of a breaker's state. */
  onTransition?: (lane: Lane, from: Breaker, to: Breaker) => void;
}

interface Waiter {
  request: GateRequest;
  urgent: boolean;
  deadline: number;
  admit(pass: Pass): void;
  refuse(error: GitHubError): void;
}

interface Obstacle {
  /** Null: something under way has to end first. */
  until: number | null;
  reason: string;
}

/** How soon to ask again where only requests under way are in the way. */
const BUSY_MS = 1_000;

/** A gate within this process. Requests go in the order of asking, urgent ones first, each lane for itself. */
export function createGate(options: GateOptions): Gate {
  return new LocalGate(options);
}

class LocalGate implements Gate {
  readonly #options: GateOptions;
  readonly #now: () => number;
  readonly #pace: Pace;
  readonly #closed = new Map<Resource | 'secondary', number>();
  readonly #budgets = new Map<Resource, RateBudget>();
  readonly #breakers: Record<Lane, Breaker> = { read: CLOSED, write: CLOSED, content: CLOSED };
  readonly #inFlight = { core: 0, graphql: 0, mutating: 0 };
  #queue: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;
  #lastFailure = '';

  constructor(options: GateOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#pace = new Pace(options.lanes);
  }

  acquire(request: GateRequest, wait: GateWait): Promise<Pass> {
    return new Promise((resolve, reject) => {
      const { signal } = wait;
      const dropped = (): void => {
        this.#queue = this.#queue.filter((other) => other !== waiter);
        waiter.refuse(unavailable(this.#now(), 'the call was cancelled while it waited for its turn'));
        this.#pump();
      };
      const waiter: Waiter = {
        request,
        urgent: wait.priority === 'undo',
        deadline: this.#now() + wait.maxWaitMs,
        admit: (pass) => {
          signal?.removeEventListener('abort', dropped);
          resolve(pass);
        },
        refuse: (error) => {
          signal?.removeEventListener('abort', dropped);
          reject(error);
        },
      };
      if (signal?.aborted === true) return dropped();
      signal?.addEventListener('abort', dropped, { once: true });
      const place = waiter.urgent ? this.#queue.findIndex((other) => !other.urgent) : -1;
      this.#queue.splice(place < 0 ? this.#queue.length : place, 0, waiter);
      this.#pump();
    });
  }

  snapshot(): GateSnapshot {
    const now = this.#now();
    return {
      queued: this.#queue.length,
      inFlight: this.#inFlight.core + this.#inFlight.graphql,
      closed: Object.fromEntries([...this.#closed].filter(([, until]) => until > now)),
      budgets: Object.fromEntries(this.#budgets),
      breakers: { ...this.#breakers },
      pace: this.#pace.snapshot(now),
    };
  }

  isolate(lane?: Lane): void {
    this.#steer(lane, { type: 'isolate' });
  }

  reset(lane?: Lane): void {
    this.#steer(lane, { type: 'reset' });
  }

  #steer(lane: Lane | undefined, event: BreakerEvent): void {
    for (const each of lane === undefined ? LANES : [lane]) this.#move(each, event);
    this.#pump();
  }

  /** Lets go whoever may, refuses whoever would wait too long, and wakes up again when the next one may. */
  #pump(): void {
    clearTimeout(this.#timer);
    const now = this.#now();
    const waiting: Waiter[] = [];
    const ahead = { core: 0, graphql: 0, content: 0, requests: 0 };
    let wake = Number.POSITIVE_INFINITY;
    for (const waiter of this.#queue) {
      const obstacle = this.#obstacle(waiter.request, ahead, now);
      if (obstacle === null) {
        waiter.admit(this.#pass(waiter.request, now));
        continue;
      }
      if ((obstacle.until ?? now) > waiter.deadline || waiter.deadline <= now) {
        waiter.refuse(unavailable(obstacle.until ?? now + BUSY_MS, obstacle.reason));
        continue;
      }
      waiting.push(waiter);
      ahead[waiter.request.resource] += pointsOf(waiter.request.lane);
      ahead.requests += 1;
      if (waiter.request.lane === 'content') ahead.content += 1;
      wake = Math.min(wake, obstacle.until ?? waiter.deadline, waiter.deadline);
    }
    this.#queue = waiting;
    if (waiting.length > 0) this.#timer = setTimeout(() => this.#pump(), Math.max(wake - now, 1));
  }

  #obstacle(
    { lane, resource }: GateRequest,
    ahead: Parameters<Pace['fitsAt']>[2],
    now: number,
  ): Obstacle | null {
    const { lanes, breaker } = this.#options;
    const inFlight = this.#inFlight;
    const closedUntil = Math.max(this.#closed.get('secondary') ?? 0, this.#closed.get(resource) ?? 0);
    if (closedUntil > now) return { until: closedUntil, reason: 'a rate limit of GitHub was reached' };
    const admitted = admission(this.#breakers[lane], now, breaker);
    if (admitted.admitted && admitted.probe && this.#options.probe !== undefined) {
      this.#probe(lane, this.#options.probe);
      return {
        until: null,
        reason: `the ${lane} lane asks whether GitHub is well again${this.#lastFailure}`,
      };
    }
    if (!admitted.admitted)
      return {
        until: admitted.until,
        reason: `the circuit breaker of the ${lane} lane is open${this.#lastFailure}`,
      };
    const opensAt = budgetOpensAt(this.#budgets.get(resource) ?? null, inFlight[resource], now);
    if (opensAt > now) return { until: opensAt, reason: `the primary rate limit (${resource}) is used up` };
    const fitsAt = this.#pace.fitsAt(lane, resource, ahead, now);
    if (fitsAt > now) return { until: fitsAt, reason: `the ${lane} lane is paced below GitHub's limits` };
    const mayWrite = lane === 'read' || lanes.profile !== 'polite' || inFlight.mutating === 0;
    if (mayWrite && inFlight.core + inFlight.graphql < lanes.concurrent) return null;
    return { until: null, reason: 'too many requests are under way' };
  }

  /** Asks GitHub how it is by a request that nobody's work depends on; whoever waits is let go when it is well. */
  #probe(lane: Lane, probe: () => Promise<boolean>): void {
    this.#move(lane, { type: 'admitted' });
    const told = (type: 'success' | 'failure'): void => {
      this.#move(lane, { type, probe: true });
      this.#pump();
    };
    probe().then(
      (well) => told(well ? 'success' : 'failure'),
      () => told('failure'),
    );
  }

  #pass(request: GateRequest, now: number): Pass {
    const { lane, resource } = request;
    const admitted = admission(this.#breakers[lane], now, this.#options.breaker);
    const probe = admitted.admitted && admitted.probe;
    this.#move(lane, { type: 'admitted' });
    this.#pace.take(lane, resource, now);
    this.#inFlight[resource] += 1;
    if (lane !== 'read') this.#inFlight.mutating += 1;
    let settled = false;
    return {
      settle: (report) => {
        if (settled) return;
        settled = true;
        this.#inFlight[resource] -= 1;
        if (lane !== 'read') this.#inFlight.mutating -= 1;
        if (report.reason !== undefined) this.#lastFailure = ` since GitHub failed (${report.reason})`;
        this.#learn(report);
        this.#move(lane, { type: report.health, probe });
        this.#pump();
      },
    };
  }

  #learn({ closed, budget }: GateReport): void {
    if (closed !== undefined)
      this.#closed.set(closed.window, Math.max(closed.until, this.#closed.get(closed.window) ?? 0));
    if (budget === undefined) return;
    const { resource, ...told } = budget;
    this.#budgets.set(resource, observe(this.#budgets.get(resource) ?? null, told, this.#now()));
  }

  #move(lane: Lane, event: BreakerEvent): void {
    const from = this.#breakers[lane];
    const to = next(from, event, this.#now(), this.#options.breaker);
    this.#breakers[lane] = to;
    if (from.state !== to.state) this.#options.onTransition?.(lane, from, to);
  }
}
