import { nameOfKey } from '../standards/item-key.js';
import { isObject } from '../standards/json.js';
import type { Change } from '../standards/model.js';
import type { MutationRecord } from '../store/store.js';
import type { StepInput } from '../workflows/contract.js';
import { StepError } from './answering.js';
import type { ActivityDeps } from './deps.js';
import { bySteps, owedBy } from './owed-steps.js';
import { isDone } from './step-records.js';

/** Items that wait for a person, far more than anybody lets wait. */
const MOST_WAITING = 1_000;

/**
 * What stands in the way of a team's removal may be the run's own: access, members, settings or a child team of an item whose undo waits for a
 * person. That is nobody else's change, and the team goes when that is settled.
 * @param of the run whose work is taken back: the one that asks, or another one where a rollback asks
 * @throws StepError refused, which says what has to be settled first
 */
export async function refuseUntaken(
  { store }: Pick<ActivityDeps, 'store'>,
  { run, organization, change }: Pick<StepInput, 'run' | 'organization' | 'change'>,
  of: string,
): Promise<void> {
  if (change.kind !== 'team') return;
  const { items } = await store.listItems(run, ['parked', 'deadLettered'], MOST_WAITING, null);
  const own: string[] = [];
  for (const { item, organization: login } of items) {
    if (login.toLowerCase() !== organization.toLowerCase()) continue;
    const records = bySteps(await store.recordsOfItem(of, item)).filter(([first]) => isOf(first, change.key));
    const taken = run === of ? [] : await store.recordsOfItem(run, item);
    const stands = records.some(
      (step) => owedBy(step) !== null && !isDone(taken.filter((record) => record.step === step[0]?.step)),
    );
    if (stands) own.push(nameOfKey(item));
  }
  if (own.length === 0) return;
  throw new StepError(
    `${own.join(', ')} ${own.length === 1 ? 'waits' : 'wait'} with what ${of} has done for the team ${change.key}; settle that first, then retry, or give this up, too`,
    'refused',
    'in_use',
    false,
  );
}

/** Whether a step is about a team, other than that it is made. */
function isOf(record: MutationRecord | undefined, slug: string): boolean {
  if (record === undefined) return false;
  const { kind, key, after }: Change = record.change;
  if (kind === 'team_repository') return key === slug;
  if (kind === 'team_member') return key.startsWith(`${slug}/`);
  if (kind !== 'team' && kind !== 'team_settings') return false;
  return (kind === 'team_settings' && key === slug) || (isObject(after) && after['parent'] === slug);
}
