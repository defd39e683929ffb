import { CancellationScope, type ChildWorkflowHandle } from '@temporalio/workflow';
import { fairnessOf } from '../policies/priority.js';
import { beginChild } from './begin-child.js';
import { type ItemsPageInput, type ItemsPageResult, stopSignal, WORKFLOWS } from './contract.js';
import { itemsPageWorkflowId, itemWorkflowId } from './ids.js';
import { recordEnded } from './record.js';
import { pageFailure } from './refusals.js';
import type { RunStateKeeper } from './run-state.js';
import { searchAttributesOf } from './search-attributes.js';

/** Items of a page, and how many a run has in its own history at most: each takes about ten events there. */
export const ITEMS_A_PAGE = 50;
export const ITEMS_IN_A_RUN = 20;

type PageHandle = ChildWorkflowHandle<(input: ItemsPageInput) => Promise<ItemsPageResult>>;

/** Works on items that the run names itself where they are too many for its own history. */
export class ItemsPages {
  private readonly handles = new Set<PageHandle>();
  private stopped = false;

  constructor(private readonly keeper: RunStateKeeper) {}

  /**
   * Works through one page and counts what came of it. A cancelled page ends with what it did not come to.
   * @throws PageLost where somebody has ended it; Temporal's CancelledFailure where it was cancelled before it began
   */
  async work(items: Omit<ItemsPageInput, 'number'>): Promise<ItemsPageResult> {
    const { keeper } = this;
    const input = { ...items, number: keeper.nextItemsPage() };
    const { run, organization, number, settings } = input;
    const workflowId = itemsPageWorkflowId(run, organization, number);
    const page: PageHandle = await beginChild(WORKFLOWS.itemsPage, {
      workflowId,
      priority: fairnessOf(organization),
      typedSearchAttributes: searchAttributesOf('page', organization, run, 'Running'),
      staticSummary: `${items.items.length} ${SUMMARY[items.are]} of ${organization}`,
      args: [input],
    });
    this.handles.add(page);
    // A stop that came while it was being started has not reached it.
    if (this.stopped) await this.stop();
    keeper.pages.add(workflowId);
    try {
      const result = await page.result();
      await CancellationScope.nonCancellable(async () => {
        this.forgetLetters(input, result);
        for (const settled of keeper.addPage({ ...result, conflicts: this.conflictsYet(input, result) }))
          await recordEnded(settled, { run, settings, usage: keeper.usage });
      });
      return result;
    } catch (error) {
      throw pageFailure(error, number, organization);
    } finally {
      this.handles.delete(page);
      keeper.pages.delete(workflowId);
      keeper.show();
    }
  }

  /** Lets the pages under way begin no more items. */
  async stop(): Promise<void> {
    this.stopped = true;
    // One that has ended meanwhile cannot be signalled, and need not be.
    await Promise.allSettled([...this.handles].map((page) => page.signal(stopSignal)));
  }

  /** A letter that the page has told of may have been retried since by another message, and that has said more of it. */
  private conflictsYet({ run, items }: ItemsPageInput, { told, conflicts }: ItemsPageResult) {
    const { deadLetters, conflicts: known } = this.keeper.tally;
    const saidSince = items.flatMap(({ kind, item }) => {
      const id = itemWorkflowId(run, kind, item);
      const isOver = !deadLetters.has(id) || known.some((one) => one.item === item);
      return told.includes(id) && isOver ? [item] : [];
    });
    return conflicts.filter(({ item }) => !saidSince.includes(item));
  }

  /** What the page says of its letters counts instead of what they said. One that is still there keeps its place among them. */
  private forgetLetters({ are, run, items }: ItemsPageInput, result: ItemsPageResult): void {
    if (are !== 'letters') return;
    const { tally } = this.keeper;
    const untouched = new Set([...result.unbegun, ...result.told]);
    const dead = new Set(result.deadLetters.map(({ workflowId }) => workflowId));
    for (const { kind, item, mode } of items) {
      const id = itemWorkflowId(run, kind, item);
      if (untouched.has(id)) continue;
      if (!dead.has(id)) tally.deadLetters.delete(id);
      if (mode === 'apply') tally.dropConflicts(item);
    }
  }
}

const SUMMARY = { parts: 'settings and teams', letters: 'dead letters' } as const;
