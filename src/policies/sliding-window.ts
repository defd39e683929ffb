/**
 * At most `limit` points in any span of `spanMs`. Time comes in as an argument and must not run backwards.
 * Memory is one entry for each take of the last span.
 */
export class SlidingWindow {
  readonly #takes: { at: number; points: number }[] = [];
  #used = 0;

  constructor(
    readonly limit: number,
    readonly spanMs: number,
  ) {}

  used(now: number): number {
    let expired = 0;
    for (const take of this.#takes) {
      if (take.at + this.spanMs > now) break;
      this.#used -= take.points;
      expired += 1;
    }
    if (expired > 0) this.#takes.splice(0, expired);
    return this.#used;
  }

  take(points: number, now: number): void {
    this.#takes.push({ at: now, points });
    this.#used += points;
  }

  /**
   * When that many points fit behind those of `ahead` if nobody else takes any: `now`, or later. What is more than the limit goes
   * alone; all that is ahead may take several spans.
   */
  fitsAt(points: number, now: number, ahead = 0): number {
    let excess = this.used(now) + ahead + Math.min(points, this.limit) - this.limit;
    if (excess <= 0) return now;
    for (const take of this.#takes) {
      excess -= take.points;
      if (excess <= 0) return take.at + this.spanMs;
    }
    return now + this.spanMs * Math.ceil(excess / this.limit);
  }
}
