import type { DeadLetter } from './contract.js';
import { itemOfWorkflowId, rollbackDepth } from './ids.js';

/** When in a run an item's turn comes. */
export const STAGES = {
  /** What repositories need: the organisation's settings, the making of teams. */
  needed: 0,
  repositories: 1,
  /** Settings and members of teams. */
  teams: 2,
  /** The removal of teams. */
  removals: 3,
} as const;

export type Stage = (typeof STAGES)[keyof typeof STAGES];

/** Steps of a team that is there. */
const OF_A_TEAM = /^(?:settings$|members\/)/;

/**
 * In which stage a dead letter's item is, by its workflow's id, and of a team by the step that failed: one that failed before any step may be a
 * removal.
 */
export function stageOf({ workflowId, step }: Pick<DeadLetter, 'workflowId' | 'step'>): Stage {
  const known = itemOfWorkflowId(workflowId);
  if (known === null || known.kind === 'repository') return STAGES.repositories;
  // acme/teams/x/create, and not a team whose slug is `create`.
  if (known.kind === 'organization' || known.item.split('/').length > 3) return STAGES.needed;
  return OF_A_TEAM.test(step) ? STAGES.teams : STAGES.removals;
}

/** Whether items of a stage have their turn one after the other: a parent team is made before its children, and removed after them. */
export const isOneByOne = (stage: Stage): boolean => stage === STAGES.needed || stage === STAGES.removals;

/** Those of a rollback have their turn the other way round, a team outlives the access that names it; not where it brings forward again. */
export type Order = 'forward' | 'backward';

/** In which the items of a run have their turn, by its id. */
export const orderOf = (run: string): Order => (rollbackDepth(run) % 2 === 1 ? 'backward' : 'forward');

/** In the order of a run; those of one stage stay as they are. */
export const inStages = <T>(
  all: readonly T[],
  stageOfOne: (one: T) => Stage,
  order: Order = 'forward',
): T[] => stagesOf(all, stageOfOne, order).flatMap(({ items }) => items);

/** The items of each stage that there is, in the order of a run. */
export function stagesOf<T>(
  all: readonly T[],
  stageOfOne: (one: T) => Stage,
  order: Order = 'forward',
): { stage: Stage; items: T[] }[] {
  const stages = Object.values(STAGES).map((stage) => ({
    stage,
    items: all.filter((one) => stageOfOne(one) === stage),
  }));
  return (order === 'forward' ? stages : stages.toReversed()).filter(({ items }) => items.length > 0);
}
