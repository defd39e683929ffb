import { CancellationScope, setCurrentDetails, setHandler } from '@temporalio/workflow';
import {
  type ItemInput,
  type ItemsPageInput,
  type ItemsPageResult,
  pageStatusQuery,
  stopSignal,
} from './contract.js';
import { itemWorkflowId } from './ids.js';
import { PageItems } from './page-items.js';
import { pool } from './pool.js';

/**
 * One page of items that a run names itself, with a history of its own: settings and teams, or dead letters that are retried or discarded.
 * The run's history would grow with each of them. One that fails holds back none.
 */
export async function itemsPage(input: ItemsPageInput): Promise<ItemsPageResult> {
  const { run, are, concurrency } = input;
  const queue = [...input.items];
  const unbegun: ItemInput[] = [];
  const items: PageItems = new PageItems(input, () => {
    const { committed, deadLettered } = items.tally.totals;
    const letters = `${committed} committed, ${deadLettered} dead letters`;
    setCurrentDetails(`${queue.length} to begin, ${items.running.size} under way; ${letters}`);
  });
  setHandler(pageStatusQuery, () => items.status());
  setHandler(stopSignal, () => items.stop());
  await pool(
    concurrency,
    () => (items.ended ? null : (queue.shift() ?? null)),
    async (item) => {
      const begun = await (are === 'letters' ? items.again(item) : items.part(item));
      if (!begun) unbegun.push(item);
    },
  );
  const result = await CancellationScope.nonCancellable(() => items.close());
  const ids = [...unbegun, ...queue].map(({ kind, item }) => itemWorkflowId(run, kind, item));
  return { ...result, unbegun: ids };
}
