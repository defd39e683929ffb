import {
  organizationOf,
  planOrganization,
  planPage,
  type Replanned,
  replanRepositories,
} from '../planning.js';
import type { StandardsDocument } from '../standards/document.js';
import { itemKey } from '../standards/item-key.js';
import { isObject } from '../standards/json.js';
import type { PlannedItem, Target } from '../standards/model.js';
import type { RepositoryFacts } from '../standards/resolve.js';
import { answering, StepError } from './answering.js';
import { onlyApproved } from './approval.js';
import type { ActivityDeps } from './deps.js';
import { documentOf } from './documents.js';
import type { Activities, PlanInput } from './interface.js';
import { supersedeLetters } from './letters.js';
import { bySteps, owedBy } from './owed-steps.js';
import { planPageAfter, planPartsAfter, refuseBehind } from './plan-lag.js';
import { planRestored } from './rollback.js';
import { isDone } from './step-records.js';

type PlanningActivities = Pick<
  Activities,
  'planOrganization' | 'countRemovals' | 'planPage' | 'replanItems' | 'planItem'
>;

/** Activities that read GitHub and say what is to be changed. */
export function planningActivities(deps: ActivityDeps): PlanningActivities {
  const { settings } = deps;
  const planning = <T>(work: () => Promise<T>) => answering(settings, 'do', work);
  const of = async ({ run, organization, graphql }: PlanInput) => ({
    github: deps.github(organization, { graphql }),
    document: await documentOf(deps, run),
  });

  return {
    planOrganization: (input) =>
      planning(async () => {
        const { github, document } = await of(input);
        const plan = await planPartsAfter(deps, github, document, input.organization);
        const { before, after, ...rest } = plan;
        const approved = (items: PlannedItem[]) =>
          onlyApproved(deps, document, input.run, input.organization, items);
        return {
          before: await approved(before),
          after: await approved(after),
          ...rest,
        };
      }),

    countRemovals: (input) =>
      planning(async () => {
        const { github, document } = await of(input);
        const page = await planPage(github, document, input.organization, input.cursor, settings.batch.page);
        return { removals: page.removals, existing: page.existing, next: page.next };
      }),

    planPage: (input) =>
      planning(async () => {
        const { github, document } = await of(input);
        const page = await planPageAfter(deps, github, document, input.organization, input.cursor);
        await supersedeLetters(deps, input.organization, input.run, page.inSync);
        const { items, skipped, notes, next, read, total, readAt } = page;
        return {
          items: await onlyApproved(deps, document, input.run, input.organization, items),
          inSync: page.inSync.length,
          skipped,
          notes: notes.slice(0, 100),
          next,
          read,
          total,
          readAt,
        };
      }),

    replanItems: (input) =>
      planning(async () => {
        const { github, document } = await of(input);
        const { replanned, readAt } = await replanRepositories(
          github,
          document,
          input.organization,
          input.items.map(({ target }) => target),
        );
        const items = replanned.flatMap(({ planned }) => planned ?? []);
        const names = input.items.map(({ item }) => item);
        await refuseBehind(deps, items, names, readAt);
        const skipped = replanned.flatMap(({ left: reason }, at) =>
          reason === null ? [] : [{ item: names[at] ?? '', reason }],
        );
        const approved = await onlyApproved(deps, document, input.run, input.organization, items);
        return { items: approved, skipped, readAt };
      }),

    planItem: (input) =>
      planning(async () => {
        const restored = await planRestored(deps, input.run, input.kind, input.item);
        if (restored !== undefined) return { planned: restored, readAt: 0 };
        const { github, document } = await of(input);
        if (input.kind !== 'repository') {
          const { before, after, readAt } = await planOrganization(github, document, input.organization);
          const found = [...before, ...after].filter(({ item }) => item === input.item);
          await refuseBehind(deps, found, [itemKey(input.kind, input.item)], readAt);
          const [own = null] = await onlyApproved(deps, document, input.run, input.organization, found);
          return { planned: own, readAt };
        }
        const target = await targetOf(deps, input, document);
        const { before, onOldBranch } = await factsBefore(deps, input.run, input.item);
        const { replanned, readAt } = await replanRepositories(
          github,
          document,
          input.organization,
          [target],
          before,
        );
        const [{ planned, left } = NOT_THERE] = replanned;
        const why = left === null ? undefined : LEFT_ALONE[left];
        if (why !== undefined) throw new StepError(`${input.item} ${why}`, 'refused', 'not_found', false);
        const all = planned === null ? [] : [planned];
        const found =
          onOldBranch.size > 0 ? all.flatMap((item) => filesAside(item, onOldBranch, target)) : all;
        await refuseBehind(deps, found, [input.item], readAt);
        const [own = null] = await onlyApproved(deps, document, input.run, input.organization, found);
        return { planned: own, readAt };
      }),
  };
}

/**
 * Files that stand done on the default branch that the run knew: what is found on another one is not what it left there. An undo goes by the branch
 * of the target.
 */
function filesAside(
  planned: PlannedItem,
  done: ReadonlySet<string>,
  { default_branch }: Target,
): PlannedItem[] {
  const changes = planned.changes.filter(({ step }) => !done.has(step));
  if (changes.length === 0) return [];
  const target = changes.some(({ kind }) => kind === 'file')
    ? planned.target
    : { ...planned.target, default_branch };
  return [{ ...planned, target, changes }];
}

const NOT_THERE: Replanned = { planned: null, left: 'gone' };

/** Why a dead letter cannot be retried, and what to do. An empty repository waits for its first commit, as in any run. */
const LEFT_ALONE: Partial<Record<NonNullable<Replanned['left']>, string>> = {
  gone: 'is not there any more under the id it had; apply the file again to take up what is there now',
  unmatched:
    'is selected by no rule of its file any more (its name, visibility or topics have changed since); apply the file again, or discard the dead letter',
  archived:
    'has been archived since and takes no changes; unarchive it and retry, or discard the dead letter',
};

/**
 * What of a repository the run's own finished steps have changed that rules select by, as it was before; and, where they have given it another
 * default branch, the steps of files that stand done on the old one.
 */
async function factsBefore(
  { store }: Pick<ActivityDeps, 'store'>,
  run: string,
  item: string,
): Promise<{ before: Partial<RepositoryFacts>; onOldBranch: ReadonlySet<string> }> {
  const records = await store.recordsOfItem(run, itemKey('repository', item));
  const facts: Partial<RepositoryFacts> = {};
  const files = new Set<string>();
  let movedBranch = false;
  for (const mine of bySteps(records)) {
    const [kind, from] = [mine[0]?.change.kind, owedBy(mine)?.from ?? null];
    if (kind === 'topics' && Array.isArray(from)) facts.topics = from.map(String);
    if (kind === 'file' && isDone(mine)) files.add(mine[0]?.change.step ?? '');
    if (kind !== 'repository_settings' || !isObject(from)) continue;
    if (typeof from['visibility'] === 'string') facts.visibility = from['visibility'];
    if (typeof from['archived'] === 'boolean') facts.archived = from['archived'];
    if (typeof from['default_branch'] === 'string') movedBranch = true;
  }
  return { before: facts, onOldBranch: movedBranch ? files : new Set() };
}

/** The repository as the run knew it: its pinned id, so that a namesake made since is not taken for it. */
async function targetOf(
  deps: ActivityDeps,
  { run, item, organization }: PlanInput & { item: string },
  document: StandardsDocument,
): Promise<Target> {
  const known = await deps.store.getItem(run, itemKey('repository', item));
  if (known === null) {
    const { login } = organizationOf(document, organization);
    throw new StepError(
      `the store knows no item ${item} of ${run} in ${login}: workers of one installation must share their store ` +
        '(the same ORGSAGA_HOME, or DATABASE_URL)',
      'refused',
      'not_found',
      false,
    );
  }
  return known.target;
}
