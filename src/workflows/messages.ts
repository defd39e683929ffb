/** What workflows are started, asked and told by: their types, and queries, Updates and signals by their bare wire names. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Journal } from '../transaction/journal.js';
import type {
  ApprovalPlan,
  DeadLetter,
  LettersAnswer,
  PageRead,
  PageStatus,
  ParkedItem,
  RunStatus,
  Settled,
} from './contract.js';
import type { RunState } from './run-states.js';

/** Workflow types, as the Web UI shows them. */
export const WORKFLOWS = {
  apply: 'apply',
  page: 'applyPage',
  item: 'applyItem',
  compensate: 'compensateItem',
  saga: 'saga',
  rollback: 'rollback',
  rollbackPage: 'rollbackPage',
  undoPage: 'undoPage',
  itemsPage: 'itemsPage',
  drift: 'drift',
} as const;

export const statusQuery = defineQuery<RunStatus>('status');
export const pageStatusQuery = defineQuery<PageStatus>('pageStatus');
export const journalQuery = defineQuery<Journal>('journal');
/** To an item: what it waits for, null where it is at work. */
export const waitingQuery = defineQuery<string | null>('waiting');
/** To a compensation, from whom it is not a child of: fails where it has ended. Changes nothing. */
export const stillThereSignal = defineSignal('stillThere');
/** To an item or a saga: the compensation that waits for a person; null where none does. */
export const parkedQuery = defineQuery<ParkedItem | null>('parked');

/** `{ keep: true }` stops and keeps what was done; otherwise it is undone. The same as Temporal's own cancel. */
export const cancelUpdate = defineUpdate<
  { accepted: boolean; state: RunState },
  [{ keep: boolean; actor: string }]
>('cancel');
export const cancelSignal = defineSignal<[{ keep?: boolean }?]>('cancel');

/** By somebody else than who asked; `plan` is the hash that was looked at, null for whatever waits. */
export const approveUpdate = defineUpdate<ApprovalPlan, [{ actor: string; plan: string | null }]>('approve');

export const retryUpdate = defineUpdate<LettersAnswer, [{ items: string[]; actor: string }]>('retry');
/** The same as {@link retryUpdate} from the Web UI; no argument or `[]` means all. */
export const retrySignal = defineSignal<[string[]?]>('retry');
export const discardUpdate = defineUpdate<
  LettersAnswer,
  [{ items: string[]; actor: string; reason: string }]
>('discard');
export const discardSignal =
  defineSignal<[{ items?: string[]; reason?: string; actor?: string }?]>('discard');

/** To a parked item. */
export const resolveUpdate = defineUpdate<
  { step: string },
  [{ step: string; decision: 'retry' | 'skip'; actor: string }]
>('resolve');

export const pageReadSignal = defineSignal<[PageRead]>('pageRead');
export const itemParkedSignal = defineSignal<[ParkedItem]>('itemParked');
/** From a page of letters that goes on: these have failed again, so they are free for other orders. */
export const lettersBackSignal = defineSignal<[DeadLetter[]]>('lettersBack');
/** From an item that had parked and now has ended after all. */
export const itemSettledSignal = defineSignal<[Settled]>('itemSettled');
/** To a page: begin nothing more, let what is under way end. */
export const stopSignal = defineSignal('stop');
