import { metricMeter, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { PagePlan } from '../activities/interface.js';
import { batchDurationName } from '../policies/strategies.js';
import type { PlannedItem } from '../standards/model.js';
import { ask, PERSISTENT_READS } from './ask.js';
import { later } from './cancelled.js';
import { type PageInput, type PageResult, pageReadSignal, pageStatusQuery, stopSignal } from './contract.js';
import { PageItems } from './page-items.js';
import { tell } from './parent.js';
import { pool } from './pool.js';

/** How old a read may be when its item starts, milliseconds: a step reads again what is older than 30 s, and needs a moment. */
const FRESH_MS = 20_000;

/**
 * One page of repositories, a nested transaction with a history of its own: reads and plans the page, tells the run where
 * the next one begins, and runs a transaction for each repository that is not right. A failed repository holds back none.
 */
export async function applyPage(input: PageInput): Promise<PageResult> {
  const page = new PageRun(input);
  setHandler(pageStatusQuery, () => page.items.status());
  setHandler(stopSignal, () => page.items.stop());
  return page.run();
}

class PageRun {
  readonly items: PageItems;
  private readAt = 0;
  private isOld = false;
  private refreshing: Promise<void> | null = null;

  constructor(private readonly input: PageInput) {
    this.items = new PageItems(input, () => this.show());
  }

  run(): Promise<PageResult> {
    return this.items.run(() => this.work());
  }

  private async work(): Promise<void> {
    const { run, organization, number, cursor, graphql } = this.input;
    const plan = await this.ask(
      'planPage',
      { run, organization, graphql, cursor },
      `Read and plan page ${number}`,
    );
    await tell(run, pageReadSignal, {
      organization,
      number,
      next: plan.next,
      read: plan.read,
      total: plan.total,
    });
    this.take(plan);
    const { concurrency, share = Math.ceil(concurrency / 2) } = this.input;
    const places = number === 1 && plan.next === null ? concurrency : share;
    // What is right already is no work.
    if (plan.items.length === 0) return;
    const startedAt = Date.now();
    await pool(
      places,
      () => this.next(),
      (planned) => this.apply(planned),
      waveOf(this.input, places),
    );
    batchDuration(this.input).record(Date.now() - startedAt);
  }

  private take(plan: PagePlan): void {
    this.keep(plan);
    this.items.tally.totals.repositories = plan.inSync + plan.items.length + plan.skipped.length;
    this.items.tally.totals.inSync = plan.inSync;
    this.skip(plan);
    this.items.tally.addNotes(plan.notes);
    this.show();
  }

  private skip({ skipped }: Pick<PagePlan, 'skipped'>): void {
    this.items.tally.totals.skipped += skipped.length;
    this.items.tally.skipped.push(...skipped);
  }

  /** What waits to begin, by a read that is new now. */
  private keep({ items, readAt }: Pick<PagePlan, 'items' | 'readAt'>): void {
    this.items.queue = items;
    this.readAt = readAt;
    this.isOld = false;
    if (items.length === 0) return;
    // A cancelled page begins nothing more, so the age of its reads is nobody's concern.
    later(FRESH_MS, () => {
      this.isOld = true;
    });
  }

  private async next(): Promise<PlannedItem | null> {
    if (this.refreshing !== null) await this.refreshing;
    if (this.isOld && this.items.queue.length > 0) {
      this.refreshing ??= this.refresh();
      await this.refreshing;
    }
    if (this.items.ended) return null;
    return this.items.queue.shift() ?? null;
  }

  /** What waits is planned again from a fresh read, so that no before-image is old when it counts. */
  private async refresh(): Promise<void> {
    const { run, organization, graphql } = this.input;
    const items = this.items.queue;
    try {
      const fresh = await this.ask(
        'replanItems',
        { run, organization, graphql, items },
        `Read ${items.length} again`,
      );
      this.items.tally.totals.inSync += items.length - fresh.items.length - fresh.skipped.length;
      this.skip(fresh);
      this.keep(fresh);
    } finally {
      this.refreshing = null;
    }
  }

  private apply(planned: PlannedItem): Promise<void> {
    const { run, organization, actor, graphql, onFailure, settings } = this.input;
    const { item, kind } = planned;
    const { readAt } = this;
    const input = { run, organization, item, kind, planned, readAt, actor, graphql, onFailure, settings };
    return this.items.apply(
      planned,
      { ...input, mode: 'apply', discard: null, standalone: false },
      () => true,
    );
  }

  private ask: PageAsk = (activity, input, summary) =>
    ask(activity, input, {
      summary,
      settings: this.input.settings,
      usage: this.items.usage,
      // A page that cannot be read now is read later: giving up would leave its repositories out of the run's account.
      retry: PERSISTENT_READS,
    });

  private show(): void {
    const { tally, queue, running } = this.items;
    const { totals } = tally;
    const left = `${queue.length} to begin, ${running.size} under way`;
    setCurrentDetails(
      `${left}; ${totals.committed} committed, ${totals.inSync} in sync, ${totals.deadLettered} dead letters, ${totals.skipped} skipped`,
    );
  }
}

/**
 * How many repositories begin together, so that their writes meet in GitHub's client: the size of a batch, and no more than half of the places,
 * since then one slow repository holds back few and the others go on meanwhile.
 */
function waveOf({ strategy, batched, settings }: PageInput, places: number): number {
  const half = Math.ceil(places / 2);
  if (strategy === undefined) return batched === true ? half : 1;
  return strategy === 'batched' ? Math.min(settings.batch.size, half) : 1;
}

/** How long the repositories of a page took that were not right, milliseconds. */
const batchDuration = ({ strategy = 'batched' }: PageInput) =>
  metricMeter.createHistogram(
    batchDurationName(strategy),
    'int',
    'ms',
    'Duration of a page of repositories that were not right, by strategy',
  );

type PageAsk = <Name extends 'planPage' | 'replanItems'>(
  activity: Name,
  input: Parameters<typeof ask<Name>>[1],
  summary: string,
) => ReturnType<typeof ask<Name>>;
