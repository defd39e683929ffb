import type { RollbackActivities } from '../../src/activities/rollback-interface.js';
import { inverseOf } from '../../src/standards/inverse.js';
import type { PlannedItem } from '../../src/standards/model.js';
import type { Answer } from '../../src/transaction/answer.js';
import type { FakeWorld } from './fake-world.js';

const done = <T>(value: T): Answer<T> => ({ status: 'done', value, usage: {} });

/** Items that the fake store gives at a time, so that a few make pages. */
const PAGE = 3;

/** What a rollback asks of the fake store: it knows what each run has begun, in the order in which it was begun. */
export function rollbackActivities(world: FakeWorld): RollbackActivities {
  return {
    openRollback: async ({ run, rollback }) => {
      if (world.refusal !== null)
        return done({ opened: false, refusal: world.refusal, reason: `refused ${run}` });
      world.rollbackOf.set(run, rollback.of);
      const { deadline: deadlineMs, max_retries: maxRetries } = world.settings.dead_letter;
      return world.fated('openRollback', {
        opened: true,
        settings: world.settings,
        organizations: world.organizations.map((login) => ({ login, deadlineMs, maxRetries })),
        graphql: true,
        concurrency: 10,
      });
    },
    closeRolledBack: (input) => {
      world.log.push(`close ${input.of}`);
      return world.fated('closeRolledBack', { next: null });
    },
    planRollback: async (asked) => {
      world.log.push('planRollback');
      return world.fated('planRollback', pageOf(world, asked));
    },
    countRollback: async (asked) => {
      const { items, next } = pageOf(world, asked);
      return done({ repositories: items.filter(({ kind }) => kind === 'repository').length, next });
    },
  };
}

function pageOf(
  world: FakeWorld,
  { run, organization, after }: { run: string; organization: string; after: number | null },
): { items: PlannedItem[]; next: number | null } {
  const of = world.rollbackOf.get(run) ?? '';
  const begun = [...world.started.keys()].filter((key) => key.startsWith(`${of} ${organization}/`));
  const [start, names] = [after ?? 0, begun.toReversed().map((key) => key.slice(of.length + 1))];
  const items = names.slice(start, start + PAGE).map((item) => inverse(world, of, item));
  const next = start + PAGE < names.length ? start + PAGE : null;
  return { items: items.filter((item) => item !== null), next };
}

/** What takes back the steps of an item that still hold what a run wrote; null where there are none. */
export function inverse(world: FakeWorld, of: string, item: string): PlannedItem | null {
  const planned = world.find(item);
  const written = (world.started.get(`${of} ${item}`) ?? []).filter(
    ({ step, after }) => world.values.get(`${item} ${step}`) === after,
  );
  if (planned === null || written.length === 0) return null;
  const back = written.map((change) =>
    inverseOf({ change, first: change.before, last: change.after }, of, false),
  );
  return { ...planned, changes: back.toReversed() };
}
