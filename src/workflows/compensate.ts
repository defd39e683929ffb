import {
  allHandlersFinished,
  CancellationScope,
  condition,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Usage } from '../transaction/answer.js';
import { unwind } from '../transaction/engine.js';
import { conflictsOf, type Journal } from '../transaction/journal.js';
import { ask, PERSISTENT, requestsOf } from './ask.js';
import {
  type CompensateInput,
  type ItemResult,
  journalQuery,
  settledOf,
  stillThereSignal,
  waitingQuery,
} from './contract.js';
import { itemDetails } from './details.js';
import { itemPorts } from './item-ports.js';
import { journalOf } from './item-steps.js';
import { ItemLock } from './lock.js';
import { announceEnded, announceParked } from './parent.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';

/**
 * Undoes a committed item by its journal in the store, in reverse order of the steps' start, also when the workflow
 * that did it is long closed. What somebody changed since is left and reported as a conflict. Not cancellable.
 */
export function compensateItem(input: CompensateInput): Promise<ItemResult> {
  return CancellationScope.nonCancellable(() => compensate(input));
}

async function compensate(input: CompensateInput): Promise<ItemResult> {
  const journal: Journal = [];
  const usage: Usage = {};
  let wasParked = false;
  let waiting: string | null = null;
  setHandler(journalQuery, () => journal);
  setHandler(waitingQuery, () => waiting);
  setHandler(stillThereSignal, () => undefined);
  const show = (): void => setCurrentDetails(itemDetails(input.item, journal, waiting, ports.parked()));
  const waits = (reason: string | null): void => {
    waiting = reason;
    show();
  };
  const lock = new ItemLock(input, workflowInfo().workflowId, waits);
  const ports = itemPorts(input, usage, {
    changed: show,
    waiting: waits,
    parked: async (parked) => {
      wasParked = true;
      upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.state, value: 'Parked' }]);
      show();
      await lock.release();
      await announceParked(parked);
    },
    decided: () => lock.take(),
  });

  const { target, changes } = await ask(
    'loadChanges',
    { run: input.run, item: input.item, kind: input.kind },
    { summary: `Journal of ${input.item}`, settings: input.settings, usage, retry: PERSISTENT },
  );
  if (target !== null) journal.push(...journalOf(changes, input, target));
  await unwind(journal, ports);
  await lock.release();
  const result: ItemResult = {
    item: input.item,
    kind: input.kind,
    outcome: 'rolledBack',
    target,
    conflicts: conflictsOf(journal),
    requests: requestsOf(usage),
  };
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.state, value: 'RolledBack' }]);
  if (wasParked) {
    await announceEnded(settledOf(result), { ...input, usage });
  }
  await condition(allHandlersFinished);
  return result;
}
