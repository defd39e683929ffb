import { describe, expect, it } from 'vitest';
import { FAKE_TOKEN } from './support.js';
import { inOrganization, inRule, problemsOf } from './texts.js';

/** Text, and each problem that it has as `line:column: text`. */
const table: [string, string, string[]][] = [
  [
    'an empty file',
    '',
    ['1:1: the file is empty; `orgsaga init --org <organisation>` writes one from what is there'],
  ],
  [
    'only a comment',
    '# nothing\n',
    ['1:1: the file is empty; `orgsaga init --org <organisation>` writes one from what is there'],
  ],
  ['a list', '- a\n', ['1:1: the file: expected a map of keys, got a list']],
  ['no version', 'organizations: [{ login: acme }]\n', ['1:1: missing key "version"']],
  ['another version', 'version: 2\norganizations: [{ login: acme }]\n', ['1:10: version: expected 1, got 2']],
  ['no organisation', 'version: 1\norganizations: []\n', ['2:16: organizations: may not be empty']],
  [
    'an unknown key',
    inRule('settings:', '  delete_branch_on_merg: true'),
    ['7:11: unknown key "delete_branch_on_merg"; did you mean "delete_branch_on_merge"?'],
  ],
  [
    'an unknown key that begins one',
    inOrganization('on_fail: rollback'),
    ['4:5: unknown key "on_fail"; the nearest known key is "on_failure"'],
  ],
  [
    'an unknown key that shares words with one',
    inOrganization('settings: { default_repo_permission: read }'),
    ['4:17: unknown key "default_repo_permission"; the nearest known key is "default_repository_permission"'],
  ],
  [
    'an unknown key that is like none',
    inOrganization('foo: 1'),
    ['4:5: unknown key "foo"; the nearest known key is "login"'],
  ],
  [
    'an unknown key in a protection',
    inRule('branch_protection: { main: { enforce_admin: true } }'),
    ['6:38: unknown key "enforce_admin"; did you mean "enforce_admins"?'],
  ],
  [
    'keys beside absent: true',
    inOrganization('teams: [{ slug: a, absent: true, privacy: closed }]'),
    ['4:38: key "privacy" does not go with "absent: true"'],
  ],
  [
    'a wrong type',
    inRule('settings: { has_wiki: "no" }'),
    ['6:31: has_wiki: expected true or false, got text'],
  ],
  [
    'a number for a text',
    inRule('labels: [{ name: x, color: 000000 }]'),
    ['6:36: color: expected text, got a number; put it in quotes'],
  ],
  ['nothing for a list', inRule('topics:'), ['6:16: topics: expected a list, got nothing (null)']],
  [
    'a value that is not among those there are',
    inRule('teams: { core: pusch }'),
    [
      '6:24: core: expected one of "pull", "triage", "push", "maintain", "admin", "absent", got "pusch"; did you mean "push"?',
    ],
  ],
  [
    'a count out of range',
    inRule(
      'branch_protection: { main: { required_pull_request_reviews: { required_approving_review_count: 7 } } }',
    ),
    ['6:104: required_approving_review_count: must be at most 6'],
  ],
  ['no match', inOrganization('repositories: [{ settings: {} }]'), ['4:20: missing key "match"']],
  ['an empty match', inOrganization('repositories: [{ match: [] }]'), ['4:29: match: may not be empty']],
  [
    'a bad glob',
    inOrganization('repositories: [{ match: ["api-["] }]'),
    ['4:30: glob "api-[" has a "[" that is not closed'],
  ],
  [
    'a bad login',
    'version: 1\norganizations: [{ login: ac--me }]\n',
    ['2:26: organisation "ac--me" may not hold two hyphens in a row'],
  ],
  ['a bad branch', inRule('branch_protection: { "a b": {} }'), ['6:30: branch "a b" may not hold " "']],
  ['a bad topic', inRule('topics: [Managed]'), ['6:18: topic "Managed" must be in lower case']],
  [
    'a path that leaves',
    inRule('files: [{ path: ../x, absent: true }]'),
    ['6:25: path "../x" may not leave its folder by ".."'],
  ],
  [
    'a bad duration',
    inOrganization('dead_letter: { deadline: soon }'),
    ['4:30: "soon" is not a whole number with a unit, such as 500ms, 30s, 10m, 1h or 7d'],
  ],
  ['a key twice', inOrganization('settings: {}', 'settings: {}'), ['5:5: duplicate key "settings"']],
  [
    'two documents',
    'version: 1\n---\nversion: 1\n',
    [
      '2:1: more than one YAML document; a standards file is one (remove the "---" and put both under "organizations")',
    ],
  ],
  [
    'an organisation twice',
    'version: 1\norganizations:\n  - login: acme\n  - login: ACME\n',
    ['4:5: duplicate organisation: the same as organizations[0]'],
  ],
  [
    'a rule twice, in another order',
    inOrganization(
      'repositories:',
      '  - match: [a-*, b]',
      '  - match: [B, a-*]',
      '  - match: [b, a-*]',
      '    archived: false',
    ),
    ['6:9: duplicate rule: the same as organizations[0].repositories[0]'],
  ],
  [
    'a team twice',
    inOrganization('teams: [{ slug: a }, { slug: a, absent: true }]'),
    ['4:26: duplicate team: the same as organizations[0].teams[0]'],
  ],
  [
    'a label twice, in another case',
    inRule('labels: [{ name: Bug, color: ffffff }, { name: bug, absent: true }]'),
    ['6:48: duplicate label: the same as organizations[0].repositories[0].labels[0]'],
  ],
  [
    'permission for a team that is to go',
    inOrganization(
      'teams: [{ slug: old, absent: true }]',
      'repositories: [{ match: ["*"], teams: { old: push } }]',
    ),
    ['5:45: team "old" is "absent: true" under "teams" of the file'],
  ],
  [
    'a restriction to a team that is to go',
    inOrganization(
      'teams: [{ slug: old, absent: true }]',
      'repositories: [{ match: ["*"], branch_protection: { main: { restrictions: { teams: [old] } } } }]',
    ),
    ['5:89: team "old" is "absent: true" under "teams" of the file'],
  ],
  [
    'parents in a circle',
    inOrganization('teams: [{ slug: a, parent: b }, { slug: b, parent: a }]'),
    ['4:32: parent: team "a" would be its own ancestor', '4:56: parent: team "b" would be its own ancestor'],
  ],
  [
    'a name with another slug',
    inOrganization('teams: [{ slug: core, name: The Core }]'),
    ['4:33: name: GitHub\'s slug of "The Core" is "the-core", not "core"'],
  ],
  [
    'several at once, in the order of the file',
    inRule(
      'topic: [a]',
      'settings: { has_wikis: true, has_issues: 1 }',
      'labels: [{ name: a }, { name: A }]',
    ),
    [
      '6:9: unknown key "topic"; did you mean "topics"?',
      '7:21: unknown key "has_wikis"; did you mean "has_wiki"?',
      '7:50: has_issues: expected true or false, got a number',
      '8:31: duplicate label: the same as organizations[0].repositories[0].labels[0]',
    ],
  ],
  [
    'a credential, which is not shown',
    inOrganization(`settings: { description: "${FAKE_TOKEN}" }`),
    ['4:30: this value holds a credential (github-token); take it out and revoke it'],
  ],
];

describe('what is wrong with a standards file', () => {
  it.each(table)('says where and why: %s', (_name, text, expected) => {
    expect(problemsOf(text).map(({ message }) => message)).toEqual(
      expected.map((line) => `standards.yaml:${line}`),
    );
  });
});
