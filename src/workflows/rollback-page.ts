import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { PlannedItem } from '../standards/model.js';
import type { Usage } from '../transaction/answer.js';
import { ask, PERSISTENT, reasonOf, requestsOf } from './ask.js';
import { ItemChildren } from './children.js';
import { type ItemInput, pageStatusQuery, stopSignal } from './contract.js';
import { pool } from './pool.js';
import { type Outcomes, recordSettled } from './record.js';
import type { RollbackPageInput, RollbackPageResult } from './rollback-contract.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';
import { Tally } from './tally.js';

/**
 * One page of a rollback, with a history of its own: takes back what the run did to so many items, the one begun last first.
 * Repositories that follow each other go side by side, teams and settings one by one, so that a team outlives the permissions
 * that name it. An item that cannot be taken back holds back none.
 */
export async function rollbackPage(input: RollbackPageInput): Promise<RollbackPageResult> {
  const page = new RollbackPage(input);
  setHandler(pageStatusQuery, () => page.status());
  setHandler(stopSignal, () => page.stop());
  return page.run();
}

class RollbackPage {
  private readonly tally = new Tally();
  private readonly children = new ItemChildren();
  private readonly running = new Set<string>();
  private readonly outcomes: Outcomes = [];
  private readonly usage: Usage = {};
  private queue: PlannedItem[] = [];
  private next: number | null = null;
  private planned = false;
  private stopped = false;

  constructor(private readonly input: RollbackPageInput) {}

  status() {
    return { totals: this.tally.totals, running: [...this.running] };
  }

  stop(): void {
    this.stopped = true;
  }

  async run(): Promise<RollbackPageResult> {
    let failure: string | null = null;
    try {
      await this.work();
    } catch (error) {
      if (!isCancellation(error)) failure = reasonOf(error);
    }
    this.tally.totals.cancelled += this.queue.filter(isRepository).length;
    await CancellationScope.nonCancellable(() => this.close());
    return { ...this.tally.result(), failure, next: this.next, planned: this.planned };
  }

  private async work(): Promise<void> {
    const { run, organization, number, after, settings, concurrency } = this.input;
    // Also in a cancelled rollback: what is not begun has to be known to be counted.
    const { items, next } = await CancellationScope.nonCancellable(() =>
      ask(
        'planRollback',
        { run, organization, after },
        { summary: `What page ${number} takes back`, settings, usage: this.usage, retry: PERSISTENT },
      ),
    );
    this.queue = items;
    this.next = next;
    this.planned = true;
    this.tally.totals.repositories = items.filter(isRepository).length;
    this.show();
    while (this.queue.length > 0 && !this.ended()) {
      const kind = this.queue[0]?.kind;
      await pool(
        kind === 'repository' ? concurrency : 1,
        () => (this.ended() || this.queue[0]?.kind !== kind ? null : (this.queue.shift() ?? null)),
        (planned) => this.restore(planned),
      );
      await this.record();
    }
  }

  private ended(): boolean {
    return this.stopped || CancellationScope.current().consideredCancelled;
  }

  private async restore(planned: PlannedItem): Promise<void> {
    const { item } = planned;
    this.running.add(item);
    this.show();
    try {
      const settled = await this.children.apply(restoreInput(this.input, planned));
      this.tally.add(settled, isRepository(planned));
      // One that was as before already holds nothing of this run.
      if (settled.outcome !== 'inSync') recordSettled(this.outcomes, planned, settled);
      if (!isRepository(planned)) await this.record();
    } catch (error) {
      if (!isCancellation(error)) throw error;
      if (isRepository(planned)) this.tally.totals.cancelled += 1;
    } finally {
      this.running.delete(item);
      this.show();
    }
  }

  /** Each part for itself, as soon as it has ended: an undo goes by the times of the records. */
  private async record(): Promise<void> {
    const { run, organization, settings } = this.input;
    const items = this.outcomes.splice(0);
    if (items.length === 0) return;
    await CancellationScope.nonCancellable(() =>
      ask(
        'recordOutcomes',
        { run, organization, items },
        { summary: 'Record outcomes', settings, usage: this.usage, retry: PERSISTENT },
      ),
    );
  }

  private async close(): Promise<void> {
    await this.record();
    this.tally.addRequests(requestsOf(this.usage));
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.state, value: 'Done' }]);
    await condition(allHandlersFinished);
  }

  private show(): void {
    const { totals } = this.tally;
    setCurrentDetails(
      `${this.queue.length} to begin, ${this.running.size} under way; ${totals.committed} put back, ` +
        `${totals.inSync} were as before, ${totals.deadLettered} dead letters`,
    );
  }
}

const isRepository = ({ kind }: Pick<PlannedItem, 'kind'>): boolean => kind === 'repository';

/** An item of a rollback: a transaction like any other, whose changes say that they restore. Plans itself where only named. */
export function restoreInput(
  {
    run,
    organization,
    actor,
    graphql,
    settings,
  }: Pick<RollbackPageInput, 'run' | 'organization' | 'actor' | 'graphql' | 'settings'>,
  item: PlannedItem | Pick<PlannedItem, 'item' | 'kind'>,
): ItemInput {
  return {
    run,
    organization,
    item: item.item,
    kind: item.kind,
    mode: 'apply',
    planned: 'changes' in item ? item : null,
    readAt: 0,
    actor,
    graphql,
    onFailure: 'rollback',
    settings,
    discard: null,
    standalone: false,
  };
}
