import { Context } from '@temporalio/activity';
import { parseDuration } from '../config/duration.js';
import { concurrencyOf } from '../policies/strategies.js';
import type { StandardsDocument } from '../standards/document.js';
import { type ItemKind, itemKey, nameOfKey } from '../standards/item-key.js';
import type { JsonObject, PlannedItem } from '../standards/model.js';
import type { MutationRecord, RunRecord, Store } from '../store/store.js';
import type { ApplyOptions } from '../workflows/contract.js';
import type { RollbackInput } from '../workflows/rollback-contract.js';
import { answering, NotYet, StepError } from './answering.js';
import type { ActivityDeps } from './deps.js';
import { documentOf } from './documents.js';
import { inverseItem } from './inverse-items.js';
import { leftRepository } from './owed-steps.js';
import type { RollbackActivities, RollbackOrganization, RollbackPlan } from './rollback-interface.js';
import { refusalOf } from './rollback-refusal.js';
import { isMadeAgain } from './teams.js';

/** Dead letters that are discarded at a time. */
const LETTERS_AT_ONCE = 100;

/** Between two looks at a run that lets its dead letters go, milliseconds. */
const LOOK_AGAIN = 1_000;

/** What dead letters of a run that is rolled back are discarded with. */
const REASON = 'run rolled back';

/** What a rollback keeps of itself in the store's `options`. */
interface RollbackOptions extends Pick<ApplyOptions, 'strategy' | 'concurrency' | 'graphql'> {
  of: string;
  /** The first run of the chain: it has the standards file. */
  origin: string;
  force: boolean;
  /** Temporal's id of the execution that opened it: Temporal may forget a rollback, and its id come again. */
  execution?: string;
}

/** Activities that know what a run did by the store alone: no history of a closed workflow is asked. */
export function rollbackActivities(deps: ActivityDeps): RollbackActivities {
  const { store, settings } = deps;
  const answer = <T>(work: () => Promise<T>) => answering(settings, 'do', work);

  return {
    openRollback: ({ run, rollback }) =>
      answer(async () => {
        const original = await store.getRun(rollback.of);
        const execution = Context.current().info.workflowExecution?.runId;
        const refused = await refusalOf(deps, { run, execution }, rollback, original);
        if (refused !== null || original === null)
          return { opened: false as const, refusal: 'state' as const, reason: rollback.of, ...refused };
        const options = optionsOf(original, rollback, execution);
        await store.saveRun({
          run,
          organizations: original.organizations,
          kind: 'rollback',
          actor: rollback.actor,
          document: null,
          options: { ...options },
          startedAt: deps.now(),
          endedAt: null,
          state: 'Planning',
          totals: null,
        });
        const { graphql } = options;
        const organizations = await organizationsOf(deps, rollback.of, options.origin);
        const concurrency = concurrencyOf(options, settings);
        return { opened: true as const, settings, organizations, graphql, concurrency };
      }),

    closeRolledBack: ({ of, actor, after }) =>
      answer(async () => {
        await store.stopRun(of);
        if (await deps.dismissLetters(of, { actor, reason: REASON }))
          throw new NotYet(deps.now() + LOOK_AGAIN, `${of} lets its dead letters go`);
        const { items, next } = await store.listItems(of, ['deadLettered'], LETTERS_AT_ONCE, after);
        await Promise.all(
          items.map((letter) =>
            deps.discard({ ...letter, item: nameOfKey(letter.item) }, { actor, reason: REASON }),
          ),
        );
        return { next };
      }),

    planRollback: (asked) => answer(() => pageOf(deps, asked)),

    countRollback: (asked) =>
      answer(async () => {
        const { items, next } = await pageOf(deps, asked);
        return { repositories: items.filter(({ kind }) => kind === 'repository').length, next };
      }),
  };
}

/** What takes back a page of the items that the rolled back run has touched. */
async function pageOf(
  { store, settings }: Pick<ActivityDeps, 'store' | 'settings'>,
  { run, organization, after }: { run: string; organization: string; after: number | null },
): Promise<RollbackPlan> {
  const options = await ownOptions(store, run);
  const page = await store.touchedItems(options.of, organization, settings.batch.page, after);
  const looked = await Promise.all(
    page.items.map(async (key) => {
      const records = await store.recordsOfItem(options.of, key);
      return {
        item: nameOfKey(key),
        planned: await restoredItem(store, options, key, records),
        conflicts: leftRepository(records),
      };
    }),
  );
  return {
    items: looked.map(({ planned }) => planned).filter((planned) => planned !== null),
    left: looked.flatMap(({ item, conflicts }) => (conflicts.length > 0 ? [{ item, conflicts }] : [])),
    next: page.next,
  };
}

/** What takes back one item, for the retry of a rollback's dead letter; undefined where the run is no rollback. */
export async function planRestored(
  { store }: Pick<ActivityDeps, 'store'>,
  run: string,
  kind: ItemKind,
  item: string,
): Promise<PlannedItem | null | undefined> {
  if ((await store.getRun(run))?.kind !== 'rollback') return undefined;
  const options = await ownOptions(store, run);
  const key = itemKey(kind, item);
  return restoredItem(store, options, key, await store.recordsOfItem(options.of, key));
}

async function restoredItem(
  store: Store,
  { origin, force }: RollbackOptions,
  key: string,
  records: MutationRecord[],
): Promise<PlannedItem | null> {
  const planned = inverseItem(records, force);
  if (planned?.kind !== 'team' || !(await isMadeAgain({ store }, origin, key))) return planned;
  // GitHub gave the team an id that no plan has seen; its mark, or what it holds, proves whose it is.
  return { ...planned, target: { ...planned.target, id: 0, node_id: '' } };
}

async function ownOptions(store: Store, run: string): Promise<RollbackOptions> {
  const known = await store.getRun(run);
  if (known === null)
    throw new StepError(
      `this worker's store does not know run ${run}: workers of one installation must share their store ` +
        '(the same ORGSAGA_HOME on one host, DATABASE_URL on several)',
      'unavailable',
      'store',
      false,
    );
  return known.options as unknown as RollbackOptions;
}

/** As the run itself was asked for, so that a rollback needs no more of GitHub than it did. */
function optionsOf(
  original: RunRecord,
  { of, force }: RollbackInput,
  execution: string | undefined,
): RollbackOptions {
  const { strategy, concurrency, graphql, origin } = original.options as JsonObject;
  return {
    of,
    origin: typeof origin === 'string' ? origin : of,
    force,
    strategy: strategy === 'sequential' || strategy === 'parallel' ? strategy : 'batched',
    concurrency: typeof concurrency === 'number' ? concurrency : null,
    graphql: graphql !== false,
    ...(execution === undefined ? {} : { execution }),
  };
}

async function organizationsOf(
  deps: ActivityDeps,
  of: string,
  origin: string,
): Promise<RollbackOrganization[]> {
  const logins = await deps.store.touchedOrganizations(of);
  // The document of a create-repo is about one repository.
  const { organizations = [] } = (await documentOf(deps, origin)) as Partial<StandardsDocument>;
  const { deadline, max_retries: maxRetries } = deps.settings.dead_letter;
  return logins.map((login) => {
    const told = organizations.find((one) => one.login.toLowerCase() === login.toLowerCase())?.dead_letter;
    return {
      login,
      deadlineMs: parseDuration(told?.deadline ?? '') ?? deadline,
      maxRetries: told?.max_retries ?? maxRetries,
    };
  });
}
