import { CancellationScope, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { PlannedItem } from '../standards/model.js';
import { ask, PERSISTENT } from './ask.js';
import { type ItemInput, pageStatusQuery, type Settled, stopSignal } from './contract.js';
import { isRepository, PageItems } from './page-items.js';
import { poolByKind } from './pool.js';
import type { RollbackPageInput, RollbackPageResult } from './rollback-contract.js';

/**
 * One page of a rollback, with a history of its own: takes back what the run did to so many items, the one begun last first.
 * Repositories that follow each other go side by side, teams and settings one by one, so that a team outlives the permissions
 * that name it. An item that cannot be taken back holds back none.
 */
export async function rollbackPage(input: RollbackPageInput): Promise<RollbackPageResult> {
  const page = new RollbackPage(input);
  setHandler(pageStatusQuery, () => page.items.status());
  setHandler(stopSignal, () => page.items.stop());
  return page.run();
}

class RollbackPage {
  readonly items: PageItems;
  private next: number | null = null;
  private planned = false;

  constructor(private readonly input: RollbackPageInput) {
    this.items = new PageItems(input, () => this.show());
  }

  async run(): Promise<RollbackPageResult> {
    const result = await this.items.run(() => this.work());
    return { ...result, next: this.next, planned: this.planned };
  }

  private async work(): Promise<void> {
    const { run, organization, number, after, settings, concurrency } = this.input;
    const { items } = this;
    // Also in a cancelled rollback: what is not begun has to be known to be counted.
    const plan = await CancellationScope.nonCancellable(() =>
      ask(
        'planRollback',
        { run, organization, after },
        { summary: `What page ${number} takes back`, settings, usage: items.usage, retry: PERSISTENT },
      ),
    );
    items.queue = plan.items;
    this.next = plan.next;
    this.planned = true;
    items.tally.totals.repositories = plan.items.filter(isRepository).length;
    this.show();
    await poolByKind(concurrency, items.queue, (planned) => this.restore(planned), {
      ended: () => items.ended,
      group: () => items.record(),
    });
    for (const { item, conflicts } of plan.left ?? []) items.tally.addConflicts(item, conflicts);
  }

  private async restore(planned: PlannedItem): Promise<void> {
    await this.items.apply(planned, restoreInput(this.input, planned), holdsOurs);
    // Each part for itself, as soon as it has ended: an undo goes by the times of the records.
    if (!isRepository(planned)) await this.items.record();
  }

  private show(): void {
    const { tally, queue, running } = this.items;
    const { totals } = tally;
    setCurrentDetails(
      `${queue.length} to begin, ${running.size} under way; ${totals.committed} put back, ` +
        `${totals.inSync} were as before, ${totals.deadLettered} dead letters`,
    );
  }
}

/** One that was as before already holds nothing of this run. */
const holdsOurs = ({ outcome }: Settled): boolean => outcome !== 'inSync';

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
