import { itemKey } from '../standards/item-key.js';
import { MOST_ROLLBACKS, rollbackRunId } from '../workflows/ids.js';
import type { ActivityDeps } from './deps.js';

/** Under this name of the store's results a run keeps the ids of teams that no plan of it has. */
const TEAM = 'team id';

type Deps = Pick<ActivityDeps, 'store'>;

/** Keeps the id of a team that a run has made, made again, or asked for; the newest counts. */
export async function keepTeam(
  { store }: Deps,
  run: string,
  { org, slug, id }: { org: string; slug: string; id: number },
): Promise<void> {
  await store.saveStepResult(run, itemOf(org, slug), TEAM, id);
}

/** The id that a run has kept of a team; null for none. */
export async function keptTeam(
  { store }: Deps,
  run: string,
  org: string,
  slug: string,
): Promise<number | null> {
  return (await store.getStepResult(run, itemOf(org, slug), TEAM)) as number | null;
}

/** Whether a rollback of the run, or a rollback of one, has made the team of an item again; by the item's key. */
export async function isMadeAgain({ store }: Deps, run: string, key: string): Promise<boolean> {
  for (let number = 1; number <= MOST_ROLLBACKS; number += 1) {
    const later = rollbackRunId(run, number);
    if ((await store.getRun(later)) === null) continue;
    const team = key.replace(/\/create$/, '');
    const records = [
      ...(await store.recordsOfItem(later, team)),
      ...(await store.recordsOfItem(later, `${team}/create`)),
    ];
    if (records.some(({ change, from, to }) => change.kind === 'team' && from === null && to !== null))
      return true;
    if (await isMadeAgain({ store }, later, key)) return true;
  }
  return false;
}

/** Plans spell an organisation as GitHub does, or as their file does. */
const itemOf = (org: string, slug: string): string => itemKey('team', `${org.toLowerCase()}/teams/${slug}`);
