import { CancellationScope, patched, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { StoredItem } from '../activities/interface.js';
import { ask, PERSISTENT } from './ask.js';
import { pageStatusQuery, type UndoPageInput, type UndoPageResult } from './contract.js';
import { PageItems } from './page-items.js';
import { poolByKind } from './pool.js';

/** Histories of older releases record at the page's end. */
const BY_KIND = 'undo-records-by-kind';

/**
 * One page of what a run undoes, with a history of its own: newest first. Repositories are undone side by side, teams one by one, and kinds
 * keep their order, so that a team outlives the permissions that name it, and a parent its children. Not cancellable.
 */
export function undoPage(input: UndoPageInput): Promise<UndoPageResult> {
  const { run, organization, outcome, after, number, actor, graphql, settings, concurrency } = input;
  const queue: StoredItem[] = [];
  const items: PageItems = new PageItems(input, () =>
    setCurrentDetails(
      `${queue.length} to begin, ${items.running.size} under way; ${items.tally.totals.rolledBack} rolled back`,
    ),
  );
  setHandler(pageStatusQuery, () => items.status());
  return CancellationScope.nonCancellable(async () => {
    const listed = await ask(
      'listItems',
      { run, organization, outcome, after },
      { summary: `What page ${number} undoes`, settings, usage: items.usage, retry: PERSISTENT },
    );
    queue.push(...listed.items);
    // A team that is removed asks the store what of the run waits, so that is recorded before.
    const byKind = patched(BY_KIND);
    const work = async (stored: StoredItem): Promise<void> => {
      const { item, kind, was } = stored;
      await items.undo(stored, was, { run, organization, item, kind, actor, graphql, settings });
      if (byKind && kind !== 'repository') await items.record();
    };
    await poolByKind(concurrency, queue, work, byKind ? { group: () => items.record() } : {});
    return { ...(await items.close()), next: listed.next };
  });
}
