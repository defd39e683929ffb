import type { Conflict } from '../transaction/journal.js';
import {
  type DeadLetter,
  NO_REQUESTS,
  NO_TOTALS,
  type PageResult,
  type ParkedItem,
  type RequestCount,
  type Settled,
  type Totals,
} from './contract.js';
import { keyOfWorkflowId } from './ids.js';
import { addTotals } from './totals.js';

const MOST_NOTES = 100;

/** Conflicts that are listed, the others are counted: each holds three values, and a payload may have 2 MiB. */
const MOST_CONFLICTS = 300;

/** Adds up what became of items: the part of a page's result, and of a run's status, that grows. */
export class Tally {
  readonly totals: Totals = { ...NO_TOTALS };
  readonly requests: RequestCount = { ...NO_REQUESTS };
  /** By the items' workflow ids. */
  readonly deadLetters = new Map<string, DeadLetter>();
  /** By the items' keys: what undoes an item may be another workflow than made it. */
  readonly parked = new Map<string, ParkedItem>();
  readonly conflicts: (Conflict & { item: string })[] = [];
  readonly skipped: PageResult['skipped'] = [];
  readonly notes: string[] = [];
  private conflictsCut = 0;

  /** Counts one settled item; `counts` says whether it is a repository, which alone are in the totals. */
  add(settled: Settled, counts: boolean): void {
    switch (settled.outcome) {
      case 'deadLettered':
        this.deadLetters.set(settled.detail.letter.workflowId, settled.detail.letter);
        this.addRequests(settled.detail.requests);
        this.addConflicts(settled.detail.letter.item, settled.detail.conflicts);
        break;
      case 'parked':
        this.parked.set(keyOfWorkflowId(settled.parked.workflowId), settled.parked);
        break;
      case 'committed':
      case 'inSync':
        // Done after all, as a dead letter that is retried: what an undo had left before is no conflict any more.
        this.dropConflicts(settled.result.item);
        this.addRequests(settled.result.requests);
        this.addConflicts(settled.result.item, settled.result.conflicts);
        break;
      case 'discarded':
      case 'rolledBack':
      case 'cancelled':
        this.addRequests(settled.result.requests);
        this.addConflicts(settled.result.item, settled.result.conflicts);
    }
    // One that is given up stays counted as what it was.
    if (counts) this.totals[settled.outcome === 'discarded' ? 'deadLettered' : settled.outcome] += 1;
  }

  /** Counts a dead letter that was tried again; false where nothing says that its item is done, so that it stays counted as one. */
  addRetried(settled: Settled, counts: boolean): boolean {
    if (settled.outcome === 'discarded' || (settled.outcome === 'inSync' && settled.elsewhere)) return false;
    if (counts) this.totals.deadLettered -= 1;
    this.add(settled.outcome === 'inSync' ? { ...settled, outcome: 'committed' } : settled, counts);
    return true;
  }

  addRequests(more: RequestCount): void {
    this.requests.rest += more.rest;
    this.requests.graphql += more.graphql;
    this.requests.mutating += more.mutating;
  }

  addConflicts(item: string, conflicts: Conflict[]): void {
    this.listConflicts(conflicts.map((conflict) => ({ ...conflict, item })));
  }

  dropConflicts(item: string): void {
    const others = this.conflicts.filter((conflict) => conflict.item !== item);
    this.conflicts.splice(0, this.conflicts.length, ...others);
  }

  private listConflicts(conflicts: PageResult['conflicts']): void {
    const listed = conflicts.slice(0, MOST_CONFLICTS - this.conflicts.length);
    this.conflicts.push(...listed);
    this.conflictsCut += conflicts.length - listed.length;
  }

  addNotes(notes: string[]): void {
    this.notes.push(...notes.slice(0, MOST_NOTES - this.notes.length));
  }

  addPage(page: PageResult): void {
    addTotals(this.totals, page.totals);
    this.addRequests(page.requests);
    for (const letter of page.deadLetters) this.deadLetters.set(letter.workflowId, letter);
    for (const item of page.parked) this.parked.set(keyOfWorkflowId(item.workflowId), item);
    this.listConflicts(page.conflicts);
    this.skipped.push(...page.skipped);
    this.addNotes(page.notes);
  }

  result(): PageResult {
    return {
      totals: this.totals,
      requests: this.requests,
      deadLetters: [...this.deadLetters.values()],
      parked: [...this.parked.values()],
      conflicts: this.conflicts,
      skipped: this.skipped,
      notes:
        this.conflictsCut === 0
          ? this.notes
          : [...this.notes, `${this.conflictsCut} more fields were changed by somebody else and are left`],
      failure: null,
    };
  }
}
