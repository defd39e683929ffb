import { sleep, workflowInfo } from '@temporalio/workflow';
import type { RunSettings } from '../config.js';
import { LONGEST_PAUSE } from './begin-child.js';
import type { ItemChildren } from './children.js';
import type { DeadLetter, ItemInput, ItemsPageResult } from './contract.js';
import { itemWorkflowId } from './ids.js';
import { ItemsPages } from './items-pages.js';
import type { LetterGroup } from './letter-groups.js';
import { type Refusals, refusedAll } from './letter-orders.js';
import { isRecorded, recordEnded } from './record.js';
import { PageLost } from './refusals.js';
import type { RunStateKeeper } from './run-state.js';
import { isOneByOne } from './stages.js';

/** What starts an item's workflow again. */
export type RetryInput = (letter: DeadLetter, organization: string) => ItemInput;

/** Who gives a letter up, and why. */
export type Discard = NonNullable<ItemInput['discard']>;

/** The workflows that work on dead letters again: one letter's is a child of its run, those of several are in a page. */
export class LetterWorkflows {
  private readonly pages: ItemsPages;

  constructor(
    private readonly keeper: RunStateKeeper,
    private readonly children: ItemChildren,
    private readonly inputOf: RetryInput,
    private readonly settings: RunSettings,
  ) {
    this.pages = new ItemsPages(keeper);
  }

  /** Tries the items of letters again, and counts what became of them. @throws Temporal's CancelledFailure */
  async retry(group: LetterGroup): Promise<void> {
    const inputs = group.letters.map((letter) => ({
      ...this.inputOf(letter, group.organization),
      finished: letter.finishedSteps,
      firstFailedAt: letter.firstFailedAt,
    }));
    const [letter, input] = [group.letters[0], inputs[0]];
    if (letter === undefined || input === undefined) return;
    if (inputs.length > 1) {
      await this.page(group, inputs);
      return;
    }
    const settled = await this.children.apply(input);
    const { tally, usage } = this.keeper;
    // One that failed again keeps its place.
    if (settled.outcome !== 'deadLettered') tally.deadLetters.delete(letter.workflowId);
    if (!tally.addRetried(settled, input.kind === 'repository')) return;
    if (isRecorded(settled)) await recordEnded(settled, { run: letter.run, settings: this.settings, usage });
  }

  /** Ends letters without their change; gives of those that are still there why. */
  async discard(group: LetterGroup, discard: Discard): Promise<Refusals> {
    const inputs = group.letters.map((letter) => ({
      ...this.inputOf(letter, group.organization),
      mode: 'discard' as const,
      discard,
    }));
    const [input] = inputs;
    if (input === undefined) return new Map();
    if (inputs.length > 1) return this.page(group, inputs);
    const settled = await this.children.apply(input);
    return settled.outcome === 'deadLettered'
      ? refusedAll(group.letters, settled.detail.letter.reason)
      : new Map();
  }

  private async page(group: LetterGroup, items: ItemInput[]): Promise<Refusals> {
    const { deadLetters, unbegun } = await this.toItsEnd(group, items);
    const left = group.letters.filter(({ workflowId }) => unbegun.includes(workflowId));
    const refusals = refusedAll(left, 'run rolled back');
    for (const { workflowId, reason } of deadLetters) refusals.set(workflowId, reason);
    return refusals;
  }

  /** Ended from outside, a page is begun again with those letters that are its own yet: nobody else follows what it had begun. */
  private async toItsEnd(group: LetterGroup, items: ItemInput[]): Promise<ItemsPageResult> {
    const { settings } = this;
    const { organization, stage } = group;
    const run = workflowInfo().workflowId;
    const concurrency = isOneByOne(stage) ? 1 : items.length;
    const page = { run, organization, are: 'letters', concurrency, settings } as const;
    for (let pause = 1_000, again = false; ; pause = Math.min(pause * 2, LONGEST_PAUSE), again = true) {
      const own = new Set(group.letters.map(({ workflowId }) => workflowId));
      const left = items.filter(({ kind, item }) => own.has(itemWorkflowId(run, kind, item)));
      try {
        return await this.pages.work({ ...page, items: left, again });
      } catch (error) {
        if (!(error instanceof PageLost)) throw error;
        await sleep(pause);
      }
    }
  }
}
