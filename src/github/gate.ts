import {
  admission,
  type Breaker,
  type BreakerEvent,
  type BreakerSettings,
  CLOSED,
  next,
} from '../policies/circuit-breaker.js';
import { LANES, type Lane, type Lanes, type Resource } from '../policies/lanes.js';
import { budgetOpensAt, observe, type RateBudget } from '../policies/rate-budget.js';
import { dropped, unavailable } from './errors.js';
import type { Gate, GateReport, GateRequest, GateSnapshot, GateWait, Pass } from './gate-contract.js';
import { goesBefore, type Obstacle, paced, Room, roundFor, type Waiter } from './gate-queue.js';
import { type Answers, ownTurns, type Turns } from './turns.js';

export type { Gate } from './gate-contract.js';

export interface GateOptions {
  lanes: Lanes;
  breaker: BreakerSettings;
  now?: () => number;
  /** Who counts the requests; this process alone unless given. */
  turns?: Turns;
  /**
   * Asks whether the host is well, by a request of its own. Without it the call that waits longest is the probe, and one
   * call that always fails keeps the breaker open for all.
   */
  probe?: () => Promise<boolean>;
  /** Told of each change of a breaker's state. */
  onTransition?: (lane: Lane, from: Breaker, to: Breaker) => void;
}

/** How soon to ask again where only requests under way are in the way. */
const BUSY_MS = 1_000;

/** A gate of this process. Requests go in the order of asking, urgent ones first, those of different keys in turns, each lane for itself. */
export function createGate(options: GateOptions): Gate {
  return new LocalGate(options);
}

class LocalGate implements Gate {
  readonly #options: GateOptions;
  readonly #now: () => number;
  readonly #turns: Turns;
  readonly #closed = new Map<Resource | 'secondary', number>();
  readonly #budgets = new Map<Resource, RateBudget>();
  readonly #breakers: Record<Lane, Breaker> = { read: CLOSED, write: CLOSED, content: CLOSED };
  readonly #inFlight = { core: 0, graphql: 0, mutating: 0 };
  #queue: Waiter[] = [];
  /** Whether turns are asked for and not answered yet. */
  #asking = false;
  #timer: NodeJS.Timeout | undefined;
  #lastFailure = '';

  constructor(options: GateOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#turns = options.turns ?? ownTurns(options.lanes);
  }

  acquire(request: GateRequest, wait: GateWait): Promise<Pass> {
    return new Promise((resolve, reject) => {
      const { signal } = wait;
      const drop = (): void => {
        this.#queue = this.#queue.filter((other) => other !== waiter);
        waiter.refuse(dropped(this.#now()));
        this.#pump();
      };
      const waiter: Waiter = {
        request,
        urgent: wait.priority === 'undo',
        key: wait.fairnessKey ?? '',
        round: roundFor(wait.fairnessKey ?? '', this.#queue),
        deadline: this.#now() + wait.maxWaitMs,
        turnAt: null,
        admit: (pass) => {
          signal?.removeEventListener('abort', drop);
          resolve(pass);
        },
        refuse: (error) => {
          signal?.removeEventListener('abort', drop);
          reject(error);
        },
      };
      if (signal?.aborted === true) return drop();
      signal?.addEventListener('abort', drop, { once: true });
      const place = this.#queue.findIndex((other) => goesBefore(waiter, other));
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
      pace: this.#turns.pace(now),
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

  /** Asks for the turns of those whom nothing else holds up, and lets go whoever gets one. */
  #pump(): void {
    if (this.#asking) return;
    const now = this.#now();
    const ready = this.#ready(now);
    const isDue = ready.some(({ turnAt }) => turnAt === null || turnAt <= now);
    if (!isDue) return this.#rest();
    const answers = this.#turns.take(
      ready.map(({ request }) => request),
      now,
    );
    if (Array.isArray(answers)) {
      this.#answered(ready, answers);
      return this.#pump();
    }
    this.#asking = true;
    void this.#await(ready, answers);
  }

  async #await(asked: readonly Waiter[], answers: Promise<Answers>): Promise<void> {
    // Where they cannot be counted nobody goes, and they are asked for again soon.
    const came = await answers.catch(() => asked.map(() => this.#now() + BUSY_MS));
    this.#asking = false;
    this.#answered(asked, came);
    this.#pump();
  }

  /** Those in the queue who only wait for their turn, in its order: no more than there is room for, those aside who will not get it yet. */
  #ready(now: number): Waiter[] {
    const room = new Room(this.#inFlight);
    return this.#queue.filter(({ request, turnAt }) => {
      if (this.#obstacle(request, room, now) !== null) return false;
      if (turnAt === null || turnAt <= now) room.add(request);
      return true;
    });
  }

  #answered(asked: readonly Waiter[], answers: Answers): void {
    const now = this.#now();
    for (const [index, waiter] of asked.entries()) {
      waiter.turnAt = answers[index] ?? null;
      // While it was asked for, its caller may have gone, or a limit may have been reached.
      if (waiter.turnAt !== null) continue;
      const place = this.#queue.indexOf(waiter);
      if (place < 0 || this.#obstacle(waiter.request, new Room(this.#inFlight), now) !== null) {
        this.#turns.ended(waiter.request);
        continue;
      }
      this.#queue.splice(place, 1);
      waiter.admit(this.#pass(waiter.request, now));
    }
  }

  /** Refuses whoever would wait too long, and wakes up again when the next one may go. */
  #rest(): void {
    clearTimeout(this.#timer);
    const now = this.#now();
    const room = new Room(this.#inFlight);
    let wake = Number.POSITIVE_INFINITY;
    this.#queue = this.#queue.filter((waiter) => {
      const obstacle = this.#obstacle(waiter.request, room, now) ?? paced(waiter);
      if ((obstacle.until ?? now) > waiter.deadline || waiter.deadline <= now) {
        waiter.refuse(unavailable(obstacle.until ?? now + BUSY_MS, obstacle.reason));
        return false;
      }
      wake = Math.min(wake, obstacle.until ?? waiter.deadline, waiter.deadline);
      return true;
    });
    if (this.#queue.length > 0) this.#timer = setTimeout(() => this.#pump(), Math.max(wake - now, 1));
  }

  /** What keeps a request from going besides its turn, with `room` taken by those in front of it. */
  #obstacle({ lane, resource }: GateRequest, room: Room, now: number): Obstacle | null {
    const { lanes, breaker } = this.#options;
    const closedUntil = Math.max(this.#closedUntil('secondary'), this.#closedUntil(resource));
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
    if (admitted.probe && room.lanes.has(lane))
      return { until: null, reason: `the ${lane} lane sends one call to see whether GitHub is well again` };
    const opensAt = budgetOpensAt(this.#budgets.get(resource) ?? null, room[resource], now);
    if (opensAt > now) return { until: opensAt, reason: `the primary rate limit (${resource}) is used up` };
    const mayWrite = lane === 'read' || lanes.profile !== 'polite' || room.mutating === 0;
    if (mayWrite && room.core + room.graphql < this.#turns.concurrent(now)) return null;
    return { until: null, reason: 'too many requests are under way' };
  }

  #closedUntil(window: Resource | 'secondary'): number {
    const others = this.#turns.closedByOthers().filter((closed) => closed.window === window);
    return Math.max(this.#closed.get(window) ?? 0, ...others.map(({ until }) => until));
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
    this.#inFlight[resource] += 1;
    if (lane !== 'read') this.#inFlight.mutating += 1;
    let settled = false;
    return {
      settle: (report) => {
        if (settled) return;
        settled = true;
        this.#inFlight[resource] -= 1;
        if (lane !== 'read') this.#inFlight.mutating -= 1;
        this.#turns.ended(request);
        if (report.reason !== undefined) this.#lastFailure = ` since GitHub failed (${report.reason})`;
        this.#learn(report);
        this.#move(lane, { type: report.health, probe });
        this.#pump();
      },
    };
  }

  #learn({ closed, budget }: GateReport): void {
    if (closed !== undefined) {
      this.#closed.set(closed.window, Math.max(closed.until, this.#closed.get(closed.window) ?? 0));
      this.#turns.close(closed);
    }
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
