import { expect, it } from 'vitest';
import { itemWorkflowId } from '../../src/workflows/ids.js';
import { inStages, isOneByOne, stageOf, stagesOf } from '../../src/workflows/stages.js';

const letter = (kind: 'repository' | 'team' | 'organization', item: string, step = 'settings') => ({
  workflowId: itemWorkflowId('apply-1', kind, item),
  step,
});

it('items are in the order of a run, and those of one stage as they came', () => {
  const needed = [letter('team', 'acme/teams/x/create', 'team'), letter('organization', 'acme/settings')];
  const repositories = [letter('repository', 'acme/web'), letter('repository', 'acme/settings', 'plan')];
  const teams = [letter('team', 'acme/teams/x'), letter('team', 'acme/teams/create', 'members/sam')];
  const removals = [letter('team', 'acme/teams/y', 'team'), letter('team', 'acme/teams/z', 'plan')];
  const mixed = [
    removals[0],
    teams[0],
    repositories[0],
    needed[0],
    repositories[1],
    removals[1],
    teams[1],
    needed[1],
  ].filter((one) => one !== undefined);
  const order = [needed, repositories, teams, removals];
  expect(inStages(mixed, stageOf)).toEqual(order.flat());
  expect(stagesOf(mixed, stageOf).map(({ items }) => items)).toEqual(order);
  expect(stagesOf(mixed, stageOf, 'backward').map(({ items }) => items)).toEqual(order.toReversed());
  expect(stagesOf(repositories, stageOf).map(({ items }) => items)).toEqual([repositories]);
  expect(stagesOf(mixed, stageOf).map(({ stage }) => isOneByOne(stage))).toEqual([true, false, false, true]);
});
