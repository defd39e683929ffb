import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffRepository } from '../../src/standards/diff.js';
import { planOrganization } from '../../src/standards/diff-organization.js';
import { initNeeds, renderStandards } from '../../src/standards/init.js';
import type { RepositoryState } from '../../src/standards/model.js';
import { parseStandards } from '../../src/standards/parse.js';
import { resolveRepository } from '../../src/standards/resolve.js';
import { liveRepository } from './arbitraries.js';
import { organizationState, repositoryState, teamState } from './support.js';

const organization = organizationState({
  settings: {
    default_repository_permission: 'read',
    description: 'We make things: "all" of them',
    company: null,
    billing_email: 'bills@example.com',
    has_organization_projects: true,
  },
  rulesets: [
    {
      id: 1,
      name: 'base',
      target: 'branch',
      enforcement: 'active',
      bypass_actors: [],
      conditions: null,
      rules: [{ type: 'deletion' }],
    },
  ],
  teams: {
    core: teamState({
      slug: 'core',
      name: 'Core',
      description: 'All: of it',
      parent: 'top',
      members: { lin: 'member', ada: 'maintainer' },
    }),
    top: teamState({ slug: 'top', name: 'top' }),
    gone: null,
  },
  teamCount: 2,
});

const many = (names: string[], over: Partial<RepositoryState>) =>
  names.map((name, index) => repositoryState({ id: index, name, ...over }));

const firstLine = (text: string) => text.split('\n')[0];

describe('renderStandards', () => {
  it('names the schema in its first line, where the package or the caller has it', () => {
    expect(firstLine(renderStandards(organization, []))).toBe(
      '# yaml-language-server: $schema=./node_modules/orgsaga/schema/standards.schema.json',
    );
    expect(firstLine(renderStandards(organization, [], '../x.json'))).toBe(
      '# yaml-language-server: $schema=../x.json',
    );
  });

  it('says of the organisation what it is, and no private address', () => {
    const text = renderStandards(organization, []);
    const [wanted] = parseStandards(text, 'f').organizations;
    if (wanted === undefined) throw new Error('no organisation');
    expect(text).not.toContain('bills@example.com');
    expect(wanted).toMatchObject({
      login: 'acme',
      settings: { default_repository_permission: 'read', description: 'We make things: "all" of them' },
      rulesets: [{ name: 'base', rules: [{ type: 'deletion' }] }],
      teams: [
        {
          slug: 'core',
          name: 'Core',
          description: 'All: of it',
          parent: 'top',
          members: [
            { login: 'ada', role: 'maintainer' },
            { login: 'lin', role: 'member' },
          ],
        },
        { slug: 'top', members: [] },
      ],
    });
    expect(planOrganization(wanted, organization)).toMatchObject({ before: [], after: [], problems: [] });
  });

  it('has what most have as one rule, and those that differ alike together', () => {
    const common = {
      settings: { has_wiki: false, has_issues: true },
      teams: { core: 'push' as const },
      topics: ['a', 'b'],
    };
    const different = { ...common, settings: { has_wiki: true, has_issues: true }, teams: {}, topics: ['a'] };
    const text = renderStandards(organization, [
      ...many(['a', 'b', 'c'], common),
      ...many(['y', 'x'], different),
    ]);
    expect(parseStandards(text, 'f').organizations[0]?.repositories).toEqual([
      {
        match: ['*'],
        settings: { has_issues: true, has_wiki: false },
        topics: ['a'],
        teams: { core: 'push' },
      },
      { match: ['x', 'y'], settings: { has_wiki: true }, teams: { core: 'absent' } },
    ]);
  });

  it('is, for any organisation, a valid file for which there is nothing to change', () => {
    const unique = fc.uniqueArray(liveRepository, { maxLength: 4, selector: ({ name }) => name });
    fc.assert(
      fc.property(unique, (repositories) => {
        const file = parseStandards(renderStandards(organization, repositories), 'f');
        const [wanted] = file.organizations;
        if (wanted === undefined) throw new Error('no organisation');
        for (const state of repositories) {
          const resolved = resolveRepository(wanted, state);
          if (resolved === null) continue;
          expect(diffRepository('acme', resolved, state, { ...file, files: {} }).item).toBeNull();
        }
      }),
      { numRuns: 300 },
    );
  });

  it('leaves out what this version does not know', () => {
    const strange = repositoryState({
      settings: { merge_commit_title: 'SOMETHING_NEW', has_wiki: null },
      rulesets: [
        {
          id: 1,
          name: 'x',
          target: 'branch',
          enforcement: 'active',
          bypass_actors: [],
          conditions: null,
          rules: [{ type: 'brand_new' }],
        },
      ],
    });
    expect(
      parseStandards(renderStandards(organization, [strange]), 'f').organizations[0]?.repositories,
    ).toEqual([{ match: ['*'] }]);
  });

  it('writes a text that looks like a number as a text', () => {
    const repositories = many(['a'], { labels: [{ name: '1e3', color: '000000', description: '0x1' }] });
    expect(
      parseStandards(renderStandards(organization, repositories), 'f').organizations[0]?.repositories[0]
        ?.labels,
    ).toEqual([{ name: '1e3', color: '000000', description: '0x1' }]);
  });
});

describe('initNeeds', () => {
  it('asks for every team and for what is written', () => {
    const needs = initNeeds(['top', 'core']);
    expect(needs.organization).toMatchObject({
      teams: ['core', 'top'],
      members: ['core', 'top'],
      rulesets: true,
    });
    expect(needs.repository.teams).toEqual(['core', 'top']);
    expect(needs.repository.settings).toContain('has_wiki');
    expect(needs.repository.settings).not.toContain('visibility');
  });
});
