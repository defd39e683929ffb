import { CancellationScope, patched } from '@temporalio/workflow';
import type { RecordInput } from '../activities/interface.js';
import type { RunSettings } from '../config.js';
import type { PlannedItem, Target } from '../standards/model.js';
import type { Usage } from '../transaction/answer.js';
import { ask, PERSISTENT } from './ask.js';
import type { Settled } from './contract.js';
import type { RunStateKeeper } from './run-state.js';

export type Outcomes = RecordInput['items'];

/** An item that waits for nobody any more. */
export type Ended = Exclude<Settled, { outcome: 'parked' }>;

/** Whose item it is. */
export interface RecordFor {
  run: string;
  settings: RunSettings;
  usage: Usage;
}

/** Histories of older releases record of a retry only that it did not fail. */
const AGAIN = 'letters-are-recorded-again';

/**
 * Whether what became of a retry is to be recorded. One that has failed again may have done more by then: its undo has its turn by
 * when it was recorded last.
 */
export function isRecorded(settled: Settled): settled is Ended {
  return settled.outcome !== 'parked' && (settled.outcome !== 'deadLettered' || patched(AGAIN));
}

export function endedItem(ended: Ended): { item: string; kind: PlannedItem['kind']; target: Target | null } {
  if (ended.outcome !== 'deadLettered') return ended.result;
  const { letter, kind, target } = ended.detail;
  return { item: letter.item, kind, target };
}

/** Notes what became of a planned item, in the store's words. */
export function recordSettled(
  outcomes: Outcomes,
  planned: Pick<PlannedItem, 'item' | 'kind' | 'target'>,
  settled: Settled,
): void {
  const { item, kind, target } = planned;
  outcomes.push({
    item,
    kind,
    target,
    outcome: storedAs(settled.outcome),
  });
}

function storedAs(outcome: Settled['outcome']): Outcomes[number]['outcome'] {
  if (outcome === 'inSync') return 'committed';
  return outcome === 'discarded' ? 'deadLettered' : outcome;
}

/** Records what became of items of one organisation, in the order in which they came to it; also in a cancelled workflow. */
export function recordOutcomes(
  items: Outcomes,
  { run, organization, settings, usage }: RecordFor & { organization: string },
): Promise<null> | null {
  if (items.length === 0) return null;
  return CancellationScope.nonCancellable(() =>
    ask(
      'recordOutcomes',
      { run, organization, items },
      { summary: 'Record outcomes', settings, usage, retry: PERSISTENT },
    ),
  );
}

/** Records how a single item ended; also in a cancelled workflow. */
export async function recordEnded(ended: Ended, { run, settings, usage }: RecordFor): Promise<void> {
  const { item, kind, target } = endedItem(ended);
  if (target === null) return;
  const organization = item.slice(0, item.indexOf('/'));
  const items: Outcomes = [];
  recordSettled(items, { item, kind, target }, ended);
  await CancellationScope.nonCancellable(() =>
    ask(
      'recordOutcomes',
      { run, organization, items },
      { summary: 'Record outcome', settings, usage, retry: PERSISTENT },
    ),
  );
}

/** A parked item has come to its end: counted and recorded, unless its page has yet to report that it was parked. */
export async function recordDecided(
  settled: Settled,
  keeper: Pick<RunStateKeeper, 'settleParked' | 'usage'>,
  { run, settings }: { run: string; settings: RunSettings },
): Promise<void> {
  if (settled.outcome === 'parked' || !keeper.settleParked(settled)) return;
  await recordEnded(settled, { run, settings, usage: keeper.usage });
}
