import { CancellationScope, type ChildWorkflowHandle } from '@temporalio/workflow';
import { fairnessOf } from '../policies/priority.js';
import { beginChild } from './begin-child.js';
import { throwIfCancelled } from './cancelled.js';
import { NO_TOTALS, stopSignal, WORKFLOWS } from './contract.js';
import { pageWorkflowId } from './ids.js';
import { recordEnded } from './record.js';
import { pageFailure } from './refusals.js';
import type { RollbackPageInput, RollbackPageResult } from './rollback-contract.js';
import type { Unbegun } from './rollback-unbegun.js';
import type { RunStateKeeper } from './run-state.js';
import { searchAttributesOf } from './search-attributes.js';
import { addTotals } from './totals.js';

type PageHandle = ChildWorkflowHandle<(input: RollbackPageInput) => Promise<RollbackPageResult>>;

/** Works through what a run did in one organisation, page by page, one after the other: the order is that of the undo. */
export class RollbackPages {
  private current: PageHandle | null = null;
  /** Of the pages that have ended. */
  private readonly totals = { ...NO_TOTALS };
  private stopped = false;

  constructor(
    private readonly keeper: RunStateKeeper,
    private readonly input: Omit<RollbackPageInput, 'number' | 'after'>,
    private readonly unbegun: Unbegun,
  ) {}

  /** @throws Error where a page could not be worked through, Temporal's CancelledFailure when its items have come to an end */
  async run(): Promise<void> {
    const { organization } = this.input;
    let after: number | null = null;
    for (let number = 1; !this.stopped; number += 1) {
      const result = await this.page(number, after);
      const { totals } = this;
      addTotals(totals, result.totals);
      const says = `${totals.committed} put back, ${totals.inSync} as before, ${totals.deadLettered} dead letters`;
      this.keeper.part(organization, 'items', says);
      await throwIfCancelled();
      if (result.failure !== null) throw new Error(`page ${number}: ${result.failure}`);
      after = result.next;
      if (after === null) return;
    }
  }

  /** Begins no more pages and lets the one under way begin no more items. */
  async stop(): Promise<void> {
    this.stopped = true;
    // One that has ended meanwhile cannot be signalled, and need not be.
    await this.current?.signal(stopSignal).catch(() => undefined);
  }

  private async page(number: number, after: number | null): Promise<RollbackPageResult> {
    const { run, organization, settings } = this.input;
    const workflowId = pageWorkflowId(run, organization, number);
    const page: PageHandle = await beginChild(WORKFLOWS.rollbackPage, {
      workflowId,
      priority: fairnessOf(organization),
      typedSearchAttributes: searchAttributesOf('page', organization, run, 'Running'),
      staticSummary: `Page ${number} of ${organization}`,
      args: [{ ...this.input, number, after }],
    });
    this.current = page;
    if (this.stopped) await this.stop();
    this.keeper.pages.add(workflowId);
    try {
      const result = await page.result();
      if (result.planned !== false) this.unbegun.begun(organization, result.next);
      await CancellationScope.nonCancellable(async () => {
        for (const settled of this.keeper.addPage(result))
          await recordEnded(settled, { run, settings, usage: this.keeper.usage });
      });
      return result;
    } catch (error) {
      throw pageFailure(error, number, organization);
    } finally {
      this.current = null;
      this.keeper.pages.delete(workflowId);
      this.keeper.show();
    }
  }
}
