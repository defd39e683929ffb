import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { StoredItem } from '../activities/interface.js';
import type { PlannedItem } from '../standards/model.js';
import type { Usage } from '../transaction/answer.js';
import { reasonOf, requestsOf } from './ask.js';
import { ItemChildren } from './children.js';
import type {
  CompensateInput,
  ItemInput,
  ItemsOf,
  PageInput,
  PageResult,
  PageStatus,
  Settled,
} from './contract.js';
import { compensateWorkflowId, itemWorkflowId } from './ids.js';
import { endedItem, isRecorded, type Outcomes, recordOutcomes, recordSettled } from './record.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';
import { Tally } from './tally.js';
import { addedUp } from './totals.js';

/** The items of a page: those that wait, those under way, and what became of the others. Only repositories are in the totals. */
export class PageItems {
  readonly tally = new Tally();
  readonly usage: Usage = {};
  readonly running = new Set<string>();
  queue: PlannedItem[] = [];
  private readonly children = new ItemChildren();
  private readonly outcomes: Outcomes = [];
  private stopped = false;

  constructor(
    private readonly page: Pick<PageInput, 'run' | 'organization' | 'settings'>,
    /** Told whenever an item begins or ends. */
    private readonly changed: () => void,
  ) {}

  status(): PageStatus {
    const { totals, requests } = this.tally;
    return { totals, requests: addedUp(requests, requestsOf(this.usage)), running: [...this.running] };
  }

  /** Lets those under way come to their end, and no more begin. */
  stop(): void {
    this.stopped = true;
  }

  /** Whether no item may begin any more. */
  get ended(): boolean {
    return this.stopped || CancellationScope.current().consideredCancelled;
  }

  /** Does the page's work; what has not begun by its end never will, and counts as cancelled. */
  async run(work: () => Promise<void>): Promise<PageResult> {
    let failure: string | null = null;
    try {
      await work();
    } catch (error) {
      if (!isCancellation(error)) failure = reasonOf(error);
    }
    this.tally.totals.cancelled += this.queue.filter(isRepository).length;
    return { ...(await CancellationScope.nonCancellable(() => this.close())), failure };
  }

  /** Runs an item's transaction; `keeps` says whether what became of it is to be recorded. */
  apply(planned: PlannedItem, input: ItemInput, keeps: (settled: Settled) => boolean): Promise<void> {
    return this.follow(input, (settled) => {
      if (settled !== null) this.tally.add(settled, isRepository(planned));
      else if (isRepository(planned)) this.tally.totals.cancelled += 1;
      if (settled !== null && keeps(settled)) recordSettled(this.outcomes, planned, settled);
    });
  }

  /** Works on a part of the organisation; false where it was cancelled before it began. */
  part(input: ItemInput): Promise<boolean> {
    return this.follow(input, (settled) => {
      if (settled === null) return false;
      this.tally.add(settled, isRepository(input));
      if (input.planned !== null) recordSettled(this.outcomes, input.planned, settled);
      return true;
    });
  }

  /**
   * Tries a dead letter's item again, or ends it without its change; false where it was cancelled before it began.
   * @param lost somebody may be at work on it for a page that was ended from outside: that is waited for
   */
  again(input: ItemInput, lost: boolean): Promise<boolean> {
    const count = (settled: Settled | null): boolean => {
      if (settled === null) return false;
      if (input.mode === 'apply') this.retried(input, settled);
      else if (settled.outcome === 'deadLettered') this.tally.add(settled, false);
      return true;
    };
    return this.follow(input, count, lost);
  }

  private retried(input: ItemInput, settled: Settled): void {
    const isCounted = this.tally.addRetried(settled, isRepository(input));
    if (!isCounted || !isRecorded(settled)) return;
    const { item, kind, target } = endedItem(settled);
    if (target !== null) recordSettled(this.outcomes, { item, kind, target }, settled);
  }

  /** `count` is given null where the item was cancelled before its workflow began: nothing of it exists. */
  private async follow<T>(input: ItemInput, count: (settled: Settled | null) => T, lost = false): Promise<T> {
    const workflowId = itemWorkflowId(this.page.run, input.kind, input.item);
    this.running.add(workflowId);
    this.changed();
    try {
      return count(await (lost ? this.children.applyAfter(input) : this.children.apply(input)));
    } catch (error) {
      if (!isCancellation(error)) throw error;
      return count(null);
    } finally {
      this.running.delete(workflowId);
      this.changed();
    }
  }

  /** Undoes an item that has counted as `was` so far. */
  async undo(stored: StoredItem, was: ItemsOf, input: CompensateInput): Promise<void> {
    const workflowId = compensateWorkflowId(itemWorkflowId(input.run, input.kind, input.item));
    this.running.add(workflowId);
    this.changed();
    const settled = await this.children.compensate(input);
    this.running.delete(workflowId);
    if (isRepository(stored)) this.tally.totals[was] -= 1;
    this.tally.add(settled, isRepository(stored));
    recordSettled(this.outcomes, stored, settled);
    this.changed();
  }

  /** Records what became of the items that have ended since. */
  async record(): Promise<void> {
    await recordOutcomes(this.outcomes.splice(0), { ...this.page, usage: this.usage });
  }

  /** Records what is left to record, and gives what all came to. */
  async close(): Promise<PageResult> {
    await this.record();
    this.tally.addRequests(requestsOf(this.usage));
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.state, value: 'Done' }]);
    await condition(allHandlersFinished);
    return this.tally.result();
  }
}

export const isRepository = ({ kind }: Pick<PlannedItem, 'kind'>): boolean => kind === 'repository';
