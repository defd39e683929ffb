import { CancellationScope, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { RunSettings } from '../config.js';
import { ask, PERSISTENT } from './ask.js';
import type { ItemChildren } from './children.js';
import type { DeadLetter, ItemInput, LettersAnswer } from './contract.js';
import { itemOfWorkflowId } from './ids.js';
import { releaseLock, takeLock } from './lock.js';
import { recordSettled } from './record.js';
import type { RunStateKeeper } from './run-state.js';

/** Items that one Update may name (PITFALLS: well below what a workflow may have pending). */
export const MOST_ITEMS = 500;

/** What the desk needs to start an item's workflow again. */
export type RetryInput = (letter: DeadLetter, organization: string) => ItemInput;

/**
 * A run's dead letters while it is open: each is retried to success or discarded. The organisation's lock is held only
 * while a retry is under way. An item that is asked for twice is worked on once.
 */
export class DeadLetterDesk {
  private readonly underWay = new Map<string, Promise<void>>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly keeper: RunStateKeeper,
    private readonly children: ItemChildren,
    private readonly scope: CancellationScope,
    private readonly inputOf: RetryInput,
    private readonly settings: RunSettings,
    /** Whether the run holds its locks anyway, because its own work is still under way. */
    private readonly lockHeld: () => boolean,
  ) {}

  get busy(): boolean {
    return this.underWay.size > 0;
  }

  /** Resolves when no retry is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.underWay.values());
  }

  /** Starts the items' workflows again; answers when they have started, not when they have ended. */
  async retry(items: string[]): Promise<LettersAnswer> {
    const { found, answer } = this.find(items);
    for (const letter of found) {
      const organization = organizationOf(letter);
      const lock = await this.inTurn(() => this.lock(organization));
      if (lock !== null) {
        answer.refused.push({ item: letter.item, reason: lock });
        continue;
      }
      this.start(letter, organization);
      answer.accepted.push(letter.item);
    }
    return answer;
  }

  /** Ends dead letters without their change: each item's workflow completes at once with who and why. */
  async discard(items: string[], actor: string, reason: string): Promise<LettersAnswer> {
    const { found, answer } = this.find(items);
    for (const letter of found) {
      if (this.underWay.has(letter.workflowId)) {
        answer.refused.push({ item: letter.item, reason: 'it is being retried' });
        continue;
      }
      const input = this.inputOf(letter, organizationOf(letter));
      await this.children.apply({ ...input, mode: 'discard', discard: { actor, reason } });
      this.keeper.tally.deadLetters.delete(letter.workflowId);
      this.keeper.show();
      answer.accepted.push(letter.item);
    }
    return answer;
  }

  private start(letter: DeadLetter, organization: string): void {
    const { workflowId } = letter;
    if (this.underWay.has(workflowId)) return;
    const work = this.scope
      .run(() => this.work(letter, organization))
      .catch((error: unknown) => {
        if (!isCancellation(error)) throw error;
      })
      .finally(async () => {
        this.underWay.delete(workflowId);
        if (!this.busy) await this.inTurn(() => this.unlock(organization));
        this.keeper.show();
      });
    this.underWay.set(workflowId, work);
  }

  private async work(letter: DeadLetter, organization: string): Promise<void> {
    const input = this.inputOf(letter, organization);
    const settled = await this.children.apply(input);
    const { tally } = this.keeper;
    tally.deadLetters.delete(letter.workflowId);
    const counts = input.kind === 'repository';
    if (counts) tally.totals.deadLettered -= 1;
    tally.add(settled.outcome === 'inSync' ? { ...settled, outcome: 'committed' } : settled, counts);
    const target = 'result' in settled ? settled.result.target : null;
    if (target !== null) {
      const outcomes: Parameters<typeof recordSettled>[0] = [];
      recordSettled(outcomes, { item: letter.item, kind: input.kind, target }, settled);
      await CancellationScope.nonCancellable(() =>
        ask(
          'recordOutcomes',
          { run: letter.run, organization, items: outcomes },
          { summary: 'Record outcome', settings: this.settings, usage: this.keeper.usage, retry: PERSISTENT },
        ),
      );
    }
  }

  private find(items: string[]): { found: DeadLetter[]; answer: LettersAnswer } {
    const letters = [...this.keeper.tally.deadLetters.values()];
    if (items.length === 0)
      return { found: letters.slice(0, MOST_ITEMS), answer: { accepted: [], refused: [] } };
    const found: DeadLetter[] = [];
    const answer: LettersAnswer = { accepted: [], refused: [] };
    for (const item of new Set(items)) {
      const named = letters.filter((letter) => letter.item === item);
      if (named.length === 0)
        answer.refused.push({ item, reason: `no dead letter of ${workflowInfo().workflowId}` });
      found.push(...named);
    }
    return { found, answer };
  }

  /** Null when this run holds the organisation now; otherwise why not. */
  private async lock(organization: string): Promise<string | null> {
    if (this.lockHeld() || this.busy) return null;
    const answer = await takeLock(this.owner(organization), workflowInfo().workflowId);
    return answer.granted
      ? null
      : `run ${answer.heldBy} is writing to ${organization}; retry when it is at rest`;
  }

  private async unlock(organization: string): Promise<void> {
    if (this.lockHeld() || this.busy) return;
    await releaseLock(this.owner(organization), workflowInfo().workflowId);
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
