import { CancellationScope, condition, setHandler, workflowInfo } from '@temporalio/workflow';
import { UNDO_PRIORITY } from '../policies/priority.js';
import type { Usage } from '../transaction/answer.js';
import { call, type RetryNumbers } from '../transaction/call.js';
import type { Done, Ports, Undone } from '../transaction/engine.js';
import type { Failure } from '../transaction/failure.js';
import { type Entry, type Journal, toUndo } from '../transaction/journal.js';
import { callOptions } from './ask.js';
import { type ItemInput, type ParkedItem, parkedQuery, resolveUpdate } from './contract.js';
import { conflictsLeft, leftOf } from './left.js';

/** What an item's workflow has to know of its ports while they work. */
export interface ItemPorts extends Ports {
  /** The compensation that waits for a person. */
  parked(): ParkedItem | null;
}

/**
 * The transaction core's ports in a workflow: steps are activities under their retry level, an undo is not cancellable
 * and three times as patient, and a person decides by the Update `resolve`.
 */
export function itemPorts(
  input: Pick<ItemInput, 'item' | 'settings'>,
  usage: Usage,
  on: {
    changed(journal: Journal): void;
    waiting(reason: string | null): void;
    parked(item: ParkedItem): Promise<void>;
    /** A person has decided, and the undo goes on. */
    decided?(): Promise<void>;
  },
): ItemPorts {
  let parked: ParkedItem | null = null;
  let decision: 'retry' | 'skip' | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  setHandler(parkedQuery, () => parked);
  setHandler(
    resolveUpdate,
    (request) => {
      decision = request.decision;
      return { step: request.step };
    },
    {
      validator: ({ step, decision: asked }) => {
        if (parked === null) throw new Error(`${input.item} has no compensation that waits for a decision`);
        if (parked.step !== step)
          throw new Error(`${input.item} waits for a decision on ${parked.step}, not on ${step}`);
        if (asked !== 'retry' && asked !== 'skip') throw new Error('the decision is either retry or skip');
        if (decision !== null)
          throw new Error(`${step} of ${input.item} has been decided already: ${decision}`);
      },
      description:
        'Decide on a compensation that cannot be done: retry it, or skip it and leave what it would have undone.',
    },
  );

  const ask = async (entry: Entry, failure: Failure, journal: Journal): Promise<'retry' | 'skip'> => {
    const left = leftOf(entry, failure);
    parked = {
      item: input.item,
      workflowId: workflowInfo().workflowId,
      step: entry.step,
      reason: failure.message,
      since: new Date().toISOString(),
      left,
      standing: toUndo(journal).flatMap((other) => (other === entry ? [] : [other.step])),
    };
    await on.parked(parked);
    await condition(() => decision !== null);
    const decided = decision ?? 'retry';
    if (decided === 'skip') entry.conflicts = [...(entry.conflicts ?? []), ...conflictsLeft(entry, left)];
    parked = null;
    decision = null;
    await on.decided?.();
    return decided;
  };

  const options = (summary: string, retry: RetryNumbers) =>
    callOptions({ summary, settings: input.settings, usage, waiting: (reason) => on.waiting(reason) }, retry);

  return {
    parked: () => parked,
    do: (step) =>
      call<Done>(
        step.do,
        step.name,
        options(`${input.item}: ${step.name}`, input.settings.retry[step.level]),
      ),
    undo: (entry: Entry) =>
      CancellationScope.nonCancellable(() => {
        if (entry.undo === null) return Promise.resolve({ conflicts: [] });
        return call<Undone>(entry.undo, entry.step, {
          ...options(`${input.item}: undo ${entry.step}`, patient(input)),
          priority: UNDO_PRIORITY,
        });
      }),
    cancelled: () => CancellationScope.current().consideredCancelled,
    decide: (entry: Entry, failure: Failure, journal: Journal) =>
      CancellationScope.nonCancellable(() => {
        // Nested transactions side by side may be stuck at once: a person is asked about one after the other.
        const mine = turn.then(() => ask(entry, failure, journal));
        turn = mine.catch(() => undefined);
        return mine;
      }),
    changed: (journal) => on.changed(journal),
  };
}

/** Compensation is worth more patience than the change was: three times the retries of the aggressive level. */
function patient({ settings }: Pick<ItemInput, 'settings'>): RetryNumbers {
  return { ...settings.retry.aggressive, max_retries: settings.retry.aggressive.max_retries * 3 };
}
