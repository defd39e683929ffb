/** What the simulated GitHub allows a token. Absent: not limited. */
export interface LimitNumbers {
  rest_per_hour?: number;
  graphql_per_hour?: number;
  rest_points_per_minute?: number;
  graphql_points_per_minute?: number;
  content_per_minute?: number;
  content_per_hour?: number;
  concurrent?: number;
  /** Whether answers to secondary limits carry `retry-after`; true unless given. */
  retry_after?: boolean;
  /** Status of answers to secondary limits; 403 unless given. */
  secondary_status?: 403 | 429;
}

/** From "Rate limits for the REST API" and "Rate limits and node limits for the GraphQL API" in GitHub's documents. */
const DOCUMENTED: Required<Omit<LimitNumbers, 'retry_after' | 'secondary_status'>> = {
  rest_per_hour: 5000,
  graphql_per_hour: 5000,
  rest_points_per_minute: 900,
  graphql_points_per_minute: 2000,
  content_per_minute: 80,
  content_per_hour: 500,
  concurrent: 100,
};

export type LimitsOption = 'none' | 'documented' | LimitNumbers;
export type Resource = 'core' | 'graphql';

const MINUTE = 60_000;
const HOUR = 3_600_000;
/** Shown as the limit where there is none. */
const UNLIMITED = 1_000_000_000;
/** Requests under way when a busy client is told do not count: time in milliseconds for the answer to be taken in. */
const TOLD_AFTER = 1_000;

/** Sum over a sliding window, in 60 buckets. */
class SlidingSum {
  readonly #buckets = new Map<number, number>();

  constructor(private readonly width: number) {}

  #bucket(now: number): number {
    return Math.floor(now / (this.width / 60));
  }

  sum(now: number): number {
    const oldest = this.#bucket(now) - 60;
    let sum = 0;
    for (const [bucket, amount] of this.#buckets)
      if (bucket <= oldest) this.#buckets.delete(bucket);
      else sum += amount;
    return sum;
  }

  add(now: number, amount: number): void {
    const bucket = this.#bucket(now);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + amount);
  }

  /** Milliseconds until the oldest amount has left the window. */
  wait(now: number): number {
    const [oldest] = this.#buckets.keys();
    const step = this.width / 60;
    return oldest === undefined ? 0 : Math.max(step, (oldest + 61) * step - now);
  }
}

interface Usage {
  primary: Record<Resource, { used: number; reset: number }>;
  points: Record<Resource, SlidingSum>;
  contentMinute: SlidingSum;
  contentHour: SlidingSum;
  inFlight: number;
  closed: { from: number; until: number; resource: Resource | null }[];
}

export type Refusal = { kind: 'primary' } | { kind: 'secondary'; retryAfter: number };

export interface Charge {
  resource: Resource;
  /** Primary points: 1 for REST, the computed cost for GraphQL, 0 where the call is free. */
  cost: number;
  points: number;
  content: boolean;
}

/** Counts per token what GitHub counts, and refuses what it refuses. */
export class Limits {
  #numbers: LimitNumbers;
  readonly #usages = new Map<string, Usage>();

  constructor(
    option: LimitsOption,
    private readonly now: () => number,
  ) {
    this.#numbers = option === 'none' ? {} : option === 'documented' ? DOCUMENTED : option;
  }

  set(option: LimitsOption): void {
    this.#numbers = option === 'none' ? {} : option === 'documented' ? DOCUMENTED : option;
    this.#usages.clear();
  }

  get numbers(): LimitNumbers {
    return this.#numbers;
  }

  #usage(token: string): Usage {
    const known = this.#usages.get(token);
    if (known !== undefined) return known;
    const reset = this.now() + HOUR;
    const usage: Usage = {
      primary: { core: { used: 0, reset }, graphql: { used: 0, reset } },
      points: { core: new SlidingSum(MINUTE), graphql: new SlidingSum(MINUTE) },
      contentMinute: new SlidingSum(MINUTE),
      contentHour: new SlidingSum(HOUR),
      inFlight: 0,
      closed: [],
    };
    this.#usages.set(token, usage);
    return usage;
  }

  #limit(resource: Resource): number {
    const { rest_per_hour: rest, graphql_per_hour: graphql } = this.#numbers;
    return (resource === 'core' ? rest : graphql) ?? UNLIMITED;
  }

  #primary(usage: Usage, resource: Resource): { used: number; reset: number } {
    const now = this.now();
    const window = usage.primary[resource];
    if (now >= window.reset) Object.assign(window, { used: 0, reset: now + HOUR });
    return window;
  }

  /** Whether the caller had been told to wait when a request came at `at`. */
  inClosedWindow(token: string, resource: Resource, at: number): boolean {
    const usage = this.#usage(token);
    usage.closed = usage.closed.filter((window) => window.until > at);
    return usage.closed.some(
      (window) => window.from <= at && (window.resource === null || window.resource === resource),
    );
  }

  /** An answer that tells the caller to wait is on its way. `resource` null: for everything. */
  told(token: string, resource: Resource | null, until: number): void {
    this.#usage(token).closed.push({ from: this.now() + TOLD_AFTER, until, resource });
  }

  enter(token: string): () => void {
    const usage = this.#usage(token);
    usage.inFlight++;
    return () => {
      usage.inFlight--;
    };
  }

  /** Counts a request, or says why it is refused; a refused one still counts against the secondary limits. */
  admit(token: string, charge: Charge): Refusal | null {
    const usage = this.#usage(token);
    const now = this.now();
    const { resource, points, content } = charge;
    const window = this.#primary(usage, resource);
    if (charge.cost > 0 && window.used + charge.cost > this.#limit(resource)) return { kind: 'primary' };
    const perMinute =
      this.#numbers[resource === 'core' ? 'rest_points_per_minute' : 'graphql_points_per_minute'];
    const sums: [SlidingSum, number, number | undefined][] = [
      [usage.points[resource], points, perMinute],
      [usage.contentMinute, content ? 1 : 0, this.#numbers.content_per_minute],
      [usage.contentHour, content ? 1 : 0, this.#numbers.content_per_hour],
    ];
    const waits = usage.inFlight > (this.#numbers.concurrent ?? Infinity) ? [1000] : [];
    for (const [sum, amount, limit] of sums) {
      if (limit !== undefined && amount > 0 && sum.sum(now) + amount > limit) waits.push(sum.wait(now));
      if (amount > 0) sum.add(now, amount);
    }
    if (waits.length > 0)
      return { kind: 'secondary', retryAfter: Math.max(1, Math.ceil(Math.max(...waits) / 1000)) };
    window.used += charge.cost;
    return null;
  }

  /** Gives back what an answer that is free of the primary limit (304) was charged. */
  refund(token: string, resource: Resource, cost: number): void {
    this.#primary(this.#usage(token), resource).used -= cost;
  }

  view(token: string, resource: Resource): { limit: number; used: number; remaining: number; reset: number } {
    const limit = this.#limit(resource);
    const window = this.#primary(this.#usage(token), resource);
    const used = Math.min(window.used, limit);
    return { limit, used, remaining: limit - used, reset: Math.ceil(window.reset / 1000) };
  }
}
