import { CancellationScope, condition, setCurrentDetails, setHandler } from '@temporalio/workflow';
import {
  type DeadLetter,
  type ItemInput,
  type ItemsPageInput,
  type ItemsPageResult,
  lettersBackSignal,
  pageStatusQuery,
  stopSignal,
} from './contract.js';
import { itemWorkflowId } from './ids.js';
import { PageItems } from './page-items.js';
import { tell } from './parent.js';
import { pool } from './pool.js';

/** Letters that fail again are told of together, this long after the first of them, milliseconds: each word is in the run's history. */
const TELL_AFTER_MS = 5_000;

/**
 * One page of items that a run names itself, with a history of its own: settings and teams, or dead letters that are retried or discarded.
 * The run's history would grow with each of them. One that fails holds back none.
 */
export async function itemsPage(input: ItemsPageInput): Promise<ItemsPageResult> {
  const page = new ItemsPage(input);
  setHandler(pageStatusQuery, () => page.items.status());
  setHandler(stopSignal, () => page.items.stop());
  return page.run();
}

class ItemsPage {
  readonly items: PageItems;
  private readonly queue: ItemInput[];
  private readonly unbegun: ItemInput[] = [];
  private readonly back: DeadLetter[] = [];
  private readonly told: string[] = [];
  private done = false;

  constructor(private readonly input: ItemsPageInput) {
    this.queue = [...input.items];
    this.items = new PageItems(input, () => this.show());
  }

  async run(): Promise<ItemsPageResult> {
    const telling = CancellationScope.nonCancellable(() => this.tellOfLetters());
    await pool(
      this.input.concurrency,
      () => (this.items.ended ? null : (this.queue.shift() ?? null)),
      (item) => this.work(item),
    );
    this.done = true;
    await telling;
    for (const id of this.told) this.items.tally.deadLetters.delete(id);
    const result = await CancellationScope.nonCancellable(() => this.items.close());
    return { ...result, told: this.told, unbegun: [...this.unbegun, ...this.queue].map(this.idOf) };
  }

  private async work(item: ItemInput): Promise<void> {
    const { are, again } = this.input;
    const begun = await (are === 'letters' ? this.items.again(item, again) : this.items.part(item));
    if (!begun) this.unbegun.push(item);
    const letter = this.items.tally.deadLetters.get(this.idOf(item));
    if (letter !== undefined && are === 'letters' && item.mode === 'apply') this.back.push(letter);
  }

  /** While others are under way a letter that has failed again would be nobody's: the run takes no order for what a page has. */
  private async tellOfLetters(): Promise<void> {
    for (;;) {
      await condition(() => this.done || this.back.length > 0);
      if (this.done || (await condition(() => this.done, TELL_AFTER_MS))) return;
      const letters = this.back.splice(0);
      // Its result says the same to a run that cannot be told.
      if (!(await tell(this.input.run, lettersBackSignal, letters))) return;
      this.told.push(...letters.map(({ workflowId }) => workflowId));
    }
  }

  private idOf = ({ kind, item }: ItemInput): string => itemWorkflowId(this.input.run, kind, item);

  private show(): void {
    const { tally, running } = this.items;
    const { committed } = tally.totals;
    setCurrentDetails(
      `${this.queue.length} to begin, ${running.size} under way; ${committed} committed, ${tally.deadLetters.size} failed`,
    );
  }
}
