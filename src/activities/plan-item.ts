import { organizationOf, planOrganization, type Replanned, replanRepositories } from '../planning.js';
import type { StandardsDocument } from '../standards/document.js';
import { itemKey } from '../standards/item-key.js';
import { isObject } from '../standards/json.js';
import type { PlannedItem, Target } from '../standards/model.js';
import type { RepositoryFacts } from '../standards/resolve.js';
import { StepError } from './answering.js';
import { onlyApproved } from './approval.js';
import type { ActivityDeps } from './deps.js';
import { documentOf } from './documents.js';
import type { ItemPlan, PlanInput } from './interface.js';
import { bySteps, owedBy } from './owed-steps.js';
import { refuseBehind } from './plan-lag.js';
import { planRestored } from './rollback.js';
import { isDone } from './step-records.js';

/** An item of a run. */
type Item = PlanInput & { item: string; kind: PlannedItem['kind'] };

/** What the retry of a dead letter has to do, by what GitHub shows now. @throws GitHubError, StepError, NotYet */
export async function planItem(deps: ActivityDeps, input: Item): Promise<ItemPlan> {
  const restored = await planRestored(deps, input.run, input.kind, input.item);
  const plan = restored === undefined ? await plannedAnew(deps, input) : { planned: restored, readAt: 0 };
  if (plan.planned !== null) return plan;
  const known = await deps.store.getItem(input.run, itemKey(input.kind, input.item));
  return { ...plan, target: known?.target ?? null };
}

async function plannedAnew(deps: ActivityDeps, input: Item): Promise<ItemPlan> {
  const { run, organization, kind, item } = input;
  const document = await documentOf(deps, run);
  const plan = await (kind === 'repository' ? repositoryNow : partNow)(deps, input, document);
  await refuseBehind(deps, plan.items, [itemKey(kind, item)], plan.readAt);
  const [planned = null] = await onlyApproved(deps, document, run, organization, plan.items);
  return { planned, readAt: plan.readAt };
}

type Now = Promise<{ items: PlannedItem[]; readAt: number }>;

async function partNow(
  deps: ActivityDeps,
  { organization, graphql, item }: Item,
  document: StandardsDocument,
): Now {
  const github = deps.github(organization, { graphql });
  const { before, after, readAt } = await planOrganization(github, document, organization);
  return { items: [...before, ...after].filter((one) => one.item === item), readAt };
}

async function repositoryNow(deps: ActivityDeps, input: Item, document: StandardsDocument): Now {
  const { run, organization, graphql, item } = input;
  const github = deps.github(organization, { graphql });
  const target = await targetOf(deps, input, document);
  const { before, onOldBranch } = await factsBefore(deps, run, item);
  const { replanned, readAt } = await replanRepositories(github, document, organization, [target], before);
  const [{ planned, left } = NOT_THERE] = replanned;
  const why = left === null ? undefined : LEFT_ALONE[left];
  if (why !== undefined) throw new StepError(`${item} ${why}`, 'refused', 'not_found', false);
  const all = planned === null ? [] : [planned];
  return {
    items: onOldBranch.size > 0 ? all.flatMap((one) => filesAside(one, onOldBranch, target)) : all,
    readAt,
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
