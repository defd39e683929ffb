/** What crosses a process boundary for a rollback; types only, as in contract.ts. */
import type { RunSettings } from '../config.js';
import type { PageResult } from './contract.js';

/** The argument of the workflow type `rollback`. */
export interface RollbackInput {
  /** The run whose changes are taken back. */
  of: string;
  /** Who asks; asserted, not proved. */
  actor: string;
  /** Put back also what somebody else has changed since. */
  force: boolean;
  /** Wait for another run on the organisation instead of being refused. */
  wait: boolean;
}

/** The argument of the workflow type `rollbackPage`. */
export interface RollbackPageInput {
  run: string;
  organization: string;
  number: number;
  /** The `next` of the page before. */
  after: number | null;
  concurrency: number;
  actor: string;
  graphql: boolean;
  settings: RunSettings;
}

export interface RollbackPageResult extends PageResult {
  /** Where the next page begins; null after the last. */
  next: number | null;
  /** False where it could not find out what its items are. */
  planned?: boolean;
}
