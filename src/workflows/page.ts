import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { PagePlan } from '../activities/interface.js';
import type { PlannedItem } from '../standards/model.js';
import type { Usage } from '../transaction/answer.js';
import { ask, PERSISTENT, reasonOf, requestsOf } from './ask.js';
import { ItemChildren } from './children.js';
import { type PageInput, type PageResult, pageReadSignal, pageStatusQuery, stopSignal } from './contract.js';
import { tell } from './parent.js';
import { pool } from './pool.js';
import { type Outcomes, recordSettled } from './record.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';
import { Tally } from './tally.js';

/** How old a read may be when its item starts, milliseconds (DESIGN: before-images serve for 30 s; steps need a moment). */
const FRESH_MS = 20_000;

/**
 * One page of repositories, a nested transaction with a history of its own: reads and plans the page, tells the run where
 * the next one begins, and runs a transaction for each repository that is not right. A failed repository holds back none.
 */
export async function applyPage(input: PageInput): Promise<PageResult> {
  const page = new PageRun(input);
  setHandler(pageStatusQuery, () => page.status());
  setHandler(stopSignal, () => page.stop());
  return page.run();
}

class PageRun {
  private readonly tally = new Tally();
  private readonly children = new ItemChildren();
  private readonly running = new Set<string>();
  private readonly outcomes: Outcomes = [];
  private readonly usage: Usage = {};
  private queue: PlannedItem[] = [];
  private readAt = 0;
  private stopped = false;
  private refreshing: Promise<void> | null = null;

  constructor(private readonly input: PageInput) {}

  status() {
    return { totals: this.tally.totals, running: [...this.running] };
  }

  stop(): void {
    this.stopped = true;
  }

  async run(): Promise<PageResult> {
    let failure: string | null = null;
    try {
      await this.work();
    } catch (error) {
      if (!isCancellation(error)) failure = reasonOf(error);
    }
    // Whatever has not begun by now never will.
    this.tally.totals.cancelled += this.queue.length;
    await CancellationScope.nonCancellable(() => this.close());
    return { ...this.tally.result(), failure };
  }

  private async work(): Promise<void> {
    const { run, organization, number, cursor, graphql } = this.input;
    const plan = await this.ask(
      'planPage',
      { run, organization, graphql, cursor },
      `Read and plan page ${number}`,
    );
    await tell(run, pageReadSignal, { number, next: plan.next, read: plan.read, total: plan.total });
    this.take(plan);
    // Two pages are under way at a time, so each has half of the places, unless it is the only one.
    const alone = number === 1 && plan.next === null;
    await pool(
      alone ? this.input.concurrency : Math.ceil(this.input.concurrency / 2),
      () => this.next(),
      (planned) => this.apply(planned),
    );
  }

  private take(plan: PagePlan): void {
    this.queue = plan.items;
    this.readAt = plan.readAt;
    this.tally.totals.repositories = plan.inSync + plan.items.length + plan.skipped.length;
    this.tally.totals.inSync = plan.inSync;
    this.tally.totals.skipped = plan.skipped.length;
    this.tally.skipped.push(...plan.skipped);
    this.tally.addNotes(plan.notes);
    this.show();
  }

  private async next(): Promise<PlannedItem | null> {
    if (this.refreshing !== null) await this.refreshing;
    if (Date.now() - this.readAt > FRESH_MS && this.queue.length > 0) {
      this.refreshing ??= this.refresh();
      await this.refreshing;
    }
    if (this.stopped || CancellationScope.current().consideredCancelled) return null;
    return this.queue.shift() ?? null;
  }

  /** What waits is planned again from a fresh read, so that no before-image is old when it counts. */
  private async refresh(): Promise<void> {
    const { run, organization, graphql } = this.input;
    const items = this.queue;
    try {
      const fresh = await this.ask(
        'replanItems',
        { run, organization, graphql, items },
        `Read ${items.length} again`,
      );
      this.tally.totals.inSync += items.length - fresh.items.length;
      this.queue = fresh.items;
      this.readAt = fresh.readAt;
    } finally {
      this.refreshing = null;
    }
  }

  private async apply(planned: PlannedItem): Promise<void> {
    const { run, organization, actor, graphql, onFailure, settings } = this.input;
    this.running.add(planned.item);
    this.show();
    const { item, kind } = planned;
    try {
      const settled = await this.children.apply({
        run,
        organization,
        item,
        kind,
        mode: 'apply',
        planned,
        readAt: this.readAt,
        actor,
        graphql,
        onFailure,
        settings,
        discard: null,
        standalone: false,
      });
      this.tally.add(settled, true);
      recordSettled(this.outcomes, planned, settled);
    } catch (error) {
      // Cancelled before its workflow began: nothing of it exists.
      if (!isCancellation(error)) throw error;
      this.tally.totals.cancelled += 1;
    } finally {
      this.running.delete(item);
      this.show();
    }
  }

  private async close(): Promise<void> {
    const { run, organization } = this.input;
    if (this.outcomes.length > 0) {
      await this.ask(
        'recordOutcomes',
        { run, organization, items: this.outcomes },
        'Record outcomes',
        PERSISTENT,
      );
    }
    this.tally.addRequests(requestsOf(this.usage));
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.state, value: 'Done' }]);
    await condition(allHandlersFinished);
  }

  private ask: PageAsk = (activity, input, summary, retry) =>
    ask(activity, input, {
      summary,
      settings: this.input.settings,
      usage: this.usage,
      retry: retry ?? PERSISTENT_READS,
    });

  private show(): void {
    const { totals } = this.tally;
    const left = `${this.queue.length} to begin, ${this.running.size} under way`;
    setCurrentDetails(
      `${left}; ${totals.committed} committed, ${totals.inSync} in sync, ${totals.deadLettered} dead letters, ${totals.skipped} skipped`,
    );
  }
}

type PageAsk = <Name extends 'planPage' | 'replanItems' | 'recordOutcomes'>(
  activity: Name,
  input: Parameters<typeof ask<Name>>[1],
  summary: string,
  retry?: typeof PERSISTENT,
) => ReturnType<typeof ask<Name>>;

/** A page that cannot be read now is read later: giving up would leave its repositories out of the run's account. */
const PERSISTENT_READS = { max_retries: 10_000, base: 1_000, factor: 2, max: 60_000 };
