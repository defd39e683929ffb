import { type CancellationScope, isCancellation, patched, workflowInfo } from '@temporalio/workflow';
import type { RunSettings } from '../config.js';
import type { ItemChildren } from './children.js';
import type { DeadLetter, LettersAnswer } from './contract.js';
import { itemOfWorkflowId } from './ids.js';
import { ITEMS_IN_A_RUN } from './items-pages.js';
import { groupOf, groupsOf, type LetterGroup, type StageOf } from './letter-groups.js';
import { LetterLocks } from './letter-locks.js';
import { LetterOrders, RETRIED, type Refusals, refusedAll } from './letter-orders.js';
import { type Discard, LetterWorkflows, type RetryInput } from './letter-workflows.js';
import { sameLogin } from './lock.js';
import type { RunStateKeeper } from './run-state.js';
import { inStages, isOneByOne, type Order, STAGES, stageOf } from './stages.js';

/** Items that one Update may name (PITFALLS: well below what a workflow may have pending). */
export const MOST_ITEMS = 500;

/** Runs that were begun by earlier versions retry in any order. */
const IN_STAGES = 'letters-in-stages';

/** Rollbacks that were begun by earlier versions retry in the order of a run. */
const BACKWARD = 'rollback-letters-backward';

/** Histories of older releases retry teams that are made or removed side by side. */
const ONE_BY_ONE = 'letters-of-teams-one-by-one';
/** Histories of older releases retry the removal of teams with the settings of others. */
const REMOVALS_LAST = 'letters-of-removed-teams-last';
/** Histories of older releases retry what a message names in the order of the message. */
const AS_THEY_FAILED = 'letters-as-they-failed';

/** Histories of older releases have every letter's workflow in the run's own. */
const IN_PAGES = 'letters-in-pages';

/** A group that is being retried. */
interface Retry extends LetterGroup {
  work: Promise<void>;
}

/**
 * A run's dead letters while it is open: each is retried to success or discarded. The organisation's lock is held only
 * while a retry is under way. An item that is asked for twice is worked on once, by {@link LetterOrders}.
 */
export class DeadLetterDesk {
  private readonly underWay = new Set<Retry>();
  private readonly workflows: LetterWorkflows;
  private readonly locks: LetterLocks;
  private turn: Promise<unknown> = Promise.resolve();
  private readonly orders = new LetterOrders();
  private shut = false;
  private discarded = 0;

  constructor(
    private readonly keeper: RunStateKeeper,
    children: ItemChildren,
    private readonly scope: CancellationScope,
    inputOf: RetryInput,
    settings: RunSettings,
    /** Whether the run holds an organisation's lock anyway, because its own work is still under way. */
    private readonly lockHeld: (organization: string) => boolean,
    /** Of a rollback: in which its items have their turn. */
    private readonly backward = false,
  ) {
    this.workflows = new LetterWorkflows(keeper, children, inputOf, settings);
    this.locks = new LetterLocks(scope, settings);
  }

  get busy(): boolean {
    return this.underWay.size > 0;
  }

  /** Letters that were ended without their change. */
  get givenUp(): number {
    return this.discarded;
  }

  /** Whether a message has yet to be answered: a retry may begin by it, or a letter be discarded. */
  get answering(): boolean {
    return this.orders.open;
  }

  /** What it is doing, for a person. */
  get phase(): string {
    return ['retrying dead letters', ...this.locks.waits].join(', ');
  }

  /** Whether a retry in this organisation is under way, or its lock still held for one. */
  busyIn(organization: string): boolean {
    return [...this.underWay].some((one) => sameLogin(one.organization, organization));
  }

  private get order(): Order {
    return this.backward && patched(BACKWARD) ? 'backward' : 'forward';
  }

  /** Begins no retry any more, and resolves when nobody is at work on a letter. */
  async settled(): Promise<void> {
    this.shut = true;
    while (this.busy || this.answering) {
      await this.orders.answered();
      await Promise.allSettled([...this.underWay].map(({ work }) => work));
    }
  }

  /** Does `work` while no retry begins or ends. */
  alone(work: () => Promise<void>): Promise<void> {
    return this.inTurn(work);
  }

  /** Starts the items' workflows again; answers when they have started, not when they have ended. */
  async retry(items: string[]): Promise<LettersAnswer> {
    const { found, unknown } = this.find(items);
    const letters = this.inStages(found);
    const { accepted, refused } = await this.orders.take('retry', letters, (mine) =>
      eachGroup(this.asTheyFailed(mine), this.stageOf, (group) => this.inTurn(() => this.take(group))),
    );
    return { accepted, refused: [...unknown, ...refused] };
  }

  /** Ends dead letters without their change: each item's workflow completes at once with who and why. */
  async discard(items: string[], actor: string, reason: string): Promise<LettersAnswer> {
    const { found, unknown } = this.find(items);
    const { accepted, refused } = await this.orders.take('discard', found, (mine) =>
      eachGroup(mine, this.stageOf, (group) => this.giveUp(group, { actor, reason })),
    );
    return { accepted, refused: [...unknown, ...refused] };
  }

  /** Letters of a page that goes on have failed again: they are what they were before, and free for other orders. */
  back(letters: readonly DeadLetter[]): void {
    for (const letter of letters) {
      const retry = this.retryOf(letter.workflowId);
      if (retry === undefined) continue;
      retry.letters = retry.letters.filter(({ workflowId }) => workflowId !== letter.workflowId);
      this.keeper.tally.deadLetters.set(letter.workflowId, letter);
    }
    this.keeper.show();
  }

  /** Closes the letters of a run that is undone, so that nobody retries what no longer belongs to anything. */
  async close(): Promise<void> {
    const { totals, deadLetters } = this.keeper.tally;
    for (let left = deadLetters.size; left > 0; left = deadLetters.size) {
      await this.discard([], 'orgsaga', 'run rolled back');
      if (deadLetters.size === left) break;
    }
    totals.rolledBack += totals.deadLettered;
    totals.deadLettered = 0;
  }

  private inStages(letters: DeadLetter[]): DeadLetter[] {
    return patched(IN_STAGES) ? inStages(letters, this.stageOf, this.order) : letters;
  }

  private readonly stageOf: StageOf = (letter) => {
    const stage = stageOf(letter);
    return stage === STAGES.removals && !patched(REMOVALS_LAST) ? STAGES.teams : stage;
  };

  /** A parent team failed before its child, so it has its turn before it, however they are named. */
  private asTheyFailed(letters: DeadLetter[]): DeadLetter[] {
    if (letters.length < 2 || !patched(AS_THEY_FAILED)) return letters;
    const asked = new Set(letters.map(({ workflowId }) => workflowId));
    const failed = [...this.keeper.tally.deadLetters.values()];
    return this.inStages(failed.filter(({ workflowId }) => asked.has(workflowId)));
  }

  /** Ends letters, which stay counted. */
  private async giveUp(group: LetterGroup, discard: Discard): Promise<Refusals> {
    const isRetried = ({ workflowId }: DeadLetter): boolean => this.retryOf(workflowId) !== undefined;
    const refusals = refusedAll(group.letters.filter(isRetried), RETRIED);
    const letters = group.letters.filter((letter) => !isRetried(letter));
    for (const [id, reason] of await this.workflows.discard({ ...group, letters }, discard))
      refusals.set(id, reason);
    for (const { workflowId } of letters) {
      if (refusals.has(workflowId)) continue;
      this.keeper.tally.deadLetters.delete(workflowId);
      this.discarded += 1;
    }
    this.keeper.show();
    return refusals;
  }

  /** Begins a retry under the organisation's lock. */
  private async take(group: LetterGroup): Promise<Refusals> {
    const { organization } = group;
    // One that was under way when this was asked for may have been settled by the earlier retry meanwhile.
    const letters = group.letters.filter(
      ({ workflowId }) =>
        this.retryOf(workflowId) === undefined && this.keeper.tally.deadLetters.has(workflowId),
    );
    if (letters.length === 0) return new Map();
    if (this.shut) return refusedAll(letters, 'run rolled back');
    const isHeld = this.lockHeld(organization) || this.busyIn(organization);
    const refusal = isHeld ? null : await this.locks.take(organization);
    if (refusal !== null) return refusedAll(letters, refusal);
    const retry: Retry = { ...group, letters, work: Promise.resolve() };
    retry.work = this.scope.run(() => this.followed(retry));
    this.underWay.add(retry);
    return new Map();
  }

  private retryOf(id: string): Retry | undefined {
    return [...this.underWay].find(({ letters }) => letters.some(({ workflowId }) => workflowId === id));
  }

  private async followed(retry: Retry): Promise<void> {
    try {
      await this.work(retry);
    } catch (error) {
      if (!isCancellation(error)) throw error;
    } finally {
      await this.inTurn(() => this.leave(retry));
    }
  }

  /** Ends a retry: the last one of its organisation lets the lock go. It is under way until that is free, so that the run does not end before. */
  private async leave(retry: Retry): Promise<void> {
    const { organization } = retry;
    const isOther = (one: Retry): boolean => one !== retry && sameLogin(one.organization, organization);
    const isLast = ![...this.underWay].some(isOther) && !this.lockHeld(organization);
    if (isLast) await this.locks.release(organization);
    this.underWay.delete(retry);
    this.keeper.show();
  }

  /** Resolves when what the letters' items may need has been tried: a repository's access needs the team that is made. */
  private async earlierStages(retry: Retry): Promise<void> {
    const { organization, stage } = retry;
    const isEarlier = (other: number): boolean => (this.order === 'forward' ? other < stage : other > stage);
    const inTurn = isOneByOne(stage) && patched(ONE_BY_ONE);
    let isBefore = true;
    const earlier = [...this.underWay].filter((one) => {
      if (one === retry) isBefore = false;
      const waits = isEarlier(one.stage) || (inTurn && isBefore && one.stage === stage);
      return waits && sameLogin(one.organization, organization);
    });
    await Promise.allSettled(earlier.map(({ work }) => work));
  }

  private async work(retry: Retry): Promise<void> {
    await this.locks.untilQuiet(retry.organization);
    if (patched(IN_STAGES)) await this.earlierStages(retry);
    await this.workflows.retry(retry);
  }

  /** By name, which two letters may have, or by workflow id, which is of one alone. */
  private find(items: string[]): { found: DeadLetter[]; unknown: LettersAnswer['refused'] } {
    const letters = [...this.keeper.tally.deadLetters.values()];
    if (items.length === 0) return { found: letters.slice(0, MOST_ITEMS), unknown: [] };
    const found = new Set<DeadLetter>();
    const unknown: LettersAnswer['refused'] = [];
    for (const item of new Set(items)) {
      const named = letters.filter((letter) => letter.item === item || letter.workflowId === item);
      if (named.length === 0)
        unknown.push({ item, reason: `no dead letter of ${workflowInfo().workflowId}` });
      for (const letter of named) found.add(letter);
    }
    return { found: [...found], unknown };
  }

  /** Taking and releasing the lock one after the other, so that neither overtakes the other. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }
}

/** Where they are many, letters are worked on page by page: each takes about ten events in a run's own history. */
async function eachGroup(
  letters: DeadLetter[],
  stageNow: StageOf,
  work: (group: LetterGroup) => Promise<Refusals>,
): Promise<Refusals> {
  const inPages = letters.length > ITEMS_IN_A_RUN && patched(IN_PAGES);
  const refusals: Refusals = new Map();
  for (const group of inPages
    ? groupsOf(letters, stageNow)
    : letters.map((letter) => groupOf(letter, stageNow)))
    for (const [id, reason] of await work(group)) refusals.set(id, reason);
  return refusals;
}

export const kindOf = (letter: DeadLetter) => itemOfWorkflowId(letter.workflowId)?.kind ?? 'repository';
