import { Context } from '@temporalio/activity';
import { GitHubError } from '../github/errors.js';
import type { Operation, OperationContext } from '../github/operations/operation.js';
import { countRequests } from '../github/request-count.js';
import { sameJson } from '../standards/json.js';
import type { Json } from '../standards/model.js';
import { restoration } from '../standards/restore.js';
import type { Intent, MutationRecord } from '../store/store.js';
import type { Done, Undone } from '../transaction/engine.js';
import type { StepInput } from '../workflows/contract.js';
import { codeOf, NotYet, StepError } from './answering.js';
import type { ActivityDeps } from './deps.js';

/** How old a before-image may be when its write goes out, milliseconds (DESIGN section 5). */
const FRESH_MS = 30_000;

/** One step against one operation: what the store knows of it decides whether to write, to look, or to wait. */
export class StepWork {
  constructor(
    private readonly deps: ActivityDeps,
    private readonly operation: Operation,
    private readonly context: OperationContext,
    private readonly input: StepInput,
  ) {}

  /** Makes `change.after` the live value, once. @throws GitHubError, StepError, NotYet, FencedError */
  async do(): Promise<Done> {
    const { change } = this.input;
    const records = await this.records();
    const last = records.at(-1);
    if (last?.direction === 'do' && last.outcome === 'applied') return { effect: 'applied' };
    const open = records.filter(isOpen);
    if (open.length > 0) {
      const found = await this.read();
      if (sameJson(found, change.after)) {
        await this.concludeAll(open, 'applied');
        return { effect: 'applied' };
      }
      this.awaitSettled(open, !this.operation.idempotent);
      return this.write('do', found, change.after);
    }
    if (this.deps.now() - this.input.readAt <= FRESH_MS) return this.write('do', change.before, change.after);
    const found = await this.read();
    if (sameJson(found, change.after)) return { effect: 'unchanged' };
    return this.write('do', found, this.rebased(found));
  }

  /**
   * Puts back what was before, where it still holds what we wrote. Whatever may still be applied is waited for first.
   * @throws GitHubError, StepError, NotYet, FencedError
   */
  async undo(): Promise<Undone> {
    const records = await this.records();
    const done = sinceUndone(records).filter(
      ({ direction, outcome }) => direction === 'do' && mayBeApplied(outcome),
    );
    if (done.length === 0 && records.length > 0) return { conflicts: [] };
    this.awaitSettled(records.filter(isOpen), true);
    const { change } = this.input;
    const before = done[0] === undefined ? change.before : done[0].from;
    const wrote = done.at(-1)?.to ?? change.after;
    const found = await this.read();
    const { to, conflicts } = restoration(this.operation.owns, before, wrote, found);
    const open = done.filter(isOpen);
    await this.concludeAll(open, sameJson(found, before) ? 'refused' : 'applied');
    if (!sameJson(to, found)) await this.write('undo', found, to);
    return { conflicts: conflicts.map((conflict) => ({ ...conflict, step: change.step })) };
  }

  private async write(direction: 'do' | 'undo', from: Json, to: Json): Promise<Done> {
    const { change, target } = this.input;
    const id = await this.deps.store.intend(this.intent(direction, from, to));
    const { outcome, count, lastRequestId } = await countRequests(() =>
      this.operation.write(this.context, target, change, from, to),
    );
    if (outcome.ok) {
      await this.deps.store.conclude(id, 'applied', { requestId: lastRequestId });
      return { effect: 'applied' };
    }
    const { error } = outcome;
    if (!(error instanceof GitHubError)) {
      await this.deps.store.conclude(id, 'unknown', { error: messageOf(error) });
      throw error;
    }
    // A write of several requests may have got half-way before the one that was refused.
    const partly = count.mutating > 1;
    const unknown = error.failure.kind === 'unknown' || partly;
    const detail = { requestId: error.requestId, error: error.message };
    await this.deps.store.conclude(id, unknown ? 'unknown' : 'refused', detail);
    if (error.failure.kind === 'refused' || error.failure.kind === 'unauthenticated') {
      throw new StepError(error.message, 'refused', codeOf(error), partly);
    }
    throw error;
  }

  /** What to write over a value that somebody changed since the plan read it: our fields, their rest. */
  private rebased(found: Json): Json {
    const { change } = this.input;
    const { owns } = this.operation;
    if (
      owns !== 'set' ||
      !Array.isArray(found) ||
      !Array.isArray(change.before) ||
      !Array.isArray(change.after)
    ) {
      return change.after;
    }
    return restoration('set', change.after, change.before, found).to;
  }

  /** Waits until a call that may have been sent can no longer be applied behind our back. */
  private awaitSettled(open: MutationRecord[], needed: boolean): void {
    if (!needed || open.length === 0) return;
    const { settle, start_to_close } = this.deps.settings.activity;
    // A call goes out at the latest when its activity ends: concluded by then, or given to another worker.
    const until = Math.max(
      ...open.map(({ intendedAt, concludedAt }) => (concludedAt ?? intendedAt + start_to_close) + settle),
    );
    if (until > this.deps.now()) {
      throw new NotYet(until, `an earlier call for ${this.input.change.step} may still take effect`);
    }
  }

  private async concludeAll(open: MutationRecord[], outcome: 'applied' | 'refused'): Promise<void> {
    const [last, ...others] = open.toReversed();
    if (last === undefined) return;
    // One effect was found, so one record has it; the others found the value as they wanted it, or never came through.
    await this.deps.store.conclude(last.id, outcome, {});
    for (const other of others) await this.deps.store.conclude(other.id, 'refused', {});
  }

  private read(): Promise<Json> {
    return this.operation.read(this.context, this.input.target, this.input.change);
  }

  private records(): Promise<MutationRecord[]> {
    const { run, item, change } = this.input;
    return this.deps.store.recordsOfStep(run, item, change.step);
  }

  private intent(direction: 'do' | 'undo', from: Json, to: Json): Intent {
    const { run, organization, item, actor, change, target } = this.input;
    const { attempt } = Context.current().info;
    return {
      run,
      organization,
      item,
      step: change.step,
      direction,
      attempt,
      actor,
      change,
      target,
      from,
      to,
    };
  }
}

const isOpen = ({ outcome }: MutationRecord): boolean => outcome === 'intended' || outcome === 'unknown';
const mayBeApplied = (outcome: MutationRecord['outcome']): boolean =>
  outcome === 'applied' || outcome === 'intended' || outcome === 'unknown';

/** What was recorded after the step was last undone for certain; all of it where it never was. */
function sinceUndone(records: MutationRecord[]): MutationRecord[] {
  const undone = records.findLastIndex(
    ({ direction, outcome }) => direction === 'undo' && outcome === 'applied',
  );
  return records.slice(undone + 1);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
