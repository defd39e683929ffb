import { patched } from '@temporalio/workflow';
import type { RunSettings } from '../config.js';
import type { PlannedItem } from '../standards/model.js';
import { throwIfCancelled } from './cancelled.js';
import type { ItemChildren } from './children.js';
import type { DeadLetter, ItemInput, ParkedItem } from './contract.js';
import { ITEMS_A_PAGE, ITEMS_IN_A_RUN, ItemsPages } from './items-pages.js';
import { pool } from './pool.js';
import { type Outcomes, recordOutcomes, recordSettled } from './record.js';
import { OrganizationFailed } from './refusals.js';
import type { RunStateKeeper } from './run-state.js';

/** Histories of older releases have every part's workflow in the run's own. */
const IN_PAGES = 'parts-in-pages';

/** Whose parts they are, and where they are counted. */
export interface PartsOf {
  run: string;
  organization: string;
  onFailure: 'rollback' | 'checkpoint';
  settings: RunSettings;
  keeper: RunStateKeeper;
  children: ItemChildren;
  /** Whether nothing more is to be begun, and what is done is kept. */
  stopped: () => boolean;
  inputOf: (planned: PlannedItem, readAt: number) => ItemInput;
}

/** What belongs to an organisation itself: its settings and its teams. */
export class OrganizationParts {
  private readonly pages: ItemsPages;

  constructor(private readonly of: PartsOf) {
    this.pages = new ItemsPages(of.keeper);
  }

  /** Lets what is under way come to its end, and nothing more begin. */
  stop(): Promise<void> {
    return this.pages.stop();
  }

  /**
   * Brings parts of one kind to their plans, `atOnce` side by side.
   * @throws OrganizationFailed, Temporal's CancelledFailure
   */
  async work(name: string, items: PlannedItem[], readAt: number, atOnce: number): Promise<void> {
    if (items.length === 0) return;
    const { organization, onFailure, keeper, inputOf } = this.of;
    keeper.part(organization, name, `${items.length} under way`);
    const inputs = items.map((planned) => inputOf(planned, readAt));
    const inPages = items.length > ITEMS_IN_A_RUN && patched(IN_PAGES);
    const failed = await (inPages ? this.inPages(inputs, atOnce) : this.inRun(inputs, atOnce));
    await throwIfCancelled();
    keeper.part(organization, name, failed.length === 0 ? `${items.length} committed` : failed.join('; '));
    if (failed.length > 0 && onFailure === 'rollback') {
      throw new OrganizationFailed(failed.join('; '));
    }
  }

  /** Gives of each that failed why. */
  private async inPages(inputs: ItemInput[], concurrency: number): Promise<string[]> {
    const { run, organization, onFailure, settings, stopped } = this.of;
    const failed: string[] = [];
    // What a failure undoes anyway need not be begun.
    const ended = (): boolean => stopped() || (failed.length > 0 && onFailure === 'rollback');
    for (let at = 0; at < inputs.length && !ended(); at += ITEMS_A_PAGE) {
      const items = inputs.slice(at, at + ITEMS_A_PAGE);
      const page = { run, organization, are: 'parts', items, again: false, concurrency, settings } as const;
      const { deadLetters, parked } = await this.pages.work(page);
      failed.push(...deadLetters.map(deadLettered), ...parked.map(isParked));
      await throwIfCancelled();
    }
    return failed;
  }

  private async inRun(inputs: ItemInput[], atOnce: number): Promise<string[]> {
    const { run, organization, settings, children, keeper, stopped } = this.of;
    const outcomes: Outcomes = [];
    const failed: string[] = [];
    const queue = [...inputs];
    try {
      await pool(
        atOnce,
        () => (stopped() ? null : (queue.shift() ?? null)),
        async (input) => {
          const settled = await children.apply(input);
          keeper.tally.add(settled, false);
          if (input.planned !== null) recordSettled(outcomes, input.planned, settled);
          if (settled.outcome === 'deadLettered') failed.push(deadLettered(settled.detail.letter));
          if (settled.outcome === 'parked') failed.push(isParked(settled.parked));
        },
      );
    } finally {
      await recordOutcomes(outcomes, { run, organization, settings, usage: keeper.usage });
    }
    return failed;
  }
}

const deadLettered = ({ item, reason }: Pick<DeadLetter, 'item' | 'reason'>): string => `${item}: ${reason}`;
const isParked = ({ item, reason }: ParkedItem): string => `${item} is parked: ${reason}`;
