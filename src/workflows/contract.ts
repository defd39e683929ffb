/**
 * The names that cross a process boundary: workflow types and ids, messages, search attributes, and what they carry.
 * Imported by workflows, activities and api.ts alike, so it holds types and constants only.
 */
import type { RunSettings } from '../config.js';
import type { RequestCount } from '../github/client.js';
import type { Strategy } from '../policies/strategies.js';
import type { StandardsDocument } from '../standards/document.js';
import type { Change, Json, PlannedItem, SkippedItem, Target } from '../standards/model.js';
import type { Conflict } from '../transaction/journal.js';
import type { RunState } from './run-states.js';
import type { SagaStep } from './saga-contract.js';
import type { Totals } from './totals.js';

export type { RequestCount } from '../github/client.js';
export * from './messages.js';
export type * from './page-contract.js';
export { isAtRest, type RunState } from './run-states.js';
export { NO_REQUESTS, NO_TOTALS, type Totals } from './totals.js';

/** One item that used up its attempts and waits for a person. Dates are ISO 8601, UTC. */
export interface DeadLetter {
  item: string;
  run: string;
  step: string;
  reason: string;
  attempts: number;
  firstFailedAt: string;
  lastFailedAt: string;
  workflowId: string;
  /** Steps that stay done while the letter waits; empty unless the file says `on_failure: checkpoint`. */
  finishedSteps: string[];
}

/** What the person asked for beside the file. */
export interface ApplyOptions {
  strategy: Strategy;
  /** Repositories at once; the strategy's default where null. */
  concurrency: number | null;
  graphql: boolean;
  allowRemovals: boolean;
  /** Wait for another run on the organisation instead of being refused. */
  wait: boolean;
}

/** The argument of {@link WORKFLOWS.apply}. */
export interface ApplyInput {
  /** Sent once; workers keep it in their store under `hash`. */
  document: StandardsDocument;
  hash: string;
  /** Who asks; asserted, not proved. */
  actor: string;
  key: string | null;
  options: ApplyOptions;
}

/**
 * Why a run ended before its first write.
 *
 * - `locked`: another run writes to the organisation.
 * - `invalid`: the file names a team, login or repository that is not there.
 * - `removals`: the plan removes more than the fuse lets through.
 * - `unauthenticated`: the workers' token is not accepted.
 * - `key`: the request key belongs to another request.
 * - `failed`: planning failed, e.g. the organisation is not there.
 * - `exists`: the repository that is to be created is there already.
 * - `state`: the run that is to be rolled back is not there, is still going, or has nothing left to take back.
 * - `approval`: nobody approved it in time, or what was approved is not what would be applied.
 */
export type Refusal =
  | 'locked'
  | 'invalid'
  | 'removals'
  | 'unauthenticated'
  | 'key'
  | 'failed'
  | 'state'
  | 'exists'
  | 'approval';

/** What kinds of runs there are. */
export type RunKind = 'apply' | 'rollback' | 'create-repo' | 'onboard';

/** What a run tells about itself; the answer of {@link statusQuery} and the result of the workflow. */
export interface RunStatus {
  run: string;
  kind: RunKind;
  organizations: string[];
  actor: string;
  state: RunState;
  /** What it is doing or waiting for, one line for a person. */
  phase: string;
  /** Why it was refused, rolled back or is waiting; null where there is nothing to say. */
  reason: string | null;
  /** In one word why it was refused; null unless the state is Refused. */
  refusal: Refusal | null;
  totals: Totals;
  requests: RequestCount;
  /** ISO 8601. */
  startedAt: string;
  durationMs: number;
  deadLetters: DeadLetter[];
  parked: ParkedItem[];
  conflicts: (Conflict & { item: string })[];
  skipped: SkippedItem[];
  /** What the plan had to say, e.g. that a pull request was proposed; at most 100. */
  notes: string[];
  /** Workflow ids of the pages that are under way, for watchers that want to see inside. */
  pages: string[];
  /** Workflow ids of items that the run itself has under way: settings, teams, and what it undoes; absent where it has none. */
  running?: string[];
  /** Some of the items that are under way, and what holds each up; absent where nobody has looked. */
  underWay?: ItemUnderWay[];
  /** What waits for an approval, or was approved; absent where none is needed. */
  plan?: ApprovalPlan;
  /** When dead letters stop keeping the run open; ISO 8601. */
  deadline: string | null;
  /** Of a rollback: the run that it takes back. */
  of?: string;
  /** Of a rollback that was refused: the one to ask for instead, because this one's id is taken, or that one is under way. */
  instead?: string;
  /** Of a rollback that has ended: items that it could not take back, because its dead letters were discarded or nobody saw to them. */
  notTakenBack?: number;
  /** The rollback that has taken this run back. */
  rolledBackBy?: string;
  /** The rollback that takes this run back: it is under way, or has ended without some of the items. */
  rollback?: string;
  /** A saga's steps in the order in which they started; absent for runs over many repositories. */
  steps?: SagaStep[];
}

export interface ItemUnderWay {
  item: string;
  /** Null where nothing does. */
  waiting: string | null;
}

/** A plan for somebody else than who asked to approve. */
export interface ApprovalPlan {
  /** Hash of its sorted (id, field, before, after). */
  hash: string;
  items: number;
  changes: number;
  approvedBy: string | null;
  /** What it does, an item a line; at most 100. */
  shown: string[];
}

/** A transaction whose compensation cannot be done: what is left, and why. */
export interface ParkedItem {
  item: string;
  workflowId: string;
  step: string;
  reason: string;
  /** ISO 8601; another one where it has parked again since. */
  since: string;
  /** What the step wrote and its undo could not put back, field by field. */
  left: Left[];
  /** The item's other steps that still stand, the one that is undone next first; absent of a release before. */
  standing?: string[];
}

/** A field that an undo has left as the step wrote it; an empty name is the whole value. */
export interface Left {
  field: string;
  /** What would be put back. */
  before: Json;
  wrote: Json;
}

/** The whole of what one item's workflow needs; it plans again itself where `planned` is null. */
export interface ItemInput {
  run: string;
  organization: string;
  item: string;
  kind: PlannedItem['kind'];
  /** `apply` by a run or a retry; `discard` completes at once and so ends the dead letter. */
  mode: 'apply' | 'discard';
  planned: PlannedItem | null;
  /** When the values in `planned` were read, epoch milliseconds on the clock of the worker that read them. */
  readAt: number;
  actor: string;
  graphql: boolean;
  onFailure: 'rollback' | 'checkpoint';
  settings: RunSettings;
  /** Of a retry: steps that the tries before it had finished and kept (`on_failure: checkpoint`). */
  finished?: string[];
  /** Of a retry: when the item first failed, ISO 8601. */
  firstFailedAt?: string;
  /** For `discard`. */
  discard: { actor: string; reason: string } | null;
  /** Started after its run has closed: takes and releases the organisation's lock and records its outcome by itself. */
  standalone: boolean;
}

/** How an item's workflow ended when it did not fail. */
export interface ItemResult {
  item: string;
  kind: PlannedItem['kind'];
  outcome: 'committed' | 'inSync' | 'rolledBack' | 'cancelled' | 'discarded';
  target: Target | null;
  conflicts: Conflict[];
  requests: RequestCount;
  /** Who gave a dead letter up, and why. */
  discarded?: { actor: string; reason: string };
}

/** How one item's workflow ended, or that it now waits for a person. */
export type Settled =
  | {
      outcome: ItemResult['outcome'];
      result: ItemResult;
      /** Its newest workflow is not one that was begun here, and what it comes to is not known. */
      elsewhere?: true;
    }
  | { outcome: 'deadLettered'; detail: DeadLetterDetail }
  | { outcome: 'parked'; parked: ParkedItem };

/** A result as its parent counts it. */
export function settledOf(result: ItemResult): Extract<Settled, { result: ItemResult }> {
  return { outcome: result.outcome, result };
}

/** What a failed item's workflow carries in its failure, as the details of an ApplicationFailure of type `DeadLetter`. */
export interface DeadLetterDetail {
  letter: DeadLetter;
  kind: PlannedItem['kind'];
  target: Target | null;
  requests: RequestCount;
  conflicts: Conflict[];
}

/** The argument of {@link WORKFLOWS.compensate}: undoes what a committed item did, by the journal in the store. */
export type CompensateInput = Pick<
  ItemInput,
  'run' | 'organization' | 'item' | 'kind' | 'actor' | 'graphql' | 'settings'
>;

/** The argument of an item's do and undo activities. */
export interface StepInput {
  run: string;
  organization: string;
  item: string;
  actor: string;
  graphql: boolean;
  target: Target;
  change: Change;
  /** When `change.before` was read; an old one is read again before the write. */
  readAt: number;
  /** In a run that was approved: another value than `change.before` is left to a person. */
  approved?: true;
}

/** The answer to a retry or discard of dead letters. */
export interface LettersAnswer {
  /** Items taken up; an item that is already done or being worked on counts. */
  accepted: string[];
  refused: { item: string; reason: string }[];
}
