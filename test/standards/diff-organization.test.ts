import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planOrganization } from '../../src/standards/diff-organization.js';
import type { JsonObject, OrganizationState, TeamRole } from '../../src/standards/model.js';
import { applyToOrganization } from './apply.js';
import { organizationOf, organizationState, teamState } from './support.js';

const plan = (part: JsonObject, over: Partial<OrganizationState> = {}) =>
  planOrganization(organizationOf(part), organizationState(over));

describe('planOrganization', () => {
  it('has one item for settings and rulesets', () => {
    const { before, after, problems } = plan(
      { settings: { default_repository_permission: 'read', description: '' }, rulesets: [{ name: 'base' }] },
      { settings: { default_repository_permission: 'write', description: null } },
    );
    expect({ after, problems }).toEqual({ after: [], problems: [] });
    expect(before).toMatchObject([
      {
        item: 'acme/settings',
        kind: 'organization',
        target: { owner: 'acme', name: '', id: 100, node_id: 'O_100', default_branch: null },
        changes: [
          {
            step: 'settings',
            kind: 'organization_settings',
            before: { default_repository_permission: 'write' },
            after: { default_repository_permission: 'read' },
          },
          { step: 'rulesets/base', kind: 'organization_ruleset', key: 'base', action: 'create' },
        ],
      },
    ]);
  });

  it('makes a missing team before, and gives it its description and members after', () => {
    const team = {
      slug: 'core',
      description: 'All of it',
      parent: 'top',
      members: [{ login: 'Ada', role: 'maintainer' }],
    };
    const { before, after } = plan({ teams: [team, { slug: 'top' }] }, { teams: { core: null, top: null } });
    expect(before.map(({ item }) => item)).toEqual(['acme/teams/top', 'acme/teams/core']);
    expect(before[1]).toMatchObject({
      kind: 'team',
      target: { name: '', id: 0 },
      changes: [
        {
          kind: 'team',
          key: 'core',
          action: 'create',
          before: null,
          after: { name: 'core', privacy: 'closed', parent: 'top' },
        },
      ],
    });
    expect(after.map(({ item }) => item)).toEqual(['acme/teams/top', 'acme/teams/core']);
    expect(after[0]?.changes).toMatchObject([
      { kind: 'team_settings', key: 'top', before: { description: null }, after: { description: '' } },
    ]);
    expect(after[1]?.changes).toMatchObject([
      { kind: 'team_settings', after: { description: 'All of it', parent: 'top' } },
      {
        kind: 'team_member',
        step: 'members/Ada',
        key: 'core/Ada',
        action: 'create',
        before: null,
        after: 'maintainer',
      },
    ]);
  });

  it('changes what differs of a team that is there, and members the file names', () => {
    const live = teamState({ members: { ada: 'member', lin: 'member', bo: 'member' }, description: 'x' });
    const team = {
      slug: 'maintainers',
      description: 'x',
      privacy: 'secret',
      members: [
        { login: 'Ada', role: 'maintainer' },
        { login: 'lin', absent: true },
        { login: 'eve', absent: true },
      ],
    };
    const { before, after, removals, existing } = plan(
      { teams: [team] },
      { teams: { maintainers: live }, teamCount: 9 },
    );
    expect(before).toEqual([]);
    expect(after).toMatchObject([
      {
        item: 'acme/teams/maintainers',
        target: { id: 7, node_id: 'T_7' },
        changes: [
          { kind: 'team_settings', before: { privacy: 'closed' }, after: { privacy: 'secret' } },
          { key: 'maintainers/Ada', action: 'update', before: 'member', after: 'maintainer' },
          { key: 'maintainers/lin', action: 'delete', before: 'member', after: null },
        ],
      },
    ]);
    expect(removals).toMatchObject({ team_member: 1, team: 0 });
    expect(existing).toMatchObject({ team_member: 3, team: 9 });
  });

  it('removes teams last, a child before its parent', () => {
    const teams = {
      top: teamState({ slug: 'top' }),
      child: teamState({ slug: 'child', parent: 'top' }),
      core: teamState({ slug: 'core' }),
    };
    const { after, removals } = plan(
      {
        teams: [
          { slug: 'top', absent: true },
          { slug: 'child', absent: true },
          { slug: 'core', description: 'x' },
          { slug: 'gone', absent: true },
        ],
      },
      { teams },
    );
    expect(after.map(({ item }) => item)).toEqual(['acme/teams/core', 'acme/teams/child', 'acme/teams/top']);
    expect(after[1]?.changes).toMatchObject([
      { kind: 'team', action: 'delete', before: { name: 'maintainers', parent: 'top' }, after: null },
    ]);
    expect(removals['team']).toBe(2);
  });

  it('tells what the file counts on and is not there', () => {
    const { problems } = plan(
      {
        teams: [
          { slug: 'core', parent: 'nowhere', members: [{ login: 'ghost' }] },
          { slug: 'top', absent: true },
        ],
        repositories: [
          { match: ['gone'], teams: { core: 'push', missing: 'pull', old: 'absent', live: 'pull' } },
          { match: ['*'], branch_protection: { main: { restrictions: { teams: ['guards'] } } } },
        ],
      },
      {
        teams: {
          core: null,
          live: teamState({ slug: 'live', parent: 'top' }),
          top: teamState({ slug: 'top' }),
        },
        childTeams: { top: ['live', 'unknown', 'core'] },
        missingLogins: ['ghost'],
        missingRepositories: ['gone'],
      },
    );
    expect(problems).toEqual([
      'team acme/guards is not there and not under "teams" of the file',
      'team acme/missing is not there and not under "teams" of the file',
      'team acme/nowhere is not there and not under "teams" of the file',
      'there is no GitHub user ghost, whom the file names',
      'repository acme/gone is not there, and a rule names it',
      'team acme/top cannot be removed: GitHub would remove its child team unknown with it',
      'team acme/top cannot be removed: GitHub would remove its child team live with it',
    ]);
  });

  it('leads, for any teams, to a state for which there is nothing to change', () => {
    const slug = fc.constantFrom('a', 'b', 'c');
    const login = fc.constantFrom('ada', 'Lin', 'bo');
    const role = fc.constantFrom<TeamRole>('member', 'maintainer');
    const member = fc.oneof(fc.record({ login, role }), fc.record({ login, absent: fc.constant(true) }));
    const team = fc.oneof(
      fc.record({ slug, absent: fc.constant(true) }),
      fc.record(
        {
          slug,
          description: fc.constantFrom('', 'x', null),
          privacy: fc.constantFrom('closed', 'secret'),
          members: fc.uniqueArray(member, { maxLength: 3, selector: (one) => one.login }),
        },
        { requiredKeys: ['slug'] },
      ),
    );
    const live = fc.record({
      description: fc.constantFrom(null, 'x'),
      privacy: fc.constantFrom('closed', 'secret'),
      members: fc.dictionary(fc.constantFrom('ada', 'lin', 'bo'), role, { maxKeys: 3 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(team, { maxLength: 3, selector: (one) => one.slug }),
        fc.dictionary(slug, fc.option(live), { maxKeys: 3 }),
        (teams, there) => {
          const state = organizationState({
            teams: Object.fromEntries(
              Object.entries(there).map(([name, one]) => [
                name,
                one && teamState({ slug: name, name, ...one }),
              ]),
            ),
          });
          const organization = organizationOf({ teams });
          const first = planOrganization(organization, state);
          for (const item of [...first.before, ...first.after]) applyToOrganization(state, item);
          const second = planOrganization(organization, state);
          expect([...second.before, ...second.after]).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
