import type { Connector, Found } from '../connectors/connector.js';
import type { Working } from '../connectors/connectors.js';
import { sameJson } from '../standards/json.js';
import type { Json } from '../standards/model.js';
import { type ConclusionDetail, FencedError, type MutationRecord } from '../store/store.js';
import type { Done, Undone } from '../transaction/engine.js';
import type { Standing } from '../transaction/failure.js';
import { StepError } from './answering.js';
import { failureOf } from './connector-failure.js';
import { ConnectorRecords, type ConnectorWorkInput } from './connector-records.js';
import type { ActivityDeps } from './deps.js';
import { missing, standing } from './standing.js';
import { callsOf, isDone, isProved, openOf, owed } from './step-records.js';
import type { Direction } from './step-store.js';

/**
 * A step of a connector: what the store knows of it decides whether to send, to look, or to wait. Made and unmade by either
 * direction, since the do of a rollback unmakes.
 */
export class ConnectorWork {
  private readonly own: ConnectorRecords;

  constructor(
    private readonly deps: ActivityDeps,
    private readonly connector: Connector,
    private readonly options: unknown,
    private readonly results: Readonly<Record<string, Json>>,
    private readonly startedAt: number,
    private readonly input: ConnectorWorkInput,
  ) {
    this.own = new ConnectorRecords(deps, connector.name, input);
  }

  /** Makes it, once. @throws StepError, NotYet, FencedError, StoppedError */
  async make(direction: Direction): Promise<Done> {
    const records = await this.own.records();
    if (direction === 'do' && isDone(records)) return { effect: 'applied' };
    this.own.refuseOvertaken(records);
    if (direction === 'undo' && owed('whole', records) === null) {
      await this.own.noteNothing(records);
      return { effect: 'unchanged' };
    }
    const original = await this.originalOf(direction);
    const [tries, counters] = [openOf(records, direction), openOf(records, other(direction))];
    return this.inDoubt(tries, async () => {
      this.own.awaitSettled([...original, ...callsOf(records, other(direction))]);
      if (!this.connector.idempotent) this.own.awaitSettled(tries);
      const found = await this.inspectAfter([...original, ...records]);
      // What is made here was unmade by the do of the run that is taken back.
      await this.concludeOriginal(original, 'undo', found);
      if (found.state === 'ours' && tries.length > 0) {
        await this.own.concludeAll(counters, 'refused');
        await this.own.saveFound(found.result);
        await this.own.concludeAll(tries, 'applied');
        return { effect: 'applied' };
      }
      await this.own.concludeAll(counters, found.state === 'absent' ? 'applied' : 'refused');
      if (found.state === 'foreign') {
        await this.own.concludeAll(tries, 'refused');
        throw new StepError(`there is ${found.what} already`, 'refused', 'conflict', false);
      }
      await this.send(direction, null, this.own.value, records, async ({ context }) => {
        if (found.state === 'ours') {
          await this.own.saveFound(found.result);
          return APPLIED;
        }
        const before = found.state === 'partial' ? await this.own.storedResult() : null;
        await this.own.forgetResult();
        await this.own.saveResult(await this.connector.forward(context, this.options, before));
        return APPLIED;
      }).catch((error: unknown) => {
        if (direction === 'do') throw error;
        const { options = null } = this.own.value;
        return this.withStanding(error, (now) => missing(this.connector.name, now, options));
      });
      // Whatever an earlier call left unfinished is part of what is there now.
      await this.own.concludeAll(tries, 'refused');
      return { effect: 'applied' };
    });
  }

  /**
   * Takes away what was or may have been made; `unchanged` where nothing of it was taken away, so that there is nothing that could be
   * brought back. @throws StepError, NotYet, FencedError, StoppedError
   */
  async unmake(direction: Direction): Promise<Done & Undone> {
    const records = await this.own.records();
    if (direction === 'do' && isDone(records)) return this.unmade('applied');
    this.own.refuseOvertaken(records);
    if (direction === 'undo' && owed('whole', records) === null) {
      await this.own.noteNothing(records);
      return this.unmade('unchanged');
    }
    const original = await this.originalOf(direction);
    const [tries, counters] = [openOf(records, direction), openOf(records, other(direction))];
    return this.inDoubt(tries, async () => {
      this.own.awaitSettled([...original, ...records]);
      const found = await this.inspectAfter([...original, ...records]);
      await this.concludeOriginal(original, 'do', found);
      if (found.state === 'absent' || found.state === 'foreign') {
        await this.own.concludeAll(counters, 'refused');
        const proved = direction === 'do' || isProved(records, 'do');
        if (found.state === 'foreign' && proved) {
          const { name: field } = this.connector;
          await this.own.keepConflicts([{ field, wrote: this.own.value, found: found.what }]);
        }
        if (tries.length > 0) await this.own.concludeAll(tries, 'applied');
        else await this.own.note(direction, null, records);
        return this.unmade(tries.length > 0 ? 'applied' : 'unchanged');
      }
      await this.own.concludeAll(counters, isProved(records, other(direction)) ? 'refused' : 'applied');
      const effect = await this.send(direction, this.own.value, null, records, (calling) =>
        this.takeAway(calling, found, direction, tries.length > 0),
      ).catch(async (error: unknown) => {
        const made = await this.own.storedResult();
        return this.withStanding(error, (now) => standing(this.connector.name, now, made));
      });
      await this.own.concludeAll(tries, 'refused');
      return this.unmade(effect);
    });
  }

  /** A refusal goes to a person, who has to know what is left. @throws what it was given */
  private async withStanding(error: unknown, told: (now: Found) => Standing[]): Promise<never> {
    if (!(error instanceof StepError) || error.kind !== 'refused') throw error;
    const { context } = this.calling();
    const found = await this.connector.inspect(context, this.options).catch(() => null);
    if (found === null) throw error;
    throw error.knowing({ stands: told(found) });
  }

  /** `mayHave`: whether an earlier call, whose answer was lost, may have taken something away. */
  private async takeAway(
    { context, traffic }: Calling,
    found: Found,
    direction: Direction,
    mayHave: boolean,
  ): Promise<Sent> {
    const stored = await this.own.storedResult();
    const result = stored ?? (found.state === 'ours' ? found.result : null);
    const { conflicts } = await this.connector.compensate(context, this.options, result);
    await this.own.keepConflicts(conflicts);
    if (conflicts.length === 0) return APPLIED;
    if (!mayHave && traffic.applied === 0) {
      // Where something is left, and nothing more than that was there, it is as it was.
      const now = await this.connector.inspect(context, this.options);
      if (sameJson(now, found)) return { effect: 'unchanged' };
    }
    // What an undo leaves stands as it was made, for a rollback of the run to look at again.
    return direction === 'undo' ? { ...APPLIED, stored: this.own.value } : APPLIED;
  }

  private async unmade(effect: Done['effect']): Promise<Done & Undone> {
    return { effect, ...(await this.own.left()) };
  }

  /** The do of a rollback meets the calls of the run before it; its undo comes after that do, which has waited for them. */
  private async originalOf(direction: Direction): Promise<MutationRecord[]> {
    return direction === 'do' ? this.own.original() : [];
  }

  /** What became of calls of the run whose answers were lost, now that they cannot land any more; `makes` is its way of making. */
  private async concludeOriginal(records: MutationRecord[], makes: Direction, found: Found): Promise<void> {
    const there = found.state === 'ours' || found.state === 'partial';
    const [had, hadNot] = there ? [makes, other(makes)] : [other(makes), makes];
    await this.own.concludeAll(openOf(records, had), isProved(records, had) ? 'refused' : 'applied');
    await this.own.concludeAll(openOf(records, hadNot), 'refused');
  }

  /** What is there, where it can be told from what was there before these calls. @throws StepError, NotYet */
  private async inspectAfter(records: MutationRecord[]): Promise<Found> {
    const { context } = this.calling();
    const found = await this.mapped(() => this.connector.inspect(context, this.options));
    if (found.state === 'absent') this.own.refuseBehind('whole', records, null);
    if (found.state === 'ours') this.own.refuseBehind('whole', records, this.own.value);
    return found;
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
    work: (calling: Calling) => Promise<Sent>,
  ): Promise<Done['effect']> {
    const { store } = this.deps;
    const calling = this.calling();
    const id = await this.own.intend(direction, from, to, known);
    let sent: Sent;
    try {
      sent = await work(calling);
    } catch (error) {
      const { traffic } = calling;
      const { outcome, thrown } = failureOf(error, traffic.applied > 0);
      await store.conclude(id, outcome, { requestId: traffic.requestId, error: thrown.message });
      throw thrown;
    }
    const { effect, ...made } = sent;
    await store.conclude(id, effect, { requestId: calling.traffic.requestId, ...made });
    return effect;
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
      if (first === undefined || openOf(await this.own.records(), first.direction).length === 0) throw error;
      if (error instanceof StepError) throw error.knowing({ mayBeApplied: true });
      if (error instanceof FencedError) throw new StepError(error.message, 'refused', 'fenced', true);
      throw error;
    }
  }
}

/** What became of a call, and what stands after it where that is not what it was to write. */
interface Sent extends Pick<ConclusionDetail, 'stored'> {
  effect: Done['effect'];
}

const APPLIED: Sent = { effect: 'applied' };

type Calling = ReturnType<ActivityDeps['connectors']['contextFor']>;

const other = (direction: Direction): Direction => (direction === 'do' ? 'undo' : 'do');
