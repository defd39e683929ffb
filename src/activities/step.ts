import { GitHubError, StaleError } from '../github/errors.js';
import { holds } from '../github/operations/holds.js';
import type { Operation, OperationContext } from '../github/operations/operation.js';
import { differing } from '../github/operations/target.js';
import { countRequests } from '../github/request-count.js';
import { itemKey, itemKindOf } from '../standards/item-key.js';
import { isObject, sameJson } from '../standards/json.js';
import type { Change, Json } from '../standards/model.js';
import { type Restoration, restoration } from '../standards/restore.js';
import { FencedError, type MutationRecord } from '../store/store.js';
import type { Done, Undone } from '../transaction/engine.js';
import type { Conflict } from '../transaction/journal.js';
import type { StepInput } from '../workflows/contract.js';
import { codeOf, NotYet, StepError } from './answering.js';
import type { ActivityDeps } from './deps.js';
import { lacksSome, leftOut, notPutBack } from './left-out.js';
import { unrestored } from './standing.js';
import { appliedOf, callsOf, isDone, isProved, leftBehind, type Owed, openOf, owed } from './step-records.js';
import { type Direction, StepStore } from './step-store.js';
import { asWritten, isMade, madeBy, madeIn, storedOf } from './stored.js';
import { refuseAlong } from './taken-along.js';
import { refuseUntaken } from './yet-to-take-back.js';

/** How old a before-image may be when its write goes out, milliseconds (DESIGN section 5). */
const FRESH_MS = 30_000;

/** One step against one operation: what the store knows of it decides whether to write, to look, or to wait. */
export class StepWork {
  protected readonly own: StepStore;

  constructor(
    protected readonly deps: ActivityDeps,
    protected readonly operation: Operation,
    protected readonly context: OperationContext,
    protected readonly input: StepInput,
  ) {
    const { run, organization, item, actor, change, target } = input;
    const key = itemKey(itemKindOf(change.kind), item);
    this.own = new StepStore(deps, {
      run,
      organization,
      item: key,
      step: change.step,
      actor,
      change,
      target,
    });
  }

  /** The change as an operation is to see it. */
  protected get planned(): Change {
    return this.input.change;
  }

  /** Makes `change.after` the live value, once. @throws GitHubError, StepError, NotYet, FencedError */
  async do(): Promise<Done> {
    const records = await this.own.records();
    const lacks = lacksSome(this.operation, records);
    // What is there by now is not what the plan has seen.
    if (lacks) this.context.alone = true;
    if (isDone(records) && !lacks) {
      if (await this.stillStands(records)) return this.doneBefore(records);
      throw new NotYet(
        this.deps.now(),
        `${this.input.change.step} was changed by somebody else and is done again`,
      );
    }
    this.own.refuseOvertaken(records);
    try {
      return await this.forward(records);
    } catch (error) {
      const lost = openOf(records, 'do');
      // What one read shows still, another may not find any more; a refused write is no GitHubError by now.
      if (error instanceof GitHubError) this.own.refuseRefusal(lost, error);
      throw lost.length === 0 ? error : inDoubt(error);
    }
  }

  /**
   * Whether a step that the records show as done still is. A plan that was read after that and has the step again, as on the retry of a
   * dead letter that kept its finished steps, says that somebody else has changed it: that turn is noted, so that the step is
   * done again and an undo goes back to what they left.
   */
  private async stillStands(records: MutationRecord[]): Promise<boolean> {
    const { change, readAt } = this.input;
    const doneAt = records.findLast(({ outcome }) => outcome === 'applied')?.concludedAt ?? readAt;
    if (readAt <= doneAt) return true;
    const found = await this.readAfter(records);
    if (holds(this.operation, found, change.after)) return true;
    await this.own.note('undo', found, records);
    return false;
  }

  /** The answer to a do that is asked for again although it stands done. */
  protected async doneBefore(_records: MutationRecord[]): Promise<Done> {
    return { effect: 'applied' };
  }

  protected async forward(records: MutationRecord[]): Promise<Done> {
    try {
      return await this.writeOrLook(records);
    } catch (error) {
      if (!(error instanceof StaleError)) throw error;
      this.context.alone = true;
      return this.writeOrLook(await this.own.records());
    }
  }

  private async writeOrLook(records: MutationRecord[]): Promise<Done> {
    const { change, readAt } = this.input;
    const [dos, undos] = [openOf(records, 'do'), openOf(records, 'undo')];
    const isYoung = this.deps.now() - readAt <= FRESH_MS && this.context.alone !== true;
    const fresh = isYoung && this.operation.looksFirst?.(change) !== true;
    // A late undo would take away what is written now.
    this.own.awaitSettled(callsOf(records, 'undo'));
    if (fresh && dos.length + undos.length === 0) {
      await refuseAlong(this.operation, this.context, this.input, this.own);
      return this.write('do', change.before, change.after, records);
    }
    const settled = this.own.settledAt(dos) <= this.deps.now();
    const found = await this.readAfter(records);
    // By the name that was found: the ids of the plan may be those of something else by now.
    this.context.alone = true;
    await this.concludeUndos(undos, found);
    const wanted = this.rebased(found);
    if (holds(this.operation, found, wanted)) {
      await this.own.refuseSuperseded(records);
      await this.conclude(dos, isProved(records, 'do') ? 'refused' : 'applied', found);
      return { effect: owed(this.operation.owns, records) === null ? 'unchanged' : 'applied' };
    }
    if (this.input.approved === true && dos.length === 0 && !holds(this.operation, found, change.before))
      throw new StepError('changed since approval', 'refused', 'changed_since_approval', false);
    if (!settled && !this.operation.idempotent) this.own.awaitSettled(dos);
    await refuseAlong(this.operation, this.context, this.input, this.own);
    return this.write('do', found, wanted, records);
  }

  /**
   * Puts back what was before, where it still holds what we wrote. Whatever may still be applied is waited for first.
   * Every write is recorded before it is sent, so a step without records wrote nothing and has nothing to undo.
   * That it was asked to is recorded all the same.
   * @throws GitHubError, StepError, NotYet, FencedError
   */
  async undo(): Promise<Undone> {
    const { step } = this.input.change;
    const { owns } = this.operation;
    const records = await this.own.records();
    this.own.refuseOvertaken(records);
    const owing = owed(owns, records);
    if (owing === null) {
      await this.own.noteNothing(records);
      const left = leftBehind(owns, records, ({ to, dos }, found) =>
        storedOf(this.operation, to, dos, found),
      );
      return { conflicts: left.map((conflict) => ({ ...conflict, step })) };
    }
    this.own.awaitSettled(records);
    const undos = openOf(records, 'undo');
    const seen = await this.readAfter(records, this.covering(owing));
    const found = asWritten(this.operation, undos, seen);
    const wrote = storedOf(this.operation, owing.to, owing.dos, found);
    const restored = restoration(owns, owing.from, wrote, found);
    const { to, conflicts } = await this.unlessOccupied(restored, wrote, found);
    if (conflicts.length > 0 && owing.from === null)
      await refuseUntaken(this.deps, this.input, this.input.run);
    await this.own.refuseHasty(conflicts);
    const nothing = sameJson(to, found) && conflicts.length === 0;
    const left = nothing && (await this.leftover());
    const undone = await this.concludeUndos(undos, seen, left);
    const outcome = isProved(records, 'do') || (nothing && !left) ? 'refused' : 'applied';
    // Half a do stays open until what it left is gone: concluded before, the step would pass for done.
    if (!left) await this.conclude(openOf(owing.dos, 'do'), outcome, seen);
    const writes = left || !sameJson(to, found);
    const refused = writes ? await this.putBack(found, to, records) : [];
    if (!writes && !undone) await this.own.note('undo', found, records);
    if (left) await this.conclude(openOf(owing.dos, 'do'), outcome, seen);
    return { conflicts: [...conflicts.map((conflict) => ({ ...conflict, step })), ...refused] };
  }

  /** A refusal goes to a person, who has to know what is left, and not what was to be undone: others may have put back some of it. */
  private async putBack(found: Json, to: Json, records: MutationRecord[]): Promise<Conflict[]> {
    try {
      const { conflicts = [] } = await this.write('undo', found, to, records);
      return conflicts;
    } catch (error) {
      if (!(error instanceof StepError) || error.kind !== 'refused') throw error;
      // Of several requests some had come through before the one that was refused.
      const now = error.mayBeApplied ? await this.read().catch(() => found) : found;
      throw error.knowing({ stands: unrestored(now, to) });
    }
  }

  protected async write(direction: Direction, from: Json, to: Json, known: MutationRecord[]): Promise<Done> {
    const { target } = this.input;
    const id = await this.own.intend(direction, from, to, known);
    const { outcome, applied, lastRequestId } = await countRequests(() =>
      this.operation.write(this.context, target, this.planned, from, to),
    );
    if (outcome.ok) {
      // An attempt that was given up for lost may have come through meanwhile; then this call found its work done.
      const made = await madeBy(this.operation, outcome.value ?? null, to, () => this.read());
      const detail = { requestId: lastRequestId, ...made };
      await this.deps.store.conclude(id, 'applied', detail, appliedOf(known, direction));
      if (made.stored === undefined || holds(this.operation, made.stored, to)) return { effect: 'applied' };
      if (direction === 'do') throw leftOut(this.operation, known, made.stored, to, this.deps.now());
      return { effect: 'applied', conflicts: notPutBack(this.planned.step, made.stored, from, to) };
    }
    const { error } = outcome;
    if (!(error instanceof GitHubError)) {
      await this.deps.store.conclude(id, 'unknown', { error: messageOf(error) });
      throw error;
    }
    // A write of several requests may have got half-way before the one that was refused, or has to wait.
    const partly = applied > 0;
    const unknown = error.failure.kind === 'unknown' || partly;
    const detail = { requestId: error.requestId, error: error.message };
    await this.deps.store.conclude(id, unknown ? 'unknown' : 'refused', detail);
    if (error instanceof StaleError) throw error;
    if (!partly) this.own.refuseRefusal(openOf(known, direction), error);
    if (error.failure.kind === 'refused' || error.failure.kind === 'unauthenticated') {
      throw new StepError(error.message, 'refused', codeOf(error), partly);
    }
    throw error;
  }

  /** A removal would take with it what others have put in since: that is a conflict like any other. */
  protected async unlessOccupied(restored: Restoration, wrote: Json, found: Json): Promise<Restoration> {
    if (restored.to !== null || found === null) return restored;
    const changed = (await this.operation.others?.(this.context, this.input.target, this.planned)) ?? [];
    if (changed.length === 0) return restored;
    return { to: found, conflicts: [{ field: '', before: null, wrote, found: { changed } }] };
  }

  /** What to write over a value that somebody changed since the plan read it: our fields, their rest. */
  private rebased(found: Json): Json {
    const { change } = this.input;
    const { before, after } = change;
    const { owns } = this.operation;
    if (owns === 'set' && Array.isArray(found) && Array.isArray(before) && Array.isArray(after))
      return restoration('set', after, before, found).to;
    if (owns === 'fields' && isObject(found) && isObject(before) && isObject(after)) {
      const wanted = { ...after, ...found, ...differing(before, after) };
      return this.operation.over?.(found, wanted) ?? wanted;
    }
    return after;
  }

  /** What became of earlier undos, judged by a value that was read when they had settled, and by what was left. */
  protected async concludeUndos(undos: MutationRecord[], found: Json, left = false): Promise<boolean> {
    const undone = isMade(this.operation, undos, found) && !left;
    await this.conclude(undos, undone ? 'applied' : 'refused', found);
    return undone;
  }

  /** Concludes lost calls by what was found, which is kept as what they have made where GitHub adds to it. */
  protected conclude(lost: MutationRecord[], outcome: 'applied' | 'refused', found: Json): Promise<void> {
    return this.own.concludeAll(lost, outcome, madeIn(this.operation, found));
  }

  /** The live value, where it can be told from what was there before these writes. @throws GitHubError, NotYet */
  protected async readAfter(records: MutationRecord[], as = this.planned): Promise<Json> {
    const found = await this.read(as);
    this.own.refuseBehind(this.operation.owns, records, found);
    return found;
  }

  protected read(as = this.planned): Promise<Json> {
    return this.operation.read(this.context, this.input.target, as);
  }

  /** The change with every field that is owed: the one that was planned last may name some of them only. */
  private covering({ from, to }: Owed): Change {
    const { planned } = this;
    const byFields = this.operation.owns === 'fields' && isObject(from) && isObject(to);
    return byFields ? { ...planned, before: from, after: to } : planned;
  }

  protected async leftover(): Promise<boolean> {
    return (await this.operation.leftover?.(this.context, this.input.target, this.planned)) ?? false;
  }
}

/** A refusal says nothing of the step's earlier calls: while one of them is open, the step may have been applied. */
function inDoubt(error: unknown): unknown {
  if (error instanceof StepError) return error.knowing({ mayBeApplied: true });
  if (error instanceof FencedError) return new StepError(error.message, 'refused', 'fenced', true);
  if (!(error instanceof GitHubError)) return error;
  const { kind } = error.failure;
  return kind === 'refused' || kind === 'unauthenticated'
    ? new StepError(error.message, 'refused', codeOf(error), true)
    : error;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
