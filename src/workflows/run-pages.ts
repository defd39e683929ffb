import { CancellationScope, type ChildWorkflowHandle, condition, patched } from '@temporalio/workflow';
import { fairnessOf } from '../policies/priority.js';
import type { PageCursor } from '../standards/model.js';
import { beginChild } from './begin-child.js';
import { throwIfCancelled } from './cancelled.js';
import {
  NO_TOTALS,
  type PageInput,
  type PageRead,
  type PageResult,
  stopSignal,
  WORKFLOWS,
} from './contract.js';
import { pageWorkflowId } from './ids.js';
import { recordEnded } from './record.js';
import { OrganizationFailed, PageLost, pageFailure } from './refusals.js';
import type { RunStateKeeper } from './run-state.js';
import { searchAttributesOf } from './search-attributes.js';
import { addTotals } from './totals.js';

type PageHandle = ChildWorkflowHandle<(input: PageInput) => Promise<PageResult>>;

/** Pages under way at once: the next is read and begun while the one before it comes to its end. */
const PAGES_AT_ONCE = 2;
/** Histories of older releases have two pages at once, whatever the concurrency. */
const ONE_BY_ONE = 'pages-one-by-one';

/** Works through an organisation's repositories page by page. */
export class RunPages {
  private readonly read = new Map<number, PageRead>();
  private readonly handles = new Map<number, PageHandle>();
  private readonly failures: unknown[] = [];
  /** Of the pages that have ended. */
  private readonly totals = { ...NO_TOTALS };
  private stopped = false;

  constructor(
    private readonly keeper: RunStateKeeper,
    private readonly input: Omit<PageInput, 'number' | 'cursor' | 'share'>,
  ) {}

  /**
   * Resolves when every page has ended.
   * @throws the first page's failure; a cancel comes back as pages that ended with what was not begun counted as cancelled
   */
  async run(): Promise<void> {
    let cursor: PageCursor | null = null;
    // Where one repository is worked on at a time there is nothing to share.
    const atOnce = this.input.concurrency === 1 && patched(ONE_BY_ONE) ? 1 : PAGES_AT_ONCE;
    try {
      for (let number = 1; !this.stopped; number += 1) {
        await this.begin(number, cursor);
        await condition(() => this.read.has(number) || !this.handles.has(number));
        await condition(() => this.handles.size < atOnce);
        cursor = this.read.get(number)?.next ?? null;
        if (cursor === null || this.failures.length > 0) break;
      }
    } finally {
      await this.ended();
    }
    // Whatever else there is: what a lost page had begun can be undone by nobody while it goes on.
    const lost = this.failures.find((failure) => failure instanceof PageLost);
    if (lost !== undefined) throw lost;
    await throwIfCancelled();
    if (this.failures.length > 0) throw this.failures[0];
  }

  /** A page has been read. */
  heard(read: PageRead): void {
    this.read.set(read.number, read);
  }

  /** Begins no more pages and lets those under way begin no more repositories. */
  async stop(): Promise<void> {
    this.stopped = true;
    // A page that has ended meanwhile cannot be signalled, and need not be.
    await Promise.allSettled([...this.handles.values()].map((page) => page.signal(stopSignal)));
  }

  /** Of the organisation's repositories, as many as were planned for, those that no page has read, because pages were not begun any more. */
  unread(planned: number | undefined): number {
    const reads = [...this.read.values()];
    if (reads.at(-1)?.next === null) return 0;
    const seen = reads.reduce((sum, { read }) => sum + read, 0);
    return Math.max(0, (reads.at(-1)?.total ?? planned ?? 0) - seen);
  }

  private async begin(number: number, cursor: PageCursor | null): Promise<void> {
    const { run, organization, concurrency } = this.input;
    // Of two pages that are under way together one has an odd number, and both together have all places.
    const share = number % 2 === 1 ? Math.ceil(concurrency / 2) : Math.max(1, Math.floor(concurrency / 2));
    const workflowId = pageWorkflowId(run, organization, number);
    const page: PageHandle = await beginChild(WORKFLOWS.page, {
      workflowId,
      priority: fairnessOf(organization),
      typedSearchAttributes: searchAttributesOf('page', organization, run, 'Running'),
      staticSummary: `Page ${number} of ${organization}`,
      args: [{ ...this.input, number, cursor, share }],
    });
    this.handles.set(number, page);
    // A stop that came while it was being started has not reached it.
    if (this.stopped) await this.stop();
    this.keeper.pages.add(workflowId);
    void this.follow(number, workflowId, page);
  }

  private async follow(number: number, workflowId: string, page: PageHandle): Promise<void> {
    try {
      const result = await page.result();
      const { run, settings } = this.input;
      addTotals(this.totals, result.totals);
      for (const settled of this.keeper.addPage(result))
        await recordEnded(settled, { run, settings, usage: this.keeper.usage });
      if (result.failure !== null)
        this.failures.push(new OrganizationFailed(`page ${number}: ${result.failure}`));
      const { totals } = this;
      this.keeper.part(
        this.input.organization,
        'repositories',
        `${totals.repositories} seen, ${totals.committed} committed, ${totals.inSync} in sync, ${totals.deadLettered} dead letters`,
      );
    } catch (error) {
      this.failures.push(pageFailure(error, number, this.input.organization));
    } finally {
      this.keeper.pages.delete(workflowId);
      this.handles.delete(number);
      this.keeper.show();
    }
  }

  /** Every page that was begun is waited for, also in a cancelled run: each compensates what it has under way. */
  private ended(): Promise<void> {
    return CancellationScope.nonCancellable(() => condition(() => this.handles.size === 0));
  }
}
