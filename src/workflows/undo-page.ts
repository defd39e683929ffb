import { CancellationScope, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { StoredItem } from '../activities/interface.js';
import { ask, PERSISTENT } from './ask.js';
import { pageStatusQuery, type UndoPageInput, type UndoPageResult } from './contract.js';
import { PageItems } from './page-items.js';
import { poolByKind } from './pool.js';

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
    await poolByKind(concurrency, queue, (stored) => {
      const { item, kind, was } = stored;
      return items.undo(stored, was, { run, organization, item, kind, actor, graphql, settings });
    });
    return { ...(await items.close()), next: listed.next };
  });
}
