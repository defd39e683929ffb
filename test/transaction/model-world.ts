import type { Ports } from '../../src/transaction/engine.js';
import { StepFailed } from '../../src/transaction/failure.js';
import type { Entry } from '../../src/transaction/journal.js';
import type { Step } from '../../src/transaction/step.js';

/** What the world does with one try of a step's do. `leaked` is applied and reported as lost; `lost` is not applied. */
export type DoFate = 'applied' | 'refused' | 'lost' | 'leaked';
/** What meets an undo: nothing, somebody else's change, or a failure that a person decides on. */
export type UndoFate = 'ok' | 'conflict' | 'retry' | 'skip';

export interface StepFate {
  tries: DoFate[];
  undo: UndoFate;
  /** Whether the value is as wanted before the transaction starts. */
  right: boolean;
  /** How many turns of the event loop's queue each call takes. */
  ticks: number;
}

const WANTED = 1;
const BEFORE = 0;
const FOREIGN = 99;

/** A world of one value a step, that knows what it must be when the transaction is undone. */
export class ModelWorld {
  readonly values = new Map<string, number>();
  /** What each value has to be once everything is undone; missing where a person decided to leave it. */
  readonly expected = new Map<string, number>();
  readonly started: string[] = [];
  readonly undone: string[] = [];
  readonly repeated: string[] = [];
  /** How often an undo met somebody else's change. */
  conflicts = 0;
  /** Undos that changed the value, by step, and effects of dos. */
  readonly effects = new Map<string, number>();
  readonly restored = new Map<string, number>();
  /** The value before our first effect, since the step was last undone. */
  private readonly base = new Map<string, number>();
  private readonly done = new Set<string>();
  private readonly stuck = new Set<string>();
  private readonly tried = new Map<string, number>();

  constructor(
    private readonly fates: Map<string, StepFate>,
    /** After how many started steps the transaction is cancelled. */
    private readonly cancelAfter: number | null,
  ) {
    for (const [step, { right }] of fates) {
      this.values.set(step, right ? WANTED : BEFORE);
      this.expected.set(step, right ? WANTED : BEFORE);
    }
  }

  isWanted(step: string): boolean {
    return this.values.get(step) === WANTED;
  }

  ports(): Ports {
    return {
      do: (step) => this.do(step),
      undo: (entry) => this.undo(entry),
      cancelled: () => this.cancelAfter !== null && this.started.length >= this.cancelAfter,
      decide: async (entry) => {
        if (this.fate(entry.step).undo === 'retry') return 'retry';
        this.expected.delete(entry.step);
        this.done.delete(entry.step);
        return 'skip';
      },
      changed: () => undefined,
    };
  }

  private async do(step: Step): Promise<{ effect: 'applied' | 'unchanged' }> {
    const { name } = step;
    this.started.push(name);
    if (this.done.has(name)) this.repeated.push(name);
    const { tries, ticks } = this.fate(name);
    const nth = this.tried.get(name) ?? 0;
    this.tried.set(name, nth + 1);
    await turns(ticks);
    const fate = tries[nth] ?? 'applied';
    const wasWanted = this.isWanted(name);
    if (fate === 'applied' || fate === 'leaked') this.apply(name);
    if (fate === 'refused') throw failure(name, 'refused', false);
    if (fate !== 'applied') throw failure(name, 'unavailable', true);
    this.done.add(name);
    return { effect: wasWanted ? 'unchanged' : 'applied' };
  }

  private apply(name: string): void {
    if (this.isWanted(name)) return;
    if (!this.base.has(name)) this.base.set(name, this.values.get(name) ?? BEFORE);
    this.values.set(name, WANTED);
    count(this.effects, name);
  }

  private async undo({ step }: Entry) {
    const { undo, ticks } = this.fate(step);
    await turns(ticks);
    if ((undo === 'retry' || undo === 'skip') && !this.stuck.has(step)) {
      if (undo === 'retry') this.stuck.add(step);
      throw failure(step, 'refused', false);
    }
    this.undone.push(step);
    this.done.delete(step);
    const before = this.base.get(step);
    this.base.delete(step);
    if (before === undefined) return { conflicts: [] };
    if (undo === 'conflict') {
      this.values.set(step, FOREIGN);
      this.expected.set(step, FOREIGN);
      this.conflicts += 1;
      return { conflicts: [{ step, field: '', before, wrote: WANTED, found: FOREIGN }] };
    }
    this.values.set(step, before);
    count(this.restored, step);
    return { conflicts: [] };
  }

  private fate(step: string): StepFate {
    const fate = this.fates.get(step);
    if (fate === undefined) throw new Error(`no fate for ${step}`);
    return fate;
  }
}

const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);

async function turns(ticks: number): Promise<void> {
  for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
}

function failure(step: string, kind: 'refused' | 'unavailable', mayBeApplied: boolean): StepFailed {
  return new StepFailed({ step, kind, code: 'test', message: kind, mayBeApplied });
}
