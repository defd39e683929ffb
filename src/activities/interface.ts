import type { RunSettings } from '../config.js';
import type { OrganizationPlan as PlannedParts } from '../standards/diff-organization.js';
import type { Counts } from '../standards/fuse.js';
import type { Change, PageCursor, PlannedItem, SkippedItem, Target } from '../standards/model.js';
import type { ItemOutcome } from '../store/store.js';
import type { Answer } from '../transaction/answer.js';
import type { Done, Undone } from '../transaction/engine.js';
import type {
  ApplyInput,
  ItemsOf,
  Refusal,
  RunState,
  StepInput,
  Totals,
  UndoneOf,
} from '../workflows/contract.js';
import type { ApprovalActivities } from './approval-interface.js';
import type { DriftActivities } from './drift-interface.js';
import type { RollbackActivities } from './rollback-interface.js';

/** What is to be done to one item. */
export interface ItemPlan {
  planned: PlannedItem | null;
  /** When it was read, epoch milliseconds. */
  readAt: number;
  /** Where nothing is left to do, what the run knew the item by; absent from workers of a release before. */
  target?: Target | null;
}

/** What workflows may call, by activity type. Every one gives an Answer, so every one can say "not yet". */
export interface Activities extends RollbackActivities, ApprovalActivities, DriftActivities {
  /** Keeps the document, claims the request key and records the run. */
  openRun(input: { run: string; apply: ApplyInput }): Promise<Answer<OpenedRun>>;
  /** Takes the organisation's lock, from a dead holder too. */
  acquireLock(input: LockInput): Promise<Answer<LockGranted | { granted: false; heldBy: string }>>;
  releaseLock(input: LockInput): Promise<Answer<null>>;
  /** What is to change outside the repositories, and what makes the whole plan impossible. */
  planOrganization(input: PlanInput): Promise<Answer<OrganizationPlan>>;
  /** What a page of repositories would lose by the plan, for the fuse. */
  countRemovals(input: PlanInput & { cursor: PageCursor | null }): Promise<Answer<RemovalCount>>;
  /** Reads and plans one page of repositories. */
  planPage(input: PlanInput & { cursor: PageCursor | null }): Promise<Answer<PagePlan>>;
  /** Plans items again whose reads have grown old; an item that is right by now is in neither list of the answer. */
  replanItems(
    input: PlanInput & { items: PlannedItem[] },
  ): Promise<Answer<{ items: PlannedItem[]; skipped: SkippedItem[]; readAt: number }>>;
  /** Plans one item from nothing but its name, for a retry; null when there is nothing left to do. */
  planItem(input: PlanInput & { item: string; kind: PlannedItem['kind'] }): Promise<Answer<ItemPlan>>;
  /** Records what became of items, and ends older dead letters of those that are right now. */
  recordOutcomes(input: RecordInput): Promise<Answer<null>>;
  /** Items of the run that may hold changes, newest first; what its undo goes through. */
  listItems(input: {
    run: string;
    organization: string;
    outcome: UndoneOf;
    after: string | null;
  }): Promise<Answer<{ items: StoredItem[]; next: string | null }>>;
  /** The changes of a committed item, in the order of their steps' start; the target is null where none was begun. */
  loadChanges(input: {
    run: string;
    item: string;
    /** Only those of which something is not undone yet. */
    owing?: boolean;
    kind?: PlannedItem['kind'];
  }): Promise<Answer<{ target: Target | null; changes: Change[] }>>;
  /** Closes the store to forward intents of a run; when it is done, no step of it begins any more. */
  stopRun(input: { run: string }): Promise<Answer<null>>;
  /** Records the run's state and figures. */
  recordRun(input: { run: string; state: RunState; totals: Totals; ended: boolean }): Promise<Answer<null>>;
}

export type DoActivity = (input: StepInput) => Promise<Answer<Done>>;
export type UndoActivity = (input: StepInput) => Promise<Answer<Undone>>;

export interface PlanInput {
  run: string;
  organization: string;
  graphql: boolean;
}

export interface LockInput {
  run: string;
  organization: string;
  /** Who of the run holds it: a workflow id. */
  holder: string;
}

export interface LockGranted {
  granted: true;
  /** Calls of another run that were given up for lost and may take effect yet; absent where there are none. */
  late?: LateCalls;
}

export interface LateCalls {
  /** The run whose they are; of several, that whose calls may come last. */
  run: string;
  /** For how long they may, milliseconds from the answer on. */
  forMs: number;
}

export type OpenedRun =
  | { opened: true; settings: RunSettings; organizations: OrganizationSummary[] }
  | { opened: false; refusal: Refusal; reason: string }
  /** The same was asked under the same key before, and Temporal has forgotten it: what became of it then. */
  | { opened: 'before'; state: RunState; totals: Totals; reason: string };

/** What the workflow has to know of an organisation in the document, which itself stays in the store. */
export interface OrganizationSummary {
  login: string;
  onFailure: 'rollback' | 'checkpoint';
  /** Milliseconds. */
  deadlineMs: number;
  maxRetries: number;
  /** Whether the file says `absent` anywhere, so that the fuse has to be asked. */
  removes: boolean;
  /** Whether somebody else has to approve the plan before anything is written. */
  approval: boolean;
}

/** The plan of what belongs to the organisation itself; `after` is planned again when the repositories are done. */
export type OrganizationPlan = PlannedParts & { readAt: number };

export interface RemovalCount {
  removals: Counts;
  existing: Counts;
  next: PageCursor | null;
}

export interface PagePlan {
  items: PlannedItem[];
  /** Repositories on the page that the file names and that are right; their names end older dead letters. */
  inSync: number;
  skipped: SkippedItem[];
  notes: string[];
  next: PageCursor | null;
  /** Repositories read on this page, those that no rule names included. */
  read: number;
  /** Repositories in the organisation. */
  total: number;
  readAt: number;
}

export interface RecordInput {
  run: string;
  organization: string;
  items: { item: string; kind: PlannedItem['kind']; target: Target; outcome: ItemOutcome }[];
}

export interface StoredItem extends Pick<PlannedItem, 'item' | 'kind' | 'target'> {
  /** What it has counted as so far. */
  was: ItemsOf;
}
