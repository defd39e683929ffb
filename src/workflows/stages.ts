import { itemOfWorkflowId, rollbackDepth } from './ids.js';

/**
 * When in a run an item's turn comes, by its workflow's id: what repositories need (the organisation's settings, the making of teams), the
 * repositories, the settings and members of teams.
 */
export function stageOf(workflowId: string): number {
  const known = itemOfWorkflowId(workflowId);
  if (known === null || known.kind === 'repository') return 1;
  // acme/teams/x/create, and not a team whose slug is `create`.
  return known.kind === 'organization' || known.item.split('/').length > 3 ? 0 : 2;
}

/** Those of a rollback have their turn the other way round, a team outlives the access that names it; not where it brings forward again. */
export type Order = 'forward' | 'backward';

/** In which the items of a run have their turn, by its id. */
export const orderOf = (run: string): Order => (rollbackDepth(run) % 2 === 1 ? 'backward' : 'forward');

/** In the order of a run; those of one stage stay as they are. */
export const inStages = <T>(all: readonly T[], idOf: (one: T) => string, order: Order = 'forward'): T[] =>
  stagesOf(all, idOf, order).flat();

/** One list for each stage that there is, in the order of a run. */
export function stagesOf<T>(all: readonly T[], idOf: (one: T) => string, order: Order = 'forward'): T[][] {
  const stages = [0, 1, 2].map((stage) => all.filter((one) => stageOf(idOf(one)) === stage));
  return (order === 'forward' ? stages : stages.toReversed()).filter((stage) => stage.length > 0);
}
