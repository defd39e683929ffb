import { describe, expect, it } from 'vitest';
import { checkRemovals } from '../../src/standards/fuse.js';
import type { Change, PlannedItem } from '../../src/standards/model.js';
import { nearest } from '../../src/standards/nearest.js';
import { organizationNeeds, repositoryNeeds } from '../../src/standards/needs.js';
import { planJson, renderPlan } from '../../src/standards/render-plan.js';
import { organizationOf } from './support.js';

describe('the fuse on removals', () => {
  it.each([
    [4, 16, 0],
    [4, 15, 1],
    [3, 3, 0],
    [5, 20, 0],
    [6, 20, 1],
    [4, 0, 1],
    [0, 0, 0],
  ])('%i of %i: %i refusals', (removed, there, refusals) => {
    expect(checkRemovals({ label: removed }, { label: there })).toHaveLength(refusals);
  });

  it('counts each kind for itself, and says what to do', () => {
    expect(checkRemovals({ label: 9, team: 4, file: 1 }, { label: 100, team: 5 })).toEqual([
      'would remove 4 of 5 teams (more than 25 %); if that is meant, add --allow-removals',
    ]);
  });
});

describe('needs', () => {
  it('are what the file names, and no more', () => {
    const organization = organizationOf({
      settings: { description: 'x' },
      teams: [
        { slug: 'core', parent: 'top', members: [{ login: 'Ada' }, { login: 'eve', absent: true }] },
        { slug: 'old', absent: true },
      ],
      repositories: [
        {
          match: ['*', 'api'],
          exclude: ['web'],
          settings: { has_wiki: true },
          teams: { core: 'push', gone: 'absent' },
        },
        {
          match: ['w?b'],
          with_topics: ['x'],
          settings: { has_wiki: false, has_issues: true },
          branch_protection: { main: { restrictions: { users: ['Lin'], teams: ['guards'] } } },
          files: [{ path: 'a', absent: true }],
        },
      ],
    });
    expect(repositoryNeeds(organization)).toEqual({
      settings: ['has_issues', 'has_wiki'],
      topics: true,
      branch_protection: true,
      teams: ['core', 'gone'],
      labels: false,
      rulesets: false,
      files: ['a'],
    });
    expect(organizationNeeds(organization)).toEqual({
      settings: ['description'],
      rulesets: false,
      teams: ['core', 'gone', 'guards', 'old', 'top'],
      members: ['core'],
      absent: ['old'],
      logins: ['ada', 'lin'],
      repositories: ['api'],
    });
  });
});

const target = { owner: 'acme', name: 'api', id: 1, node_id: 'R_1', default_branch: 'main' };
const changes: Change[] = [
  {
    step: 'settings',
    kind: 'repository_settings',
    key: '',
    action: 'update',
    before: { has_wiki: true },
    after: { has_wiki: false },
  },
  {
    step: 'protection/main',
    kind: 'branch_protection',
    key: 'main',
    action: 'update',
    before: { a: { b: 1, c: 2 }, d: 3 },
    after: { a: { b: 1, c: 5 }, d: 3 },
  },
  { step: 'teams/core', kind: 'team_repository', key: 'core', action: 'create', before: null, after: 'push' },
  { step: 'labels/x', kind: 'label', key: 'x', action: 'delete', before: { name: 'x' }, after: null },
  {
    step: 'files/a',
    kind: 'file',
    key: 'a',
    action: 'update',
    via: 'pull_request',
    before: null,
    after: { sha: '1', from: 't' },
  },
];
const items: PlannedItem[] = [{ item: 'acme/api', kind: 'repository', target, changes }];

const teamItem = (action: Change['action'], after: null | object): PlannedItem => ({
  item: 'acme/teams/x',
  kind: 'team',
  target,
  changes: [{ step: 'team', kind: 'team', key: 'x', action, before: null, after: after && { name: 'x' } }],
});

describe('a plan as JSON', () => {
  it('has one entry for each field that differs', () => {
    const [planned] = planJson(items);
    expect(planned).toMatchObject({ organization: 'acme', item: 'acme/api', action: 'update' });
    expect(planned?.changes.slice(0, 3)).toEqual([
      {
        step: 'settings',
        kind: 'repository_settings',
        action: 'update',
        field: 'has_wiki',
        before: true,
        after: false,
      },
      {
        step: 'protection/main',
        kind: 'branch_protection',
        action: 'update',
        field: 'a.c',
        before: 2,
        after: 5,
      },
      {
        step: 'teams/core',
        kind: 'team_repository',
        action: 'create',
        field: '',
        before: null,
        after: 'push',
      },
    ]);
    expect(planJson([])).toEqual([]);
  });

  it('says that a team is made or removed', () => {
    expect(planJson([teamItem('create', {}), teamItem('delete', null)]).map(({ action }) => action)).toEqual([
      'create',
      'delete',
    ]);
  });
});

describe('a plan as text', () => {
  const theme = Object.fromEntries(
    ['green', 'yellow', 'red', 'dim', 'bold'].map((name) => [name, (text: string) => text]),
  );
  const plain = theme as unknown as Parameters<typeof renderPlan>[1];

  it('shows each field from what to what', () => {
    expect(renderPlan(items, plain)).toEqual([
      '~ acme/api',
      '  ~ settings',
      '      has_wiki: true -> false',
      '  ~ protection/main',
      '      a.c: 2 -> 5',
      '  + teams/core: "push"',
      '  - labels/x: {"name":"x"}',
      '  ~ files/a: (none) -> {"sha":"1","from":"t"} (proposed in a pull request)',
    ]);
  });

  it('cuts long values, and shows nothing that takes over a terminal', () => {
    const change: Change = {
      step: 'settings',
      kind: 'repository_settings',
      key: '',
      action: 'update',
      before: { a: '\u001b[2J\u202e' },
      after: { a: 'x'.repeat(5_000) },
    };
    const text = renderPlan(
      [{ item: 'acme/api', kind: 'repository', target, changes: [change] }],
      plain,
    ).join('\n');
    expect(text.length).toBeLessThan(500);
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\u202e');
  });
});

describe('nearest', () => {
  it.each([
    ['delete_branch_on_merg', 'delete_branch_on_merge'],
    ['Has_Wiki', 'has_wiki'],
    ['mathc', 'match'],
    ['zebra', null],
    ['', null],
    ['x'.repeat(1000), null],
  ])('of %s is %s', (name, expected) => {
    expect(nearest(name, ['has_wiki', 'match', 'delete_branch_on_merge'])).toBe(expected);
  });
});
