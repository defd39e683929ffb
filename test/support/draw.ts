import { seededRandom } from '../../src/dev/github/random.js';

/** Each part of a trial draws by itself, so that a change of one leaves the others as they are. */
const PARTS = ['organization', 'file', 'course'] as const;

/** Draws by a seed: the same seed gives the same draws in the same order. */
export class Draw {
  private readonly next: () => number;

  private constructor(seed: number) {
    this.next = seededRandom(seed);
  }

  /** Multiplied so that seeds in a row do not begin alike. */
  static of(seed: number, part: (typeof PARTS)[number]): Draw {
    return new Draw(Math.imul(seed * PARTS.length + PARTS.indexOf(part), 0x9e3779b9));
  }

  /** True in such a share of cases. */
  chance(share = 0.5): boolean {
    return this.next() < share;
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** One of the values, of which there is at least one. */
  one<Value>(values: readonly Value[]): Value {
    return values[this.whole(0, values.length - 1)] as Value;
  }

  /** Each of the values in such a share of cases. */
  some<Value>(values: readonly Value[], share = 0.5): Value[] {
    return values.filter(() => this.chance(share));
  }

  /** Fields to spread into an object: those that are made, in such a share of cases, or none. */
  maybe<Fields extends object>(share: number, make: () => Fields): Partial<Fields> {
    return this.chance(share) ? make() : {};
  }
}
