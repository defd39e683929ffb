import type { Scenario, StepFates } from './scenario.js';

export type Direction = 'do' | 'undo';
export type Value = 'before' | 'right' | 'ours' | 'foreign';

/** The answer to one attempt, as a well-behaved activity gives it. */
export type Reply =
  | { type: 'done'; effect: 'applied' | 'unchanged'; conflict: boolean }
  | { type: 'failed'; refused: boolean; mayBeApplied: boolean }
  | { type: 'notYet' }
  | { type: 'silent' };

interface Attempt {
  direction: Direction;
  step: string;
  /** Which call of the step it belongs to, of several attempts. */
  call: number;
  /** Whether it changed something out there. */
  changed: boolean;
}

interface Thing {
  value: Value;
  /** What was there before our effect. */
  base: Value;
  /** Whether a do since the last undo may have been applied, as an activity can know it from its records. */
  inDoubt: boolean;
  taken: Record<Direction, number>;
}

/**
 * What a transaction works on: one thing a step, each touched by attempts whose fates are told beforehand. As orgsaga's
 * activities do, an attempt that finds its own effect does not repeat it.
 */
export class World {
  readonly log: Attempt[] = [];
  private readonly things = new Map<string, Thing>();

  constructor(readonly scenario: Pick<Scenario, 'fates' | 'cancelAt'>) {
    for (const [step, { right }] of Object.entries(scenario.fates))
      this.things.set(step, {
        value: right ? 'right' : 'before',
        base: 'before',
        inDoubt: false,
        taken: { do: 0, undo: 0 },
      });
  }

  values(): Record<string, Value> {
    return Object.fromEntries([...this.things].map(([step, { value }]) => [step, value]));
  }

  /** Attempts that belong to one call. */
  attemptsOf(call: number): number {
    return this.log.filter((attempt) => attempt.call === call).length;
  }

  attempt(direction: Direction, step: string, call: number): Reply {
    const thing = this.thing(step);
    const before = thing.value;
    const reply = direction === 'do' ? this.do(step, thing) : this.undo(step, thing);
    this.log.push({ direction, step, call, changed: thing.value !== before });
    return reply;
  }

  /** What the person says, asked for the nth time, about a step's undo that cannot be done. */
  decision(step: string, nth: number): 'retry' | 'skip' {
    return this.fates(step).decisions[nth] ?? 'skip';
  }

  private do(step: string, thing: Thing): Reply {
    const fate = this.fates(step).do[thing.taken.do++] ?? 'ok';
    if (fate === 'notYet') return { type: 'notYet' };
    const wasInDoubt = thing.inDoubt;
    if (fate !== 'refused' && fate !== 'unavailable') thing.inDoubt = true;
    if (fate === 'ok' || fate === 'leaked' || fate === 'silentAfter') apply(thing);
    switch (fate) {
      case 'ok':
        return { type: 'done', effect: thing.value === 'right' ? 'unchanged' : 'applied', conflict: false };
      case 'refused':
      case 'unavailable':
        return { type: 'failed', refused: fate === 'refused', mayBeApplied: wasInDoubt };
      case 'lost':
      case 'leaked':
        return { type: 'failed', refused: false, mayBeApplied: true };
      case 'silentBefore':
      case 'silentAfter':
        return { type: 'silent' };
    }
  }

  private undo(step: string, thing: Thing): Reply {
    const fate = this.fates(step).undo[thing.taken.undo++] ?? 'ok';
    switch (fate) {
      case 'ok':
        restore(thing);
        return { type: 'done', effect: 'applied', conflict: false };
      case 'conflict': {
        const conflict = thing.value === 'ours';
        if (conflict) thing.value = 'foreign';
        thing.inDoubt = false;
        return { type: 'done', effect: 'applied', conflict };
      }
      case 'refused':
      case 'unavailable':
        return { type: 'failed', refused: fate === 'refused', mayBeApplied: true };
      case 'leaked':
        restore(thing);
        return { type: 'failed', refused: false, mayBeApplied: true };
      case 'silentBefore':
        return { type: 'silent' };
      case 'silentAfter':
        restore(thing);
        return { type: 'silent' };
    }
  }

  private thing(step: string): Thing {
    const thing = this.things.get(step);
    if (thing === undefined) throw new Error(`there is no step ${step}`);
    return thing;
  }

  private fates(step: string): StepFates {
    const fates = this.scenario.fates[step];
    if (fates === undefined) throw new Error(`there are no fates for ${step}`);
    return fates;
  }
}

function apply(thing: Thing): void {
  if (thing.value === 'right' || thing.value === 'ours') return;
  thing.base = thing.value;
  thing.value = 'ours';
}

function restore(thing: Thing): void {
  if (thing.value === 'ours') thing.value = thing.base;
  thing.inDoubt = false;
}
