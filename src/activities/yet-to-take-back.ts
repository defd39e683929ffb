import { itemKey } from '../standards/item-key.js';
import type { StepInput } from '../workflows/contract.js';
import { StepError } from './answering.js';
import type { ActivityDeps } from './deps.js';
import { bySteps, owedBy } from './owed-steps.js';
import { isDone } from './step-records.js';

/**
 * What stands in a team that is to be removed may be the run's own: access of a repository whose undo waits for a person. That is nobody else's
 * change, and the team goes when that is settled.
 * @param of the run whose work is taken back: the one that asks, or another one where a rollback asks
 * @param found what is in the team, as GitHub names it
 * @throws StepError refused, which says what has to be settled first
 */
export async function refuseUntaken(
  { store }: Pick<ActivityDeps, 'store'>,
  { run, organization, change }: Pick<StepInput, 'run' | 'organization' | 'change'>,
  of: string,
  found: readonly string[],
): Promise<void> {
  if (change.kind !== 'team') return;
  const own: string[] = [];
  for (const name of found) {
    const [, repository] = name.split('/');
    if (repository === undefined) continue;
    const item = itemKey('repository', `${organization}/${repository}`);
    const given = bySteps(await store.recordsOfItem(of, item)).find(
      ([first]) => first?.change.kind === 'team_repository' && first.change.key === change.key,
    );
    if (given === undefined || owedBy(given) === null) continue;
    const became = (await store.getItem(run, item))?.outcome;
    // Whoever has come to its end has left it to a person, or somebody has given it anew.
    if (run === of ? became === 'rolledBack' : became === 'committed') continue;
    const [step] = given;
    const taken = run !== of && isDone(await store.recordsOfStep(run, item, step?.step ?? ''));
    if (!taken) own.push(name);
  }
  if (own.length === 0) return;
  throw new StepError(
    `${own.join(', ')} still ${own.length === 1 ? 'has' : 'have'} the access to the team ${organization}/${change.key} that ${of} gave and has yet to take back; settle that first, then retry`,
    'refused',
    'in_use',
    false,
  );
}
