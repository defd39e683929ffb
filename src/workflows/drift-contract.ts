import type { ApplyInput, RunState } from './contract.js';

/** The argument of {@link WORKFLOWS.drift}: a schedule's check of whether organisations still are as a file wants them. */
export interface DriftInput {
  /** The schedule's name. */
  schedule: string;
  /** The file, and how it is applied where `applies` says so. */
  apply: ApplyInput;
  /** Whether what has drifted is put right by a run. */
  applies: boolean;
}

/** One organisation as a check found it. */
export interface OrganizationDrift {
  login: string;
  /** Repositories that were read. */
  repositories: number;
  /** Repositories, teams and settings that differ from the file, and changes that would put them right. */
  items: number;
  changes: number;
  /** The first hundred of the items. */
  named: { item: string; changes: number }[];
  /** Why it could not be checked, or must not be applied; null where it was. */
  error: string | null;
}

/** What a check found; dates are ISO 8601, UTC. */
export interface DriftReport {
  schedule: string;
  checkedAt: string;
  organizations: OrganizationDrift[];
  /** Over all organisations. */
  items: number;
  changes: number;
  /** The run that puts it right; null where nothing was to be done, or the schedule only looks. */
  run: string | null;
  /** Where that run stood when it was at rest. */
  state: RunState | null;
}
