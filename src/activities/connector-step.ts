import { Context } from '@temporalio/activity';
import type { Connector, LeftAlone } from '../connectors/connector.js';
import type { Working } from '../connectors/connectors.js';
import { change } from '../standards/changes.js';
import type { Json, JsonObject, Target } from '../standards/model.js';
import { FencedError, type MutationRecord, SupersededError } from '../store/store.js';
import type { Done, Undone } from '../transaction/engine.js';
import type { Conflict } from '../transaction/journal.js';
import { NotYet, StepError } from './answering.js';
import { failureOf } from './connector-failure.js';
import type { ActivityDeps } from './deps.js';
import { isDone, isOpen, isProved, openOf, owed } from './step-records.js';

type Direction = MutationRecord['direction'];

/** One step of a connector, as the store is told of it. */
export interface ConnectorWorkInput {
  /** The run that works, whose records these are. */
  run: string;
  /** The run that made it or is to make it: the step's key and results are that run's. Another one in a rollback. */
  origin: string;
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

/**
 * A step of a connector: what the store knows of it decides whether to send, to look, or to wait. Made and unmade by either
 * direction, since the do of a rollback unmakes.
 */
export class ConnectorWork {
  constructor(
    private readonly deps: ActivityDeps,
    private readonly connector: Connector,
    private readonly options: unknown,
    private readonly results: Readonly<Record<string, Json>>,
    private readonly startedAt: number,
    private readonly input: ConnectorWorkInput,
  ) {}

  /** Makes it, once. @throws StepError, NotYet, FencedError, StoppedError */
  async make(direction: Direction): Promise<Done> {
    const records = await this.records();
    if (direction === 'do' && isDone(records)) return { effect: 'applied' };
    const [tries, counters] = [openOf(records, direction), openOf(records, other(direction))];
    return this.inDoubt(tries, async () => {
      this.awaitSettled(counters);
      if (!this.connector.idempotent) this.awaitSettled(tries);
      const found = await this.inspect();
      if (found.state === 'ours' && tries.length > 0) {
        await this.concludeAll(counters, 'refused');
        await this.saveResult(found.result);
        await this.concludeAll(tries, 'applied');
        return { effect: 'applied' };
      }
      await this.concludeAll(counters, found.state === 'absent' ? 'applied' : 'refused');
      if (found.state === 'foreign') {
        await this.concludeAll(tries, 'refused');
        throw new StepError(`there is ${found.what} already`, 'refused', 'conflict', false);
      }
      await this.send(direction, null, this.value, records, async ({ context }) => {
        const result =
          found.state === 'ours' ? found.result : await this.connector.forward(context, this.options);
        await this.saveResult(result);
      });
      // Whatever an earlier call left unfinished is part of what is there now.
      await this.concludeAll(tries, 'refused');
      return { effect: 'applied' };
    });
  }

  /** Takes away what was or may have been made. @throws StepError, NotYet, FencedError, StoppedError */
  async unmake(direction: Direction): Promise<Undone> {
    const records = await this.records();
    const made = direction === 'undo' ? owed(records) : [];
    if (direction === 'undo' ? made.length === 0 : isDone(records)) return this.left();
    const [tries, counters] = [openOf(records, direction), openOf(records, other(direction))];
    return this.inDoubt(tries, async () => {
      this.awaitSettled(records.filter(isOpen));
      const found = await this.inspect();
      if (found.state === 'absent' || found.state === 'foreign') {
        await this.concludeAll(counters, 'refused');
        const proved = direction === 'do' || isProved(records, 'do');
        if (found.state === 'foreign' && proved)
          await this.keepConflicts([{ field: this.connector.name, wrote: this.value, found: found.what }]);
        if (tries.length > 0) await this.concludeAll(tries, 'applied');
        else await this.note(direction, records);
        return this.left();
      }
      await this.concludeAll(counters, isProved(records, other(direction)) ? 'refused' : 'applied');
      await this.send(direction, this.value, null, records, async ({ context }) => {
        const stored = await this.storedResult();
        const result = stored ?? (found.state === 'ours' ? found.result : null);
        const { conflicts } = await this.connector.compensate(context, this.options, result);
        await this.keepConflicts(conflicts);
      });
      await this.concludeAll(tries, 'refused');
      return this.left();
    });
  }

  private inspect() {
    const { context } = this.calling();
    return this.mapped(() => this.connector.inspect(context, this.options));
  }

  private calling(): Calling {
    const { origin, item, step, organization, actor } = this.input;
    const working: Working = {
      run: origin,
      item,
      step,
      organization,
      actor,
      startedAt: this.startedAt,
      results: this.results,
    };
    return this.deps.connectors.contextFor(this.connector, working);
  }

  /** Records the intent, calls, and records what became of it. */
  private async send(
    direction: Direction,
    from: Json,
    to: Json,
    known: MutationRecord[],
    work: (calling: Calling) => Promise<void>,
  ): Promise<void> {
    const { store } = this.deps;
    const calling = this.calling();
    const id = await this.intend(direction, from, to, known);
    try {
      await work(calling);
    } catch (error) {
      const { traffic } = calling;
      const { outcome, thrown } = failureOf(error, traffic.applied > 0);
      await store.conclude(id, outcome, { requestId: traffic.requestId, error: thrown.message });
      throw thrown;
    }
    await store.conclude(id, 'applied', { requestId: calling.traffic.requestId });
  }

  /** That there was nothing to take away is recorded too: the step is not done any more, and may be done again. */
  private async note(direction: Direction, known: MutationRecord[]): Promise<void> {
    await this.deps.store.conclude(await this.intend(direction, null, null, known), 'unchanged', {});
  }

  /** Whoever decided by records that are not the newest any more decides anew. */
  private async intend(direction: Direction, from: Json, to: Json, known: MutationRecord[]): Promise<number> {
    try {
      return await this.deps.store.intend(this.intent(direction, from, to), known.at(-1)?.id ?? 0);
    } catch (error) {
      throw error instanceof SupersededError ? new NotYet(this.deps.now(), error.message) : error;
    }
  }

  private async mapped<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw failureOf(error, false, true).thrown;
    }
  }

  /** A failure says nothing of the step's earlier calls: while one of them is open, the step may have been applied. */
  private async inDoubt<T>(open: MutationRecord[], work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const [first] = open;
      if (first === undefined || openOf(await this.records(), first.direction).length === 0) throw error;
      if (error instanceof StepError) throw new StepError(error.message, error.kind, error.code, true);
      if (error instanceof FencedError) throw new StepError(error.message, 'refused', 'fenced', true);
      throw error;
    }
  }

  private awaitSettled(open: MutationRecord[]): void {
    const { settle, start_to_close } = this.deps.settings.activity;
    const until = Math.max(
      0,
      ...open.map(({ intendedAt, concludedAt }) => (concludedAt ?? intendedAt + start_to_close) + settle),
    );
    if (until > this.deps.now())
      throw new NotYet(until, `an earlier call for ${this.input.step} may still take effect`);
  }

  private async concludeAll(open: MutationRecord[], outcome: 'applied' | 'refused'): Promise<void> {
    const [last, ...others] = open.toReversed();
    if (last === undefined) return;
    await this.deps.store.conclude(last.id, outcome, {});
    for (const one of others) await this.deps.store.conclude(one.id, 'refused', {});
  }

  private get value(): JsonObject {
    return { options: this.input.options, needs: this.input.needs };
  }

  private intent(direction: Direction, from: Json, to: Json) {
    const { run, organization, item, actor, step, target } = this.input;
    const { attempt } = Context.current().info;
    const { name } = this.connector;
    const planned = change(step, 'connector', name, null, this.value);
    return { run, organization, item, step, direction, attempt, actor, target, from, to, change: planned };
  }

  private records(): Promise<MutationRecord[]> {
    const { run, item, step } = this.input;
    return this.deps.store.recordsOfStep(run, item, step);
  }

  private async saveResult(result: Json): Promise<void> {
    const { origin, item, step } = this.input;
    await this.deps.store.saveStepResult(origin, item, step, result);
  }

  private storedResult(): Promise<Json | null> {
    const { origin, item, step } = this.input;
    return this.deps.store.getStepResult(origin, item, step);
  }

  private async keepConflicts(conflicts: LeftAlone[]): Promise<void> {
    const { run, item, step } = this.input;
    const kept = conflicts.map(({ field, wrote, found }) => ({ field, wrote, found }));
    await this.deps.store.saveStepResult(run, item, `${step}${LEFT}`, kept);
  }

  /** What the last unmaking had to leave, also when its answer was lost. */
  private async left(): Promise<Undone> {
    const { run, item, step } = this.input;
    const kept = await this.deps.store.getStepResult(run, item, `${step}${LEFT}`);
    const conflicts = (Array.isArray(kept) ? kept : []) as unknown as LeftAlone[];
    return { conflicts: conflicts.map((one): Conflict => ({ ...one, step, before: null })) };
  }
}

type Calling = ReturnType<ActivityDeps['connectors']['contextFor']>;

const other = (direction: Direction): Direction => (direction === 'do' ? 'undo' : 'do');
