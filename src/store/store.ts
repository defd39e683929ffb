import type { TurnLedger } from '../policies/turn-notes.js';
import type { Change, Json, Target } from '../standards/model.js';
import type { BreakerLedger } from './breaker-ledger.js';

/** What is known of a mutation. `unknown` may have been applied; `intended` has no outcome yet. */
export type RecordOutcome = 'intended' | 'applied' | 'unchanged' | 'refused' | 'unknown';

/** What is written before a mutation is sent. */
export interface Intent {
  run: string;
  organization: string;
  /** The item's key. */
  item: string;
  step: string;
  /** `do` or `undo`. */
  direction: 'do' | 'undo';
  /** Temporal's attempt number of the activity. */
  attempt: number;
  actor: string;
  change: Change;
  target: Target;
  /** What the write starts from and what it writes: for an undo, `to` is what is restored. */
  from: Json;
  to: Json;
}

/** An intent as stored, with what became of it: `to` is what GitHub made of what was written, where that was seen. */
export interface MutationRecord extends Intent {
  id: number;
  /** Epoch milliseconds. */
  intendedAt: number;
  outcome: RecordOutcome;
  concludedAt: number | null;
  /** When its caller gave the call up for lost, epoch milliseconds; null where it never said so. */
  lostAt: number | null;
  /** Whether `to` is what GitHub was seen to have made of what was written. */
  seen: boolean;
  /** What was written. */
  wrote: Json;
  /** Whether the outcome was told by a look at what is there, and not by the call's own answer. */
  found: boolean;
  requestId: string | null;
  error: string | null;
}

export interface ConclusionDetail {
  requestId?: string | null;
  error?: string | null;
  /** See {@link MutationRecord}. */
  found?: boolean;
  /** What was there when the call had been applied, where GitHub has added to what was written. */
  stored?: Json;
}

export interface RunRecord {
  run: string;
  organizations: string[];
  kind: string;
  actor: string;
  /** Hash of the standards document; null for runs that have none. */
  document: string | null;
  /** JSON, small. */
  options: Json;
  startedAt: number;
  endedAt: number | null;
  state: string | null;
  totals: Json;
}

export type ItemOutcome =
  | 'committed'
  | 'rolledBack'
  | 'deadLettered'
  | 'parked'
  | 'cancelled'
  /** A dead letter that a newer run has put right. */
  | 'superseded';

export interface ItemRecord {
  run: string;
  organization: string;
  /** The item's key. */
  item: string;
  kind: 'repository' | 'organization' | 'team';
  target: Target;
  outcome: ItemOutcome;
  /** Epoch milliseconds, or a little later: no two that an undo goes through have the same. */
  at: number;
}

export type LockAnswer = { granted: true; fence: number } | { granted: false; heldBy: string; fence: number };

/** What a plan is, for whoever approves it: a hash of all its items, and how much it changes. */
export interface PlanIdentity {
  hash: string;
  items: number;
  changes: number;
}

/** Thrown by {@link Store.intend} when another run has taken the organisation's lock meanwhile. Nothing was sent. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

/** Thrown by {@link Store.intend} for a `do` of a run that was stopped. Nothing was sent. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';

  constructor(
    run: string,
    /** Epoch milliseconds. */
    readonly stoppedAt: number,
  ) {
    super(`Run ${run} is being cancelled`);
  }
}

/** Thrown by {@link Store.intend} when another attempt has recorded an intent of the step meanwhile. Nothing was sent. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

/**
 * The one small SQL store, shared by all workers of an installation: mutation records, request keys, documents, locks.
 * Every method is one transaction, safe with several processes at once, and durable when its promise resolves. An `item` is
 * an item's key everywhere (standards/item-key.ts), never its name, which a repository may share with a part of its organisation.
 */
export interface Store extends TurnLedger, BreakerLedger {
  /** Keeps a document under its hash; a second put of the same hash does nothing. */
  putDocument(hash: string, body: string): Promise<void>;
  getDocument(hash: string): Promise<string | null>;

  /** The first claim of a key wins; later ones get the first one's answer, whatever they brought. */
  claimRequestKey(
    key: string,
    run: string,
    payloadHash: string,
  ): Promise<{ run: string; payloadHash: string }>;
  /** Gives a key from one run to another where the first still has it; who has it then. */
  passRequestKey(key: string, from: string, to: string): Promise<string>;

  /** Upserts a run. */
  saveRun(run: RunRecord): Promise<void>;
  getRun(run: string): Promise<RunRecord | null>;
  /** From when this resolves on, {@link intend} takes no `do` of the run any more. Twice changes nothing. */
  stopRun(run: string): Promise<void>;

  /**
   * Takes an organisation's lock for a run. Held by the same run: granted again (holders are counted by name). Held by
   * another: not granted. Each change of the owning run, and each holder that comes to it, raises the fence.
   */
  acquireLock(organization: string, run: string, holder: string): Promise<LockAnswer>;
  /**
   * Takes the lock away from a run that is known to be dead; false where it is not the owner any more, or where somebody has
   * taken hold for it since the lock had that fence: who was dead may have been woken.
   */
  takeLock(
    organization: string,
    from: { run: string; fence: number },
    run: string,
    holder: string,
  ): Promise<boolean>;
  /** Lets one holder go; the lock is free when the last holder has gone. Releasing what is not held does nothing. */
  releaseLock(organization: string, run: string, holder: string): Promise<void>;

  /**
   * Records the intent, in one transaction with the check that `run` owns the organisation's lock, and for a `do` that
   * the run was not stopped. With `last`, the id of the newest record of the step that the caller knows (0: none), it is also
   * checked that none has come since: of two attempts that both think they are alone, one writes.
   * @throws FencedError, StoppedError, SupersededError
   */
  intend(intent: Intent, last?: number): Promise<number>;
  /**
   * Records what became of an intent. The first conclusion other than `unknown` stands. With `known`, ids of the step's
   * records that the caller has seen applied: where another one of its direction was applied meanwhile, two calls had one
   * effect between them, and `applied` becomes `unchanged`.
   */
  conclude(
    id: number,
    outcome: Exclude<RecordOutcome, 'intended'>,
    detail: ConclusionDetail,
    known?: readonly number[],
  ): Promise<void>;
  /** Records of one step, oldest first. */
  recordsOfStep(run: string, item: string, step: string): Promise<MutationRecord[]>;
  /** Records of one item, oldest first: what was done to it and what was undone. */
  recordsOfItem(run: string, item: string): Promise<MutationRecord[]>;

  /** Records of calls that are known, since that time (epoch ms) or later, to have been applied to items, in whatever run; oldest first. */
  recentlyApplied(items: string[], since: number): Promise<MutationRecord[]>;
  /**
   * Records of calls to an organisation that were begun since that time (epoch ms) for other runs than this one, and whose own
   * answers nobody has seen; oldest first.
   */
  lostCalls(organization: string, run: string, since: number): Promise<MutationRecord[]>;
  /** When a call of the run was last known to have been applied, epoch milliseconds; 0 where none was. */
  lastApplied(run: string): Promise<number>;

  /** Keeps what a saga's step has brought about: ids, links; small, and no secret. The newest stands. */
  saveStepResult(run: string, item: string, step: string, result: Json): Promise<void>;
  getStepResult(run: string, item: string, step: string): Promise<Json | null>;

  /**
   * Upserts what became of items of one run, in the order in which they came to it: each is kept with an `at` later than all
   * before it, so that a list of them, newest first, is the reverse.
   */
  saveItems(items: readonly ItemRecord[]): Promise<void>;
  getItem(run: string, item: string): Promise<ItemRecord | null>;
  /** Dead letters of an organisation, whatever their run; those that were discarded or retried since may be among them. */
  openLetters(organization: string): Promise<ItemRecord[]>;
  /** Items of a run with one of those outcomes, newest first, a page at a time; `before` is the `at`/item of the last one seen. */
  listItems(
    run: string,
    outcomes: readonly ItemOutcome[],
    limit: number,
    after: string | null,
  ): Promise<{ items: ItemRecord[]; next: string | null }>;

  /**
   * The items of a run in which a mutation was begun, the one begun last first, a page at a time; `after` is the `next`
   * of the page before. Frozen once nobody writes for the run any more.
   */
  touchedItems(
    run: string,
    organization: string,
    limit: number,
    after: number | null,
  ): Promise<{ items: string[]; next: number | null }>;
  /** The organisations in which a run began a mutation, the one begun last first. */
  touchedOrganizations(run: string): Promise<string[]>;

  /** Forgets what an earlier try of a round of planning found. */
  beginPlan(run: string, round: number): Promise<void>;
  /** Keeps what a round found of items: a hash of each item's changes, and their number. */
  savePlanned(
    run: string,
    round: number,
    items: { item: string; hash: string; changes: number }[],
  ): Promise<void>;
  getPlanned(run: string, round: number, item: string): Promise<string | null>;
  identifyPlan(run: string, round: number): Promise<PlanIdentity>;
  /** The first approval of a run stands. */
  saveApproval(run: string, hash: string, actor: string): Promise<void>;
  getApproval(run: string): Promise<{ hash: string; actor: string; at: number } | null>;

  close(): Promise<void>;
}
