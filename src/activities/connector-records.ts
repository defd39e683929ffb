import type { LeftAlone } from '../connectors/connector.js';
import { change } from '../standards/changes.js';
import type { Json, JsonObject, Restore, Target } from '../standards/model.js';
import type { MutationRecord } from '../store/store.js';
import type { Undone } from '../transaction/engine.js';
import type { Conflict } from '../transaction/journal.js';
import type { ActivityDeps } from './deps.js';
import { StepStore } from './step-store.js';

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

/** What the store knows of a connector's step and its results, and is told of them. */
export class ConnectorRecords extends StepStore {
  /** The value that the step makes. */
  readonly value: JsonObject;

  constructor(
    deps: Pick<ActivityDeps, 'store' | 'settings' | 'now'>,
    connector: string,
    private readonly input: ConnectorWorkInput,
  ) {
    const { run, organization, item, step, actor, target, restore, options, needs } = input;
    const value = { options, needs };
    // Whoever takes this back in turn has to know whose key it was made under.
    const planned = {
      ...change(step, 'connector', connector, null, value),
      ...(restore === null ? {} : { restore }),
    };
    super(deps, { run, organization, item, step, actor, target, change: planned });
    this.value = value;
  }

  /**
   * Records of the run that is taken back. A rollback of a rollback looks at the rollback's: that one has waited for those before
   * it, or it would have recorded nothing that could be taken back.
   */
  async original(): Promise<MutationRecord[]> {
    const { restore } = this.input;
    return restore === null ? [] : this.recordsIn(restore.of);
  }

  async saveResult(result: Json): Promise<void> {
    const { origin, item, step } = this.input;
    await this.deps.store.saveStepResult(origin, item, step, result);
  }

  /**
   * What stands is told by a look, where `forward` could not say itself. What it said stays: of what it made, somebody else may
   * have changed some before the look.
   */
  async saveFound(result: Json): Promise<void> {
    if ((await this.storedResult()) === null) await this.saveResult(result);
  }

  /**
   * Before `forward` is sent: whatever an earlier one gave is not of what this one makes. Not when the step is unmade, since steps
   * whose own undo was skipped then read it still when they are taken back.
   */
  forgetResult(): Promise<void> {
    return this.saveResult(null);
  }

  /** What the newest `forward` gave; null where its answer was lost and nobody has looked since. */
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
