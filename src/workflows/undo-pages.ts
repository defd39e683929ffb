import { ChildWorkflowFailure, sleep } from '@temporalio/workflow';
import { fairnessOf, UNDO_PRIORITY } from '../policies/priority.js';
import { beginChild, LONGEST_PAUSE } from './begin-child.js';
import { type UndoneOf, type UndoPageInput, type UndoPageResult, WORKFLOWS } from './contract.js';
import { undoPageWorkflowId } from './ids.js';
import { recordEnded } from './record.js';
import type { RollbackOf } from './rollback.js';
import { searchAttributesOf } from './search-attributes.js';

/** Works through what a run did in one organisation, page by page, one after the other: the order is that of the undo. */
export async function undoPages(of: RollbackOf, outcomes: readonly UndoneOf[]): Promise<void> {
  let number = 1;
  for (const outcome of outcomes) {
    let after: string | null = null;
    do {
      const result: UndoPageResult = await undoPage(of, outcome, after, number);
      after = result.next;
      number += 1;
    } while (after !== null);
  }
}

async function undoPage(
  of: RollbackOf,
  outcome: UndoneOf,
  after: string | null,
  number: number,
): Promise<UndoPageResult> {
  const { run, organization, actor, graphql, settings, concurrency, keeper } = of;
  const input = { run, organization, actor, graphql, settings, concurrency, outcome, after, number };
  const workflowId = undoPageWorkflowId(run, organization, number);
  keeper.pages.add(workflowId);
  try {
    const result = await toItsEnd(workflowId, input);
    for (const settled of keeper.addPage(result))
      await recordEnded(settled, { run, settings, usage: keeper.usage });
    return result;
  } finally {
    keeper.pages.delete(workflowId);
    keeper.show();
  }
}

/** Ended from outside, a page is begun again where it began: it finds by itself what is undone already. */
async function toItsEnd(workflowId: string, input: UndoPageInput): Promise<UndoPageResult> {
  const { organization, run, number } = input;
  for (let pause = 1_000; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const page = await beginChild<(argument: UndoPageInput) => Promise<UndoPageResult>>(WORKFLOWS.undoPage, {
      workflowId,
      priority: { ...UNDO_PRIORITY, ...fairnessOf(organization) },
      typedSearchAttributes: searchAttributesOf('page', organization, run, 'Running'),
      staticSummary: `Undo page ${number} of ${organization}`,
      args: [input],
    });
    try {
      return await page.result();
    } catch (error) {
      if (!(error instanceof ChildWorkflowFailure)) throw error;
      await sleep(pause);
    }
  }
}
