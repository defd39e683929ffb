import { Context } from '@temporalio/activity';
import type { GitHubError } from '../github/errors.js';
import { READ_AGAIN_MS } from '../policies/read-lag.js';
import { isObject } from '../standards/json.js';
import type { Json } from '../standards/model.js';
import { isBehind } from '../standards/restore.js';
import {
  type ConclusionDetail,
  FencedError,
  type Intent,
  type MutationRecord,
  SupersededError,
} from '../store/store.js';
import type { Conflict } from '../transaction/journal.js';
import { NotYet } from './answering.js';
import type { ActivityDeps } from './deps.js';
import { isUndone, mayLand, overtakenBy, settledAt } from './step-records.js';

export type Direction = MutationRecord['direction'];

/** How GitHub refuses what depends on what is there: not found, conflict, already exists. */
const BY_WHAT_IS_THERE = new Set([404, 409, 422]);

/** What the store knows of one step of a run, and is told of it by the attempt that is under way. */
export class StepStore {
  constructor(
    protected readonly deps: Pick<ActivityDeps, 'store' | 'settings' | 'now'>,
    /** `item` is the item's key. */
    private readonly step: Omit<Intent, 'direction' | 'attempt' | 'from' | 'to'>,
  ) {}

  records(): Promise<MutationRecord[]> {
    return this.recordsIn(this.step.run);
  }

  /** Records of the same step in another run. */
  recordsIn(run: string): Promise<MutationRecord[]> {
    return this.deps.store.recordsOfStep(run, this.step.item, this.step.step);
  }

  /**
   * An attempt that was given up for lost may go on: whoever decided by records that are not the newest decides anew.
   * @throws NotYet, FencedError, StoppedError
   */
  async intend(direction: Direction, from: Json, to: Json, known: MutationRecord[]): Promise<number> {
    const { attempt } = Context.current().info;
    try {
      const intent = { ...this.step, direction, attempt, from, to };
      return await this.deps.store.intend(intent, known.at(-1)?.id ?? 0);
    } catch (error) {
      throw error instanceof SupersededError ? new NotYet(this.deps.now(), error.message) : error;
    }
  }

  /** That the value was found as it should be is recorded too: the step stands so from now on, and may be turned again. */
  async note(direction: Direction, found: Json, known: MutationRecord[]): Promise<void> {
    await this.deps.store.conclude(await this.intend(direction, found, found, known), 'unchanged', {});
  }

  /** That there was nothing to undo is recorded, once: a do that was asked for before finds it and writes nothing any more. */
  async noteNothing(known: MutationRecord[]): Promise<void> {
    if (isUndone(known)) return;
    try {
      await this.note('undo', null, known);
    } catch (error) {
      // Without the lock nothing can be written for the run, late or not.
      if (!(error instanceof FencedError)) throw error;
    }
  }

  /** Whether it is this attempt's turn, see {@link overtakenBy}. @throws NotYet */
  refuseOvertaken(known: MutationRecord[]): void {
    const by = overtakenBy(known, Context.current().info.currentAttemptScheduledTimestampMs);
    if (by > 0) throw new NotYet(this.deps.now() + by, `another attempt of ${this.step.step} came later`);
  }

  /** What is found may be what another attempt is doing, of which the records did not tell yet. @throws NotYet */
  async refuseSuperseded(known: MutationRecord[]): Promise<void> {
    if ((await this.records()).at(-1)?.id !== known.at(-1)?.id)
      throw new NotYet(this.deps.now(), `another attempt of ${this.step.step} is under way`);
  }

  /** Waits until calls that may have been sent can no longer be applied behind our back. @throws NotYet */
  awaitSettled(records: MutationRecord[]): void {
    const until = this.settledAt(records);
    if (until > this.deps.now())
      throw new NotYet(until, `an earlier call for ${this.step.step} may still take effect`);
  }

  /**
   * What a read shows shortly after a write of ours may be from before it, and then says nothing: it is repeated until it
   * shows the write, or `activity.read_lag` has passed. @throws NotYet
   */
  refuseBehind(owns: 'whole' | 'fields' | 'set', records: MutationRecord[], found: Json): void {
    const last = records.findLast(({ outcome }) => outcome === 'applied');
    const now = this.deps.now();
    if (last === undefined || now >= (last.concludedAt ?? last.intendedAt) + this.readLag) return;
    if (isBehind(owns, last.from, last.to, found))
      throw new NotYet(now + READ_AGAIN_MS, `what was last written to ${this.step.step} does not show yet`);
  }

  /**
   * Gone already, there already: where an earlier call for the same was lost, and a read does not show yet what became of it, that
   * is no refusal. Then it is looked at again. @throws NotYet
   */
  refuseRefusal(lost: MutationRecord[], { failure, message }: GitHubError): void {
    if (failure.kind !== 'refused' || !BY_WHAT_IS_THERE.has(failure.status)) return;
    const { start_to_close } = this.deps.settings.activity;
    const shownAt = settledAt(lost, { settle: this.readLag, start_to_close });
    const now = this.deps.now();
    if (now >= shownAt) return;
    // Each look may send it once more: less and less often.
    const next = now + Math.max(READ_AGAIN_MS, now - (shownAt - this.readLag));
    throw new NotYet(
      Math.min(next, shownAt),
      `an earlier call for ${this.step.step} may have done it: ${message}`,
    );
  }

  /**
   * What others seem to have put into a thing may be what this run has put there and has just taken out: lists show that for
   * a while. Such a conflict counts when the run's last write is old enough. @throws NotYet
   */
  async refuseHasty(conflicts: readonly Pick<Conflict, 'found'>[]): Promise<void> {
    if (!conflicts.some(({ found }) => isObject(found as Json) && 'changed' in (found as object))) return;
    const { run, change } = this.step;
    await this.awaitLists(change.restore === undefined ? [run] : [run, change.restore.of]);
  }

  /** Waits until lists show what those runs have written. @throws NotYet */
  async awaitLists(runs: readonly string[]): Promise<void> {
    const applied = await Promise.all(runs.map((one) => this.deps.store.lastApplied(one)));
    const now = this.deps.now();
    if (now < Math.max(...applied) + this.readLag)
      throw new NotYet(
        now + READ_AGAIN_MS,
        `lists may not show yet what was taken out before ${this.step.step}`,
      );
  }

  /** How long reads may be behind writes, milliseconds. GitHub documents no bound; what was seen is seconds. */
  private get readLag(): number {
    return this.deps.settings.activity.read_lag;
  }

  /** When none of these calls can take effect any more, epoch milliseconds. */
  settledAt(records: MutationRecord[]): number {
    return settledAt(mayLand(records), this.deps.settings.activity);
  }

  /** `made` is what an applied one has made of what it wrote. */
  async concludeAll(
    open: MutationRecord[],
    outcome: 'applied' | 'refused',
    made: (wrote: Json) => Pick<ConclusionDetail, 'stored'> = () => ({}),
  ): Promise<void> {
    const [last, ...others] = open.toReversed();
    if (last === undefined) return;
    // One effect was found, so one record has it; the others found the value as they wanted it, or never came through.
    await this.deps.store.conclude(last.id, outcome, {
      found: true,
      ...(outcome === 'applied' ? made(last.to) : {}),
    });
    for (const other of others) await this.deps.store.conclude(other.id, 'refused', { found: true });
  }
}
