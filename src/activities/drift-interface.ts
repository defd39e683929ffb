import type { RunSettings } from '../config.js';
import type { PageCursor } from '../standards/model.js';
import type { Answer } from '../transaction/answer.js';
import type { ApplyInput, RunState } from '../workflows/contract.js';
import type { DriftReport } from '../workflows/drift-contract.js';
import type { PlanInput } from './interface.js';

/** What differs from the file. */
export interface Differing {
  items: { item: string; changes: number }[];
  /** Repositories that were read. */
  read: number;
}

export interface DriftActivities {
  /** Keeps the document and records the check. */
  openDrift(input: { run: string; schedule: string; apply: ApplyInput }): Promise<Answer<RunSettings>>;
  /** What differs in an organisation's settings and teams, and what would make its plan impossible. */
  checkOrganization(input: PlanInput): Promise<Answer<Differing & { problems: string[] }>>;
  /** What differs on a page of its repositories. Changes nothing, no dead letter either. */
  checkPage(
    input: PlanInput & { cursor: PageCursor | null },
  ): Promise<Answer<Differing & { next: PageCursor | null }>>;
  /** Records what a check has found. */
  recordDrift(input: { run: string; report: DriftReport }): Promise<Answer<null>>;
  /** Where a run stands, as soon as it is at rest; `since` is when it was begun, epoch milliseconds. */
  untilAtRest(input: { run: string; since: number }): Promise<Answer<RunState | null>>;
}
