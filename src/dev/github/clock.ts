/** A clock that can be held, so that what is done once more happens at the time at which it happened first. Epoch milliseconds. */
export class Clock {
  #held: number | null = null;

  constructor(private readonly real: () => number) {}

  readonly now = (): number => this.#held ?? this.real();

  at<T>(time: number, act: () => T): T {
    const before = this.#held;
    this.#held = time;
    try {
      return act();
    } finally {
      this.#held = before;
    }
  }
}
