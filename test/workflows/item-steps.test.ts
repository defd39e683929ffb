import { expect, it, vi } from 'vitest';
import { change } from '../../src/standards/changes.js';
import type { Change, Json, PlannedItem } from '../../src/standards/model.js';
import { normalizeProtection } from '../../src/standards/protection.js';
import type { Node } from '../../src/transaction/step.js';
import { itemTransaction } from '../../src/workflows/item-steps.js';

vi.mock('@temporalio/workflow', () => ({ patched: () => true }));

const OWNER = { run: 'apply-1', organization: 'acme', item: 'acme/one', actor: 'ada', graphql: true };
const TARGET = { owner: 'acme', name: 'one', id: 1, node_id: 'R_1', default_branch: 'main' };

function namesIn(node: Node): string[] {
  if (node.type === 'step') return [node.step.name];
  return node.type === 'nested' ? namesIn(node.body) : node.nodes.flatMap(namesIn);
}

/** The names of steps that go side by side, one list after the other. */
function turnsOf(changes: Change[]): string[][] {
  const planned: PlannedItem = { item: 'acme/one', kind: 'repository', target: TARGET, changes };
  const root = itemTransaction(OWNER, planned, 0);
  if (root.type !== 'sequence') throw new Error(`a ${root.type}`);
  return root.nodes.map(namesIn).filter((turn) => turn.length > 0);
}

const protection = (after: Json) => change('protection/main', 'branch_protection', 'main', null, after);
const restricted = normalizeProtection({ restrictions: { users: [], teams: ['core'] } });
const wiki = change('settings', 'repository_settings', '', { has_wiki: true }, { has_wiki: false });
const given = change('teams/core', 'team_repository', 'core', null, 'push');
const taken = change('teams/old', 'team_repository', 'old', 'push', null);

it('access is given before a protection names who has it, and taken after it has ceased to', () => {
  expect(turnsOf([wiki, protection(restricted), given, taken])).toEqual([
    ['settings', 'teams/core'],
    ['protection/main'],
    ['teams/old'],
  ]);
});

it('what names nobody, or no access of this item, goes side by side', () => {
  expect(turnsOf([wiki, protection(normalizeProtection({})), given])).toEqual([
    ['settings', 'protection/main', 'teams/core'],
  ]);
  expect(turnsOf([wiki, protection(restricted)])).toEqual([['settings', 'protection/main']]);
});
