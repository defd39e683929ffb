import { expect, it } from 'vitest';
import { itemWorkflowId } from '../../src/workflows/ids.js';
import { inStages, stagesOf } from '../../src/workflows/stages.js';

const id = (kind: 'repository' | 'team' | 'organization', item: string) =>
  itemWorkflowId('apply-1', kind, item);

it('items are in the order of a run, and those of one stage as they came', () => {
  const first = [id('team', 'acme/teams/x/create'), id('organization', 'acme/settings')];
  const repositories = [id('repository', 'acme/web'), id('repository', 'acme/settings')];
  const teams = [id('team', 'acme/teams/x'), id('team', 'acme/teams/create')];
  const mixed = [teams[0], repositories[0], first[0], repositories[1], teams[1], first[1]].map(String);
  expect(inStages(mixed, (one) => one)).toEqual([...first, ...repositories, ...teams]);
  expect(stagesOf(mixed, (one) => one)).toEqual([first, repositories, teams]);
  expect(stagesOf(repositories, (one) => one)).toEqual([repositories]);
});
