import { Context } from '@temporalio/activity';
import type { LeftAlone } from '../connectors/connector.js';
import { change } from '../standards/changes.js';
import type { Json, JsonObject, Restore, Target } from '../standards/model.js';
import { type MutationRecord, SupersededError } from '../store/store.js';
import type { Undone } from '../transaction/engine.js';
import type { Conflict } from '../transaction/journal.js';
import { NotYet } from './answering.js';
import type { ActivityDeps } from './deps.js';
import { isOpen, settledAt } from './step-records.js';

export type Direction = MutationRecord['direction'];

/** One step of a connector, as the store is told of it. */
export interface ConnectorWorkInput {
  /** The run that works, whose records these are. */
  run: string;
  /** The run that made it or is to make it: the step's key and results are that run's. Another one in a rollback. */
  origin: string;
  /** Of a rollback: what it takes back; its run is a rollback itself where something is brought forward again. */
  restore: Restore | null;
  organization: string;
  item: string;
  actor: string;
  step: string;
  options: JsonObject;
  needs: string[];
  target: Target;
}

/** What conflicts a step had to leave is kept under its name and this. */
const LEFT = ' (left)';

/** What the store knows of a connector's step, and is told of it. */
export class ConnectorRecords {
  constructor(
    private readonly deps: Pick<ActivityDeps, 'store' | 'settings' | 'now'>,
    private readonly connector: string,
    private readonly input: ConnectorWorkInput,
  ) {}

  /** The value that the step makes. */
  get value(): JsonObject {
    return { options: this.input.options, needs: this.input.needs };
  }

  own(): Promise<MutationRecord[]> {
    return this.of(this.input.run);
  }

  /**
   * Records of the run that is taken back. A rollback of a rollback looks at the rollback's: that one has waited for those before
   * it, or it would have recorded nothing that could be taken back.
   */
  async original(): Promise<MutationRecord[]> {
    const { restore } = this.input;
    return restore === null ? [] : this.of(restore.of);
  }

  private of(run: string): Promise<MutationRecord[]> {
    return this.deps.store.recordsOfStep(run, this.input.item, this.input.step);
  }

  /** Whoever decided by records that are not the newest any more decides anew. @throws NotYet, FencedError, StoppedError */
  async intend(direction: Direction, from: Json, to: Json, known: MutationRecord[]): Promise<number> {
    const { run, organization, item, actor, step, target, restore } = this.input;
    const { attempt } = Context.current().info;
    // Whoever takes this back in turn has to know whose key it was made under.
    const planned = {
      ...change(step, 'connector', this.connector, null, this.value),
      ...(restore === null ? {} : { restore }),
    };
    const own = { run, organization, item, step, direction, attempt, actor, target, from, to };
    try {
      return await this.deps.store.intend({ ...own, change: planned }, known.at(-1)?.id ?? 0);
    } catch (error) {
      throw error instanceof SupersededError ? new NotYet(this.deps.now(), error.message) : error;
    }
  }

  /** That there was nothing to take away is recorded too: the step is not done any more, and may be done again. */
  async note(direction: Direction, known: MutationRecord[]): Promise<void> {
    await this.deps.store.conclude(await this.intend(direction, null, null, known), 'unchanged', {});
  }

  /** Waits until calls that may have been sent can no longer take effect. @throws NotYet */
  awaitSettled(records: MutationRecord[]): void {
    const until = settledAt(records.filter(isOpen), this.deps.settings.activity);
    if (until > this.deps.now())
      throw new NotYet(until, `an earlier call for ${this.input.step} may still take effect`);
  }

  async concludeAll(open: MutationRecord[], outcome: 'applied' | 'refused'): Promise<void> {
    const [last, ...others] = open.toReversed();
    if (last === undefined) return;
    // One effect was found, so one record has it.
    await this.deps.store.conclude(last.id, outcome, {});
    for (const one of others) await this.deps.store.conclude(one.id, 'refused', {});
  }

  async saveResult(result: Json): Promise<void> {
    const { origin, item, step } = this.input;
    await this.deps.store.saveStepResult(origin, item, step, result);
  }

  storedResult(): Promise<Json | null> {
    const { origin, item, step } = this.input;
    return this.deps.store.getStepResult(origin, item, step);
  }

  async keepConflicts(conflicts: LeftAlone[]): Promise<void> {
    const { run, item, step } = this.input;
    const kept = conflicts.map(({ field, wrote, found }) => ({ field, wrote, found }));
    await this.deps.store.saveStepResult(run, item, `${step}${LEFT}`, kept);
  }

  /** What the last unmaking had to leave, also when its answer was lost. */
  async left(): Promise<Undone> {
    const { run, item, step } = this.input;
    const kept = await this.deps.store.getStepResult(run, item, `${step}${LEFT}`);
    const conflicts = (Array.isArray(kept) ? kept : []) as unknown as LeftAlone[];
    return { conflicts: conflicts.map((one): Conflict => ({ ...one, step, before: null })) };
  }
}
