import { organizationOf } from '../planning.js';
import type { StandardsDocument } from '../standards/document.js';
import { itemKey } from '../standards/item-key.js';
import type { PlannedItem } from '../standards/model.js';
import type { Store } from '../store/store.js';
import { answering } from './answering.js';
import type { ApprovalActivities } from './approval-interface.js';
import type { ActivityDeps } from './deps.js';
import { documentOf } from './documents.js';
import { bySteps, owedBy } from './owed-steps.js';
import { identityOf, identityWithoutIds, WITH_IDS } from './plan-identity.js';
import { planPageAfter, planPartsAfter } from './plan-lag.js';
import { isDone } from './step-records.js';
import { keptTeam } from './teams.js';

/** The round of planning that a person is shown; the one after the approval has to find the same. */
const SHOWN = 1;

const CHANGED = 'changed since approval';

/** What a worker does for a run that waits for an approval. */
export function approvalActivities(deps: ActivityDeps): ApprovalActivities {
  const { settings, store } = deps;
  const planning = <T>(work: () => Promise<T>) => answering(settings, 'do', work);
  return {
    planForApproval: ({ run, organization, graphql, cursor, round }) =>
      planning(async () => {
        const github = deps.github(organization, { graphql });
        const document = await documentOf(deps, run);
        const items: PlannedItem[] = [];
        if (cursor === null) {
          const { before, after } = await planPartsAfter(deps, github, document, organization);
          items.push(...before, ...after);
        }
        const page = await planPageAfter(deps, github, document, organization, cursor);
        items.push(...page.items);
        await store.savePlanned(
          run,
          round,
          items.map((planned) => identityOf(planned)),
        );
        const shown = items.map(
          ({ item, changes }) => `${item}: ${changes.map(({ step }) => step).join(', ')}`,
        );
        return { next: page.next, shown: shown.slice(0, MOST_SHOWN) };
      }),

    beginPlan: ({ run, round }) =>
      planning(async () => {
        await store.beginPlan(run, round);
        return null;
      }),

    identifyPlan: ({ run, round }) => planning(() => store.identifyPlan(run, round)),

    recordApproval: ({ run, hash, actor }) =>
      planning(async () => {
        await store.saveApproval(run, hash, actor);
        return null;
      }),
  };
}

/** Items of one page that are named to whoever approves. */
const MOST_SHOWN = 100;

/**
 * Marks the items of an approved run, and those that are not as they were approved: nothing of them is written, or nothing more. A team that the
 * run makes itself is set up by what it has become, so only its making was approved by its value.
 */
export async function onlyApproved(
  { store }: Pick<ActivityDeps, 'store'>,
  document: StandardsDocument,
  run: string,
  login: string,
  items: PlannedItem[],
): Promise<PlannedItem[]> {
  if (organizationOf(document, login).approval !== 'required') return items;
  // Whatever comes up in a run whose plan needed no approval, or has none yet, has not been approved.
  if ((await store.getApproval(run)) === null)
    return items.map((planned) => ({ ...planned, approved: true as const, refused: 'not approved' }));
  return Promise.all(
    items.map(async (planned) => {
      const making = await makingOf(store, run, planned);
      const same =
        making === null
          ? await isAsApproved(store, run, planned)
          : await isTheMade(store, run, planned, making);
      return { ...planned, approved: true as const, ...(same ? {} : { refused: CHANGED }) };
    }),
  );
}

/** What was approved of the making of an item's team; null where it is not one that the run makes. */
function makingOf(store: Store, run: string, { item, kind }: PlannedItem): Promise<string | null> {
  return kind === 'team'
    ? store.getPlanned(run, SHOWN, itemKey('team', `${item}/create`))
    : Promise.resolve(null);
}

/** Whether the team that is there is the one that the run has made, or there is none. Earlier versions kept no ids. */
async function isTheMade(store: Store, run: string, planned: PlannedItem, making: string): Promise<boolean> {
  const { item, target } = planned;
  const kept = await keptTeam({ store }, run, target.owner, slugOf(item));
  return target.id === 0 || kept === target.id || (kept === null && !making.startsWith(WITH_IDS));
}

const slugOf = (item: string): string => item.slice(item.lastIndexOf('/') + 1);

async function isAsApproved(store: Store, run: string, planned: PlannedItem): Promise<boolean> {
  const approved = await store.getPlanned(run, SHOWN, itemKey(planned.kind, planned.item));
  const whole = await wholeOf(store, run, planned);
  if (whole === null || approved === null) return false;
  if (!approved.startsWith(WITH_IDS)) return identityWithoutIds(whole) === approved;
  const made = new Set<number>();
  for (const { kind, key, team } of whole.changes) {
    const kept = kind === 'team_repository' ? await keptTeam({ store }, run, whole.target.owner, key) : null;
    if (kept !== null && kept === team) made.add(kept);
  }
  return identityOf(whole, made).hash === approved;
}

/**
 * What an item's changes were before the run began it: those that are planned now, and of those that a try before this one
 * has made (`on_failure: checkpoint`) what its records say, as it was planned. Null where a step that stands done is planned
 * again: somebody has changed its value since.
 */
async function wholeOf(store: Store, run: string, planned: PlannedItem): Promise<PlannedItem | null> {
  const records = await store.recordsOfItem(run, itemKey(planned.kind, planned.item));
  const changes = [...planned.changes];
  for (const mine of bySteps(records)) {
    const again = planned.changes.some(({ step }) => step === mine[0]?.step);
    if (again && isDone(mine)) return null;
    // One whose answer was lost, and that does not differ any more, has come through.
    const made = again ? null : owedBy(mine);
    if (made !== null) changes.push(...made.dos.slice(-1).map((record) => record.change));
  }
  return { ...planned, changes };
}
