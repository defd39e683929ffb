import type { Lanes, Resource } from '../policies/lanes.js';
import { budgetOpensAt, observe, type RateBudget } from '../policies/rate-budget.js';
import { dropped, unavailable } from './errors.js';
import type { Gate, GateReport, GateRequest, GateSnapshot, GateWait, Pass } from './gate-contract.js';
import { goesBefore, type Obstacle, paced, Room, roundFor, type Waiter } from './gate-queue.js';
import { LaneBreakers, type LaneBreakersOptions } from './lane-breakers.js';
import { type Answers, ownTurns, type Turns } from './turns.js';

export type { Gate } from './gate-contract.js';

export interface GateOptions extends LaneBreakersOptions {
  lanes: Lanes;
  now?: () => number;
  /** Who counts the requests; this process alone unless given. */
  turns?: Turns;
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
  readonly #breakers: LaneBreakers;
  readonly #inFlight = { core: 0, graphql: 0, mutating: 0 };
  #queue: Waiter[] = [];
  /** Whether turns are asked for and not answered yet. */
  #asking = false;
  #timer: NodeJS.Timeout | undefined;
  /** People's orders, while they are asked for. */
  #reading: Promise<void> | null = null;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#turns = options.turns ?? ownTurns(options.lanes);
    this.#breakers = new LaneBreakers(options, this.#now, {
      readOrders: () => this.#readOrders(),
      probed: () => this.#pump(),
    });
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
      if (!this.#breakers.isClosed(request.lane)) void this.#readOrders();
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
      breakers: this.#breakers.states(),
      pace: this.#turns.pace(now),
    };
  }

  /** Where a breaker is not closed no turns are taken, so that nobody is told of a person's word by the way. */
  #readOrders(): Promise<void> | null {
    if (this.#reading !== null) return this.#reading;
    const asked = this.#turns.askForOrders();
    if (asked === null) return null;
    // Where they cannot be asked for, those that are known stand.
    this.#reading = asked
      .catch(() => {})
      .then(() => {
        this.#reading = null;
        this.#breakers.follow(this.#turns.orders());
        this.#pump();
      });
    return this.#reading;
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
    this.#breakers.follow(this.#turns.orders());
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
      waiter.admit(this.#pass(waiter.request));
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
        waiter.refuse(unavailable(obstacle.back ?? obstacle.until ?? now + BUSY_MS, obstacle.reason));
        return false;
      }
      wake = Math.min(wake, obstacle.until ?? waiter.deadline, waiter.deadline);
      return true;
    });
    if (this.#queue.length > 0) this.#timer = setTimeout(() => this.#pump(), Math.max(wake - now, 1));
  }

  /** What keeps a request from going besides its turn, with `room` taken by those in front of it. */
  #obstacle({ lane, resource }: GateRequest, room: Room, now: number): Obstacle | null {
    const { lanes } = this.#options;
    const closedUntil = Math.max(this.#closedUntil('secondary'), this.#closedUntil(resource));
    if (closedUntil > now) return { until: closedUntil, reason: 'a rate limit of GitHub was reached' };
    // Until it is known whether a person has ordered otherwise, nobody is turned away, and GitHub is not asked how it is.
    if (this.#reading !== null && !this.#breakers.isClosed(lane))
      return { until: null, reason: `the circuit breaker of the ${lane} lane is not closed` };
    const broken = this.#breakers.obstacle(lane, room.lanes.has(lane), now);
    if (broken !== null) return broken;
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

  #pass(request: GateRequest): Pass {
    const { lane, resource } = request;
    const tell = this.#breakers.admit(lane);
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
        this.#learn(report);
        tell(report.health, report.reason);
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
}
