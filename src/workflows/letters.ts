import { type CancellationScope, isCancellation, patched, workflowInfo } from '@temporalio/workflow';
import type { LockGranted } from '../activities/interface.js';
import type { RunSettings } from '../config.js';
import type { ItemChildren } from './children.js';
import type { DeadLetter, ItemInput, LettersAnswer } from './contract.js';
import { itemOfWorkflowId } from './ids.js';
import { LetterOrders, RETRIED } from './letter-orders.js';
import { releaseLock, sameLogin, takeLock, untilQuiet } from './lock.js';
import { recordEnded } from './record.js';
import type { RunStateKeeper } from './run-state.js';
import { inStages, type Order, stageOf } from './stages.js';

/** Items that one Update may name (PITFALLS: well below what a workflow may have pending). */
export const MOST_ITEMS = 500;

/** Runs that were begun by earlier versions retry in any order. */
const IN_STAGES = 'letters-in-stages';

/** Rollbacks that were begun by earlier versions retry in the order of a run. */
const BACKWARD = 'rollback-letters-backward';

/** Histories of older releases retry teams that are made or removed side by side. */
const ONE_BY_ONE = 'letters-of-teams-one-by-one';
/** {@link stageOf} what repositories need: a parent is made before its children, and removed after them. */
const FIRST_STAGE = 0;

/** What the desk needs to start an item's workflow again. */
export type RetryInput = (letter: DeadLetter, organization: string) => ItemInput;

/**
 * A run's dead letters while it is open: each is retried to success or discarded. The organisation's lock is held only
 * while a retry is under way. An item that is asked for twice is worked on once, by {@link LetterOrders}.
 */
export class DeadLetterDesk {
  private readonly underWay = new Map<string, { organization: string; work: Promise<void> }>();
  /** By organisation, from when on retries may begin there: what was lost before may still come through. */
  private readonly quiet = new Map<string, Promise<void>>();
  /** By organisation, for a person, what its retries wait for. */
  private readonly waiting = new Map<string, string>();
  private turn: Promise<unknown> = Promise.resolve();
  private readonly orders = new LetterOrders();
  private shut = false;
  private discarded = 0;

  constructor(
    private readonly keeper: RunStateKeeper,
    private readonly children: ItemChildren,
    private readonly scope: CancellationScope,
    private readonly inputOf: RetryInput,
    private readonly settings: RunSettings,
    /** Whether the run holds an organisation's lock anyway, because its own work is still under way. */
    private readonly lockHeld: (organization: string) => boolean,
    /** Of a rollback: in which its items have their turn. */
    private readonly backward = false,
  ) {}

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
    return ['retrying dead letters', ...this.waiting.values()].join(', ');
  }

  /** Whether a retry in this organisation is under way, or its lock still held for one. */
  busyIn(organization: string): boolean {
    return [...this.underWay.values()].some((one) => sameLogin(one.organization, organization));
  }

  private get order(): Order {
    return this.backward && patched(BACKWARD) ? 'backward' : 'forward';
  }

  /** Begins no retry any more, and resolves when nobody is at work on a letter. */
  async settled(): Promise<void> {
    this.shut = true;
    while (this.busy || this.answering) {
      await this.orders.answered();
      await Promise.allSettled([...this.underWay.values()].map(({ work }) => work));
    }
  }

  /** Does `work` while no retry begins or ends. */
  alone(work: () => Promise<void>): Promise<void> {
    return this.inTurn(work);
  }

  /** Starts the items' workflows again; answers when they have started, not when they have ended. */
  async retry(items: string[]): Promise<LettersAnswer> {
    const { found, unknown } = this.find(items);
    const letters = patched(IN_STAGES) ? inStages(found, ({ workflowId }) => workflowId, this.order) : found;
    const { accepted, refused } = await this.orders.take('retry', letters, (letter) =>
      this.inTurn(() => this.take(letter, organizationOf(letter))),
    );
    return { accepted, refused: [...unknown, ...refused] };
  }

  /** Ends dead letters without their change: each item's workflow completes at once with who and why. */
  async discard(items: string[], actor: string, reason: string): Promise<LettersAnswer> {
    const { found, unknown } = this.find(items);
    const { accepted, refused } = await this.orders.take('discard', found, (letter) =>
      this.giveUp(letter, { actor, reason }),
    );
    return { accepted, refused: [...unknown, ...refused] };
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

  /** Ends a letter, which stays counted; says why where it may not. */
  private async giveUp(letter: DeadLetter, discard: ItemInput['discard']): Promise<string | null> {
    const { workflowId } = letter;
    if (this.underWay.has(workflowId)) return RETRIED;
    const input = this.inputOf(letter, organizationOf(letter));
    const settled = await this.children.apply({ ...input, mode: 'discard', discard });
    if (settled.outcome === 'deadLettered') return settled.detail.letter.reason;
    this.keeper.tally.deadLetters.delete(workflowId);
    this.discarded += 1;
    this.keeper.show();
    return null;
  }

  /** Begins a retry under the organisation's lock; says why where it may not. */
  private async take(letter: DeadLetter, organization: string): Promise<string | null> {
    const { workflowId } = letter;
    // It was under way when this was asked for; the earlier retry may have settled it meanwhile.
    if (this.underWay.has(workflowId) || !this.keeper.tally.deadLetters.has(workflowId)) return null;
    if (this.shut) return 'run rolled back';
    const refusal = await this.lock(organization);
    if (refusal !== null) return refusal;
    const work = this.scope.run(() => this.followed(letter, organization));
    this.underWay.set(workflowId, { organization, work });
    return null;
  }

  private async followed(letter: DeadLetter, organization: string): Promise<void> {
    try {
      await this.work(letter, organization);
    } catch (error) {
      if (!isCancellation(error)) throw error;
    } finally {
      await this.inTurn(() => this.leave(letter.workflowId, organization));
    }
  }

  /** Ends a retry: the last one of its organisation lets the lock go. */
  private async leave(workflowId: string, organization: string): Promise<void> {
    const mine = this.underWay.get(workflowId);
    this.underWay.delete(workflowId);
    const last = !this.busyIn(organization) && !this.lockHeld(organization);
    if (last && mine !== undefined) {
      // Under way until the lock is free, so that the run does not end before.
      this.underWay.set(workflowId, mine);
      await releaseLock(this.owner(organization), workflowInfo().workflowId);
      this.underWay.delete(workflowId);
    }
    this.keeper.show();
  }

  /** Resolves when what the letter's item may need has been tried: a repository's access needs the team that is made. */
  private async earlierStages({ workflowId }: DeadLetter, organization: string): Promise<void> {
    const mine = stageOf(workflowId);
    const isEarlier = (id: string): boolean =>
      this.order === 'forward' ? stageOf(id) < mine : stageOf(id) > mine;
    const inTurn = mine === FIRST_STAGE && patched(ONE_BY_ONE);
    let isBefore = true;
    const earlier = [...this.underWay].filter(([id, one]) => {
      if (id === workflowId) isBefore = false;
      const waits = isEarlier(id) || (inTurn && isBefore && stageOf(id) === mine);
      return waits && sameLogin(one.organization, organization);
    });
    await Promise.allSettled(earlier.map(([, { work }]) => work));
  }

  private async work(letter: DeadLetter, organization: string): Promise<void> {
    await this.quiet.get(organization.toLowerCase());
    if (patched(IN_STAGES)) await this.earlierStages(letter, organization);
    const input = { ...this.inputOf(letter, organization), finished: letter.finishedSteps };
    const settled = await this.children.apply(input);
    const { tally } = this.keeper;
    tally.deadLetters.delete(letter.workflowId);
    // Nothing says that it is done, so it stays counted as dead-lettered.
    if (settled.outcome === 'discarded' || (settled.outcome === 'inSync' && settled.elsewhere)) return;
    const counts = input.kind === 'repository';
    if (counts) tally.totals.deadLettered -= 1;
    tally.add(settled.outcome === 'inSync' ? { ...settled, outcome: 'committed' } : settled, counts);
    if (settled.outcome !== 'parked' && settled.outcome !== 'deadLettered')
      await recordEnded(settled, { run: letter.run, settings: this.settings, usage: this.keeper.usage });
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

  /** Null when this run holds the organisation now; otherwise why not. */
  private async lock(organization: string): Promise<string | null> {
    if (this.lockHeld(organization) || this.busyIn(organization)) return null;
    const answer = await takeLock(this.owner(organization), workflowInfo().workflowId);
    if (answer.granted) this.waitIn(organization, answer);
    return answer.granted
      ? null
      : `run ${answer.heldBy} is writing to ${organization}; retry when it is at rest`;
  }

  private waitIn(organization: string, granted: LockGranted): void {
    const key = organization.toLowerCase();
    const quiet = this.scope.run(async () => {
      try {
        await untilQuiet(granted, (what) => {
          this.waiting.set(key, `waiting for ${what} on ${organization}`);
        });
      } finally {
        this.waiting.delete(key);
      }
    });
    // Whoever waits for it hears of a cancel.
    quiet.catch(() => undefined);
    this.quiet.set(key, quiet);
  }

  private owner(organization: string) {
    return { run: workflowInfo().workflowId, organization, settings: this.settings };
  }

  /** Taking and releasing the lock one after the other, so that neither overtakes the other. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }
}

function organizationOf(letter: DeadLetter): string {
  return letter.item.slice(0, letter.item.indexOf('/'));
}

export const kindOf = (letter: DeadLetter) => itemOfWorkflowId(letter.workflowId)?.kind ?? 'repository';
