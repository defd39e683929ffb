import type { GitHubClient } from '../github/client.js';
import { holds } from '../github/operations/holds.js';
import { operations } from '../github/operations/index.js';
import { organizationOf, type PlannedPage, planOrganization, planPage } from '../planning.js';
import { READ_AGAIN_MS } from '../policies/read-lag.js';
import type { StandardsDocument } from '../standards/document.js';
import { itemKey, nameOfKey } from '../standards/item-key.js';
import { isObject } from '../standards/json.js';
import type { Change, Json, PageCursor, PlannedItem } from '../standards/model.js';
import { isBehind } from '../standards/restore.js';
import type { OrganizationStandards } from '../standards/schema.js';
import type { MutationRecord } from '../store/store.js';
import { NotYet } from './answering.js';
import type { ActivityDeps } from './deps.js';

type Deps = Pick<ActivityDeps, 'store' | 'settings' | 'now'>;

/**
 * A plan whose reads do not show yet what was last written to an item says that nothing is to be done where something is, or
 * keeps a wrong value to go back to: then the plan is made again. `inSync` are keys of items that were read and of which the plan
 * changes nothing. Not seen: a file that goes back to what was there before the last run, within `activity.read_lag` of it.
 * @throws NotYet
 */
export async function refuseBehind(
  deps: Deps,
  planned: PlannedItem[],
  inSync: string[],
  readAt: number,
): Promise<void> {
  const plans = new Map(planned.map((item) => [itemKey(item.kind, item.item), item.changes]));
  const items = [...new Set([...plans.keys(), ...inSync])];
  const recent = await deps.store.recentlyApplied(items, readAt - deps.settings.activity.read_lag);
  const last = new Map(recent.map((record) => [`${record.item} ${record.step}`, record]));
  for (const record of last.values()) {
    const change = plans.get(record.item)?.find(({ step }) => step === record.step);
    if (showsFrom(record, change))
      throw new NotYet(
        deps.now() + READ_AGAIN_MS,
        `what was last written to ${nameOfKey(record.item)} (${record.step}) does not show yet`,
      );
  }
}

/** Plans what belongs to the organisation itself, see {@link refuseBehind}. @throws GitHubError, NotYet */
export async function planPartsAfter(
  deps: Deps,
  github: GitHubClient,
  document: StandardsDocument,
  login: string,
): ReturnType<typeof planOrganization> {
  const plan = await planOrganization(github, document, login);
  const parts = partsOf(organizationOf(document, login));
  await refuseBehind(deps, [...plan.before, ...plan.after], parts, plan.readAt);
  return plan;
}

/** Plans a page of repositories, see {@link refuseBehind}. @throws GitHubError, NotYet */
export async function planPageAfter(
  deps: Deps,
  github: GitHubClient,
  document: StandardsDocument,
  login: string,
  cursor: PageCursor | null,
): Promise<PlannedPage> {
  const page = await planPage(github, document, login, cursor, deps.settings.batch.page);
  await refuseBehind(deps, page.items, page.inSync, page.readAt);
  return page;
}

/** Items of an organisation itself that its standards name, by their keys. */
const partsOf = ({ login, teams }: OrganizationStandards): string[] => [
  itemKey('organization', `${login}/settings`),
  ...teams.flatMap(({ slug }) => [
    itemKey('team', `${login}/teams/${slug}`),
    itemKey('team', `${login}/teams/${slug}/create`),
  ]),
];

/**
 * Whether a plan was made from what was there before a write. What it does not change it found as its file wants it: after a
 * write that had brought the item to a file that is likely enough, after one that took this back it is not.
 */
function showsFrom(record: MutationRecord, planned: Change | undefined): boolean {
  const { direction, from, to } = record;
  const { kind, restore } = record.change;
  // No plan speaks of these.
  if (kind === 'connector' || kind === 'repository' || kind === 'issue') return false;
  const { owns, over } = operations[kind];
  const rest = direction === 'undo' || restore !== undefined ? from : to;
  const shown =
    planned === undefined ? rest : owns === 'fields' ? laidOver(rest, planned.before) : planned.before;
  if (isBehind(owns, from, to, shown)) return true;
  // A plan may show less of the value than the record has.
  return over !== undefined && holds({ over }, from, shown) && !holds({ over }, to, shown);
}

/** A plan names the fields that it changes; the others are as they were. */
function laidOver(rest: Json, named: Json): Json {
  return isObject(rest) && isObject(named) ? { ...rest, ...named } : named;
}
