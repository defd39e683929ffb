import { CancellationScope, sleep } from '@temporalio/workflow';
import type { StoredItem } from '../activities/interface.js';
import type { RunSettings } from '../config.js';
import { ask, PERSISTENT } from './ask.js';
import type { ItemChildren } from './children.js';
import { pool } from './pool.js';
import { type Outcomes, recordSettled } from './record.js';
import type { RunStateKeeper } from './run-state.js';

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
  /** Which items may hold changes, in the order in which they are undone: a team goes after all that may use it. */
  outcomes: ItemsOf[];
}

/** Between two tries of a compensation whose workflow somebody ends, milliseconds. */
const LONGEST_PAUSE = 60_000;

type ItemsOf = 'committed' | 'deadLettered';

/**
 * Undoes what a run has committed in one organisation, newest first, by the journals in the store: no history of a closed
 * workflow is needed. Repositories are undone side by side, teams one by one, and kinds keep their order, so that a team
 * outlives the permissions that name it, and a parent its children. Not cancellable.
 */
export async function rollBack(of: RollbackOf): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
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
  });
}

async function undo(of: RollbackOf, stored: StoredItem, was: ItemsOf, outcomes: Outcomes): Promise<void> {
  const { run, organization, actor, graphql, settings, keeper } = of;
  const { item, kind, target } = stored;
  const compensation = { run, organization, item, kind, actor, graphql, settings };
  let settled = await of.children.compensate(compensation);
  // Ended from outside, it is begun again: what is not undone must not pass for undone.
  for (let pause = 1_000; settled.outcome === 'deadLettered'; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    await sleep(pause);
    settled = await of.children.compensate(compensation);
  }
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
