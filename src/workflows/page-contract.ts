import type { RunSettings } from '../config.js';
import type { RequestCount } from '../github/client.js';
import type { Strategy } from '../policies/strategies.js';
import type { PageCursor, SkippedItem } from '../standards/model.js';
import type { Conflict } from '../transaction/journal.js';
import type { DeadLetter, ItemInput, ParkedItem, Totals } from './contract.js';

export interface PageInput {
  run: string;
  organization: string;
  number: number;
  cursor: PageCursor | null;
  /** Repositories at once in the organisation. */
  concurrency: number;
  /** Its part of them while another page is under way; half of them in inputs of older releases, which have none. */
  share?: number;
  /** Inputs of older releases have `batched` instead. */
  strategy?: Strategy;
  batched?: boolean;
  actor: string;
  graphql: boolean;
  onFailure: 'rollback' | 'checkpoint';
  settings: RunSettings;
}

export interface PageResult {
  totals: Totals;
  requests: RequestCount;
  deadLetters: DeadLetter[];
  parked: ParkedItem[];
  conflicts: (Conflict & { item: string })[];
  skipped: SkippedItem[];
  notes: string[];
  /** Why the page could not be worked through; what was begun is settled and counted all the same. */
  failure: string | null;
}

/** Which items of a run may hold changes. */
export type ItemsOf = 'committed' | 'deadLettered';

/** Those of one kind, or `owing`: all that was committed, and of the dead letters those of which something stands, in one order. */
export type UndoneOf = ItemsOf | 'owing';

/** The argument of {@link WORKFLOWS.undoPage}: undoes some of what a run did in one organisation. */
export interface UndoPageInput {
  run: string;
  organization: string;
  number: number;
  /** Of which of its items, and after which of them; from the newest on where null. */
  outcome: UndoneOf;
  after: string | null;
  concurrency: number;
  actor: string;
  graphql: boolean;
  settings: RunSettings;
}

/** Totals say what has changed: an item that is undone is one less of what it was, and one more rolled back. */
export interface UndoPageResult extends PageResult {
  /** Where the next page begins; null where there is none. */
  next: string | null;
}

/** The argument of {@link WORKFLOWS.itemsPage}: works on items that a run names itself. */
export interface ItemsPageInput {
  run: string;
  organization: string;
  number: number;
  /** Counted for the first time, or as dead letters so far. */
  are: 'parts' | 'letters';
  /** Those are worked on in this order. */
  items: ItemInput[];
  /** A page of the same items was ended from outside: what that had begun is waited for, and then looked at. */
  again: boolean;
  concurrency: number;
  settings: RunSettings;
}

/** Totals of letters say what has changed: one that is done is one less of the dead letters. */
export interface ItemsPageResult extends PageResult {
  /** Workflow ids of those that it did not come to, because it was stopped or cancelled. */
  unbegun: string[];
  /** Workflow ids of letters that failed again, of which it has told its run before. */
  told: string[];
}

/** A child's word to its run that the next page can be started. */
export interface PageRead {
  /** Absent of a release before. */
  organization?: string;
  number: number;
  next: PageCursor | null;
  /** Repositories on this page, and in the organisation. */
  read: number;
  total: number;
}

/** What a page tells about itself while it works. */
export interface PageStatus {
  totals: Totals;
  /** Of the items that have ended, and the page's own; absent of a release before. */
  requests?: RequestCount;
  /** Workflow ids of the items under way. */
  running: string[];
}
