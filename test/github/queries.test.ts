import { schema as official } from '@octokit/graphql-schema';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { mutationsQuery } from '../../src/github/mutation.js';
import { RULES } from '../../src/github/operations/protection-rule.js';
import { nodesQuery } from '../../src/github/read/by-id.js';
import { wholeQuery } from '../../src/github/read/complete.js';
import { repositoriesQuery, usersQuery } from '../../src/github/read/existence.js';
import { pageQuery } from '../../src/github/read/page.js';
import { EXTRAS_QUERY } from '../../src/github/read/protection-extras.js';
import { teamSelection } from '../../src/github/read/team-edges.js';
import { teamIdSelection } from '../../src/github/read/team-ids.js';
import { teamsQuery } from '../../src/github/read/teams.js';
import type { RepositoryNeeds } from '../../src/standards/model.js';
import { NO_NEEDS } from './support.js';

const ruleMutation = (name: string): string =>
  mutationsQuery([{ name, input: {}, selection: 'clientMutationId', what: 'main' }]).query;

const schema = buildSchema(official.idl, { assumeValidSDL: true });

const EVERYTHING: RepositoryNeeds = {
  settings: [
    'description',
    'homepage',
    'visibility',
    'archived',
    'has_issues',
    'has_projects',
    'has_wiki',
    'has_discussions',
    'is_template',
    'default_branch',
    'allow_squash_merge',
    'allow_merge_commit',
    'allow_rebase_merge',
    'allow_auto_merge',
    'allow_update_branch',
    'allow_forking',
    'delete_branch_on_merge',
    'web_commit_signoff_required',
    'squash_merge_commit_title',
    'squash_merge_commit_message',
    'merge_commit_title',
    'merge_commit_message',
  ],
  topics: true,
  branch_protection: true,
  teams: ['one', 'two'],
  labels: true,
  rulesets: true,
  files: ['a/b.txt', 'with "quotes" and \\ in it'],
};

/** Each need alone, none, and all. */
const NEEDS: [string, RepositoryNeeds][] = [
  ['nothing', NO_NEEDS],
  ['everything', EVERYTHING],
  ...Object.entries(EVERYTHING).map(([name, value]): [string, RepositoryNeeds] => [
    name,
    { ...NO_NEEDS, [name]: value },
  ]),
];

const problems = (query: string): string[] => validate(schema, parse(query)).map(({ message }) => message);

describe('queries are valid in the official schema', () => {
  it.each(NEEDS)('repositories: %s', (_, needs) => {
    const teams = teamSelection([
      { slug: 'one', after: null },
      { slug: 'two', after: 'Y3Vyc29yOnYyOpHOAA==' },
    ]);
    expect(problems(pageQuery(needs, `${teams}\n${teamIdSelection(['three', 'four'])}`))).toEqual([]);
    expect(problems(nodesQuery(needs))).toEqual([]);
    expect(problems(wholeQuery(needs))).toEqual([]);
  });

  it.each([
    ['teams', teamsQuery(['one', 'two'], ['two'])],
    ['no team', teamsQuery([], [])],
    ['logins', usersQuery(['ada', 'lin'])],
    ['repositories by name', repositoriesQuery(['a', 'b.c'])],
    ['rules', RULES],
    ['extras', EXTRAS_QUERY],
    ['create', ruleMutation('createBranchProtectionRule')],
    ['update', ruleMutation('updateBranchProtectionRule')],
    ['delete', ruleMutation('deleteBranchProtectionRule')],
  ])('%s', (_, query) => {
    expect(problems(query)).toEqual([]);
  });

  it('stay below the number of nodes that GitHub allows in a query, 500,000', () => {
    const query = pageQuery(
      EVERYTHING,
      teamSelection(Array.from({ length: 20 }, (_, at) => ({ slug: `t${at}`, after: null }))),
    );
    let most = 0;
    const walk = (selections: readonly unknown[], factor: number): void => {
      for (const selection of selections as {
        arguments?: { name: { value: string }; value: { value?: string } }[];
        selectionSet?: { selections: unknown[] };
      }[]) {
        const first = selection.arguments?.find(({ name }) => name.value === 'first');
        const nodes = first === undefined ? factor : factor * Number(first.value.value ?? 100);
        if (first !== undefined) most += Number.isNaN(nodes) ? factor * 100 : nodes;
        walk(selection.selectionSet?.selections ?? [], Number.isNaN(nodes) ? factor * 100 : nodes);
      }
    };
    for (const definition of parse(query).definitions)
      if ('selectionSet' in definition) walk(definition.selectionSet?.selections ?? [], 1);
    expect(most).toBeGreaterThan(10_000);
    expect(most).toBeLessThan(500_000);
  });
});
