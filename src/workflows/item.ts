import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  patched,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ItemPlan } from '../activities/interface.js';
import type { PlannedItem, Target } from '../standards/model.js';
import type { Usage } from '../transaction/answer.js';
import { execute, unwind } from '../transaction/engine.js';
import { StepFailed, TransactionCancelled } from '../transaction/failure.js';
import { conflictsOf, type Entry, type Journal } from '../transaction/journal.js';
import { ask, requestsOf } from './ask.js';
import {
  type DeadLetter,
  type DeadLetterDetail,
  type ItemInput,
  type ItemResult,
  journalQuery,
  settledOf,
  waitingQuery,
} from './contract.js';
import { itemDetails } from './details.js';
import { earlierTries } from './earlier-tries.js';
import { type Failed, now, unapproved } from './item-failure.js';
import { itemPorts } from './item-ports.js';
import { itemTransaction } from './item-steps.js';
import { ItemLock } from './lock.js';
import { announceEnded, announceParked } from './parent.js';
import { recordEnded } from './record.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';

/** Histories of older releases undo what their own workflow did. */
const EARLIER = 'retry-undoes-earlier-tries';

/**
 * One item's transaction: it ends fully changed or fully as it was. What may pass later is tried `max_retries` times in
 * all, what cannot once; then everything is undone in reverse (or kept, with `on_failure: checkpoint`) and the workflow
 * fails, so that `ExecutionStatus = "Failed"` finds it as a dead letter.
 */
export async function applyItem(input: ItemInput): Promise<ItemResult> {
  const journal: Journal = [];
  setHandler(journalQuery, () => journal);
  if (input.mode === 'discard') {
    return endDiscarded(input);
  }
  const item = new ItemRun(input, journal);
  return input.standalone ? await item.standalone() : await item.run();
}

class ItemRun {
  private readonly usage: Usage = {};
  private readonly lock: ItemLock;
  private wasParked = false;
  private waiting: string | null = null;
  private target: Target | null = null;
  private readonly ports;

  constructor(
    private readonly input: ItemInput,
    private readonly journal: Journal,
  ) {
    setHandler(waitingQuery, () => this.waiting);
    const waiting = (reason: string | null) => this.waits(reason);
    this.lock = new ItemLock(input, workflowInfo().workflowId, waiting);
    this.ports = itemPorts(input, this.usage, {
      changed: () => this.show(),
      waiting,
      parked: async (parked) => {
        this.wasParked = true;
        upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.state, value: 'Parked' }]);
        this.show();
        await this.lock.release();
        await announceParked(parked);
      },
      decided: () => this.lock.take(),
    });
  }

  /** After its run has closed an item is on its own: it takes the lock for itself and records how it ended. */
  standalone(): Promise<ItemResult> {
    return this.lock.hold(async () => {
      const result = await this.run();
      await recordEnded(settledOf(result), { ...this.input, usage: this.usage });
      return result;
    });
  }

  async run(): Promise<ItemResult> {
    try {
      const { planned, readAt, target = null } = await this.plan();
      if (planned === null) {
        this.target = target;
        return await this.end('inSync');
      }
      this.target = planned.target;
      if (planned.refused !== undefined) return await this.fail(unapproved(planned.refused));
      const failure = await this.attempts(planned, readAt);
      return failure === null ? await this.end(this.committed(planned)) : await this.fail(failure);
    } catch (error) {
      if (!isCancellation(error) && !(error instanceof TransactionCancelled)) {
        throw error;
      }
      return await CancellationScope.nonCancellable(async () => {
        await this.undo();
        return this.end(this.journal.length === 0 ? 'cancelled' : 'rolledBack');
      });
    }
  }

  /** A rollback looks before each step whether there is anything to put back; it may be that there was nothing. */
  private committed({ changes }: PlannedItem): 'committed' | 'inSync' {
    const restores = changes.some(({ restore }) => restore !== undefined);
    const touched = this.journal.some(
      ({ state, conflicts }) => state !== 'unchanged' || conflicts !== undefined,
    );
    return restores && !touched ? 'inSync' : 'committed';
  }

  private async plan(): Promise<ItemPlan> {
    if (this.input.planned !== null) {
      return { planned: this.input.planned, readAt: this.input.readAt };
    }
    const { run, organization, item, kind, graphql, settings } = this.input;
    return ask(
      'planItem',
      { run, organization, item, kind, graphql },
      { summary: `Plan ${item}`, settings, usage: this.usage },
    ).catch(async (error: unknown) => {
      if (error instanceof StepFailed)
        await this.fail({
          failure: { ...error.failure, step: 'plan' },
          attempts: 1,
          first: now(),
          last: now(),
        });
      throw error;
    });
  }

  /** Tries until it is done, cannot be done, or has been tried often enough; finished steps are not repeated. */
  private async attempts(planned: PlannedItem, readAt: number): Promise<Failed | null> {
    const { dead_letter, retry } = this.input.settings;
    const transaction = itemTransaction(this.input, planned, readAt);
    let first: string | null = null;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await execute(transaction, this.journal, this.ports);
        return null;
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        first ??= now();
        const { failure } = error;
        // Whoever cancelled wants it undone, also where a dead letter would keep its finished steps.
        if (this.ports.cancelled()) throw new TransactionCancelled(`cancelled when ${failure.step} failed`);
        if (failure.kind === 'refused' || attempt >= dead_letter.max_retries) {
          return { failure, attempts: attempt, first, last: now() };
        }
        const { base, factor, max } = retry.conservative;
        this.waits(`to try ${failure.step} again: ${failure.message}`);
        await sleep(Math.min(max, base * factor ** (attempt - 1)));
        this.waits(null);
      }
    }
  }

  private async undo(): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      await unwind(this.journal, this.ports);
      if (this.input.planned === null && patched(EARLIER)) await this.undoEarlier();
      // On its own it lets go when it has recorded how it ended.
      if (!this.input.standalone) await this.lock.release();
    });
  }

  private async undoEarlier(): Promise<void> {
    const { target, journal } = await earlierTries(this.input, this.journal, this.usage);
    await unwind(journal, this.ports);
    this.target ??= target;
    this.journal.push(...journal);
  }

  /** Leaves a dead letter: everything undone, or the finished steps named. */
  private async fail(failed: Failed): Promise<never> {
    const keeps = this.input.onFailure === 'checkpoint';
    if (!keeps) {
      await this.undo();
    }
    const { failure } = failed;
    const letter: DeadLetter = {
      item: this.input.item,
      run: this.input.run,
      step: failure.step,
      reason: failure.message,
      attempts: failed.attempts,
      firstFailedAt: this.input.firstFailedAt ?? failed.first,
      lastFailedAt: failed.last,
      workflowId: workflowInfo().workflowId,
      finishedSteps: keeps ? this.finished() : [],
    };
    const detail: DeadLetterDetail = {
      letter,
      kind: this.input.kind,
      target: this.target,
      requests: requestsOf(this.usage),
      conflicts: conflictsOf(this.journal),
    };
    upsertSearchAttributes([
      { key: SEARCH_ATTRIBUTES.state, value: 'DeadLettered' },
      { key: SEARCH_ATTRIBUTES.failure, value: failure.code },
    ]);
    if (this.wasParked) {
      await announceEnded({ outcome: 'deadLettered', detail }, { ...this.input, usage: this.usage });
    }
    await condition(allHandlersFinished);
    throw ApplicationFailure.create({
      message: `${letter.item}: ${letter.step}: ${letter.reason}`,
      type: 'DeadLetter',
      nonRetryable: true,
      details: [detail],
    });
  }

  /** What holds by now: steps that this try finished, and those before it. */
  private finished(): string[] {
    const failed = new Set(this.journal.filter((entry) => !stands(entry)).map(({ step }) => step));
    const mine = this.journal.filter(({ state }) => state === 'applied').map(({ step }) => step);
    return [...new Set([...(this.input.finished ?? []), ...mine])].filter((step) => !failed.has(step));
  }

  private async end(outcome: ItemResult['outcome']): Promise<ItemResult> {
    const result: ItemResult = {
      item: this.input.item,
      kind: this.input.kind,
      outcome,
      target: this.target,
      conflicts: conflictsOf(this.journal),
      requests: requestsOf(this.usage),
    };
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.state, value: STATE_NAMES[outcome] }]);
    if (this.wasParked) {
      await announceEnded(settledOf(result), { ...this.input, usage: this.usage });
    }
    await condition(allHandlersFinished);
    return result;
  }

  private waits(reason: string | null): void {
    this.waiting = reason;
    this.show();
  }

  private show(): void {
    setCurrentDetails(itemDetails(this.input.item, this.journal, this.waiting, this.ports?.parked() ?? null));
  }
}

/** Whether a step's do has come to its end. */
const stands = ({ state }: Entry): boolean => state === 'applied' || state === 'unchanged';

const STATE_NAMES: Record<ItemResult['outcome'], string> = {
  committed: 'Committed',
  inSync: 'InSync',
  rolledBack: 'RolledBack',
  cancelled: 'Cancelled',
  discarded: 'Discarded',
};

function endDiscarded(input: ItemInput): ItemResult {
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.state, value: 'Discarded' }]);
  setCurrentDetails(
    `Discarded by ${input.discard?.actor ?? 'unknown'}: ${input.discard?.reason ?? 'no reason given'}`,
  );
  return {
    item: input.item,
    kind: input.kind,
    outcome: 'discarded',
    target: null,
    conflicts: [],
    requests: requestsOf({}),
    ...(input.discard === null ? {} : { discarded: input.discard }),
  };
}
