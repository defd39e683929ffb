import type { RunSettings } from '../config.js';
import type { PlannedItem } from '../standards/model.js';
import type { Answer } from '../transaction/answer.js';
import type { Conflict } from '../transaction/journal.js';
import type { Refusal } from '../workflows/contract.js';
import type { RollbackInput } from '../workflows/rollback-contract.js';

/** What a rollback asks beside what every run asks. */
export interface RollbackActivities {
  /** Finds out whether the run can be rolled back, and records the rollback as a run of its own. */
  openRollback(input: { run: string; rollback: RollbackInput }): Promise<Answer<OpenedRollback>>;
  /** Closes the run that is rolled back: no step of it begins any more, and a page of its dead letters is discarded. */
  closeRolledBack(input: {
    run: string;
    of: string;
    actor: string;
    after: string | null;
  }): Promise<Answer<{ next: string | null }>>;
  /** What takes back a page of the run's items, the one begun last first; items that left nothing are missing. */
  planRollback(input: {
    run: string;
    organization: string;
    after: number | null;
  }): Promise<Answer<RollbackPlan>>;
  /** How many repositories `planRollback` would give for the same page; for pages that are not begun any more. */
  countRollback(input: {
    run: string;
    organization: string;
    after: number | null;
  }): Promise<Answer<{ repositories: number; next: number | null }>>;
}

export interface RollbackPlan {
  items: PlannedItem[];
  /** Repositories that the run made and its own undo had to leave: nothing takes them back, and that is told. Absent of older workers. */
  left?: { item: string; conflicts: Conflict[] }[];
  next: number | null;
}

export type OpenedRollback =
  | {
      opened: true;
      settings: RunSettings;
      /** Those in which the run began a change, the one begun last first. */
      organizations: RollbackOrganization[];
      graphql: boolean;
      /** Repositories at once. */
      concurrency: number;
    }
  | {
      opened: false;
      refusal: Refusal;
      reason: string;
      /** The rollback to ask for instead. */
      instead?: string;
    };

export interface RollbackOrganization {
  login: string;
  /** Milliseconds. */
  deadlineMs: number;
  maxRetries: number;
}
