import { CancellationScope, patched } from '@temporalio/workflow';
import type { StoredItem } from '../activities/interface.js';
import type { RunSettings } from '../config.js';
import { ask, PERSISTENT } from './ask.js';
import type { ItemChildren } from './children.js';
import type { ItemsOf } from './contract.js';
import { pool } from './pool.js';
import { type Outcomes, recordSettled } from './record.js';
import type { RunStateKeeper } from './run-state.js';
import { undoPages } from './undo-pages.js';

/** Where a rollback works, and for whom. */
export interface RollbackOf {
  run: string;
  organization: string;
  actor: string;
  graphql: boolean;
  settings: RunSettings;
  keeper: RunStateKeeper;
  children: ItemChildren;
  concurrency: number;
  /** Which items may hold changes, in histories of older releases. */
  outcomes: ItemsOf[];
}

/** Histories of older releases have each item's undo in the run's own. */
const IN_PAGES = 'undo-in-pages';
/** Histories of older releases go through what was committed, and look at no dead letter that says it has undone itself. */
const OWING = 'undo-what-is-owed';

/**
 * Undoes what a run has done in one organisation and not undone yet, newest first, by the journals in the store: no history of a closed
 * workflow is needed. Page by page, each with a history of its own, since a history that grows with the organisation ends one day.
 * Not cancellable.
 */
export async function rollBack(of: RollbackOf): Promise<void> {
  await CancellationScope.nonCancellable(() => {
    if (!patched(IN_PAGES)) return undoHere(of);
    return undoPages(of, patched(OWING) ? ['owing'] : of.outcomes);
  });
}

/** Undoes in the run itself. */
async function undoHere(of: RollbackOf): Promise<void> {
  for (const outcome of of.outcomes) {
    await eachGroup(of, outcome, async (items) => {
      const outcomes: Outcomes = [];
      const queue = [...items];
      await pool(
        items[0]?.kind === 'repository' ? of.concurrency : 1,
        () => queue.shift() ?? null,
        (item) => undo(of, item, outcome, outcomes),
      );
      await ask(
        'recordOutcomes',
        { run: of.run, organization: of.organization, items: outcomes },
        {
          summary: 'Record what was undone',
          settings: of.settings,
          usage: of.keeper.usage,
          retry: PERSISTENT,
        },
      );
    });
  }
}

async function undo(of: RollbackOf, stored: StoredItem, was: ItemsOf, outcomes: Outcomes): Promise<void> {
  const { run, organization, actor, graphql, settings, keeper } = of;
  const { item, kind, target } = stored;
  const compensation = { run, organization, item, kind, actor, graphql, settings };
  const settled = await of.children.compensate(compensation);
  const counts = kind === 'repository';
  if (counts) keeper.tally.totals[was] -= 1;
  keeper.tally.add(settled, counts);
  recordSettled(outcomes, { item, kind, target }, settled);
  keeper.show();
}

/** Gives runs of items of the same kind, in the store's order. */
async function eachGroup(
  of: RollbackOf,
  outcome: ItemsOf,
  work: (items: StoredItem[]) => Promise<void>,
): Promise<void> {
  let after: string | null = null;
  do {
    const page: { items: StoredItem[]; next: string | null } = await ask(
      'listItems',
      { run: of.run, organization: of.organization, outcome, after },
      {
        summary: 'What the run has committed',
        settings: of.settings,
        usage: of.keeper.usage,
        retry: PERSISTENT,
      },
    );
    after = page.next;
    let rest = page.items;
    while (rest.length > 0) {
      const kind = rest[0]?.kind;
      const other = rest.findIndex((item) => item.kind !== kind);
      const cut = other < 0 ? rest.length : other;
      await work(rest.slice(0, cut));
      rest = rest.slice(cut);
    }
  } while (after !== null);
}
