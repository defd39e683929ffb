import type { Change, ChangeKind } from '../../src/standards/model.js';
import { normalizeProtection } from '../../src/standards/protection.js';
import { changeOf, LABEL, SHA } from './operations-support.js';

export const PROTECTION = normalizeProtection({
  enforce_admins: true,
  required_status_checks: { strict: true, contexts: ['ci'] },
  required_pull_request_reviews: {
    required_approving_review_count: 2,
    dismissal_restrictions: { users: ['lin'], teams: ['ops'], apps: [] },
  },
  restrictions: { users: ['ada'], teams: ['dev'], apps: [] },
});
const RULESET = {
  name: 'tags',
  target: 'tag',
  enforcement: 'active',
  bypass_actors: [],
  conditions: { ref_name: { include: ['refs/tags/v*'], exclude: [] } },
  rules: [{ type: 'deletion' }],
};

/** One change of every kind and way, from what the organisation of operations-support holds. */
export const CHANGES: [string, Change & { kind: ChangeKind }][] = [
  [
    'repository_settings',
    changeOf(
      'repository_settings',
      '',
      { has_wiki: true, homepage: null },
      { has_wiki: false, homepage: 'https://x.example' },
    ),
  ],
  ['visibility', changeOf('repository_settings', '', { visibility: 'private' }, { visibility: 'public' })],
  ['archived', changeOf('repository_settings', '', { archived: false }, { archived: true })],
  ['topics', changeOf('topics', '', ['go'], ['go', 'managed'])],
  ['branch_protection', changeOf('branch_protection', 'main', null, PROTECTION)],
  ['branch_protection of a pattern', changeOf('branch_protection', 'release/*', null, PROTECTION)],
  ['branch_protection of a branch to come', changeOf('branch_protection', 'next', null, PROTECTION)],
  ['team_repository update', changeOf('team_repository', 'ops', 'pull', 'maintain')],
  ['team_repository create', changeOf('team_repository', 'dev', null, 'push')],
  ['team_repository delete', changeOf('team_repository', 'ops', 'pull', null)],
  ['label create', changeOf('label', 'security', null, LABEL)],
  [
    'label update',
    changeOf(
      'label',
      'bug',
      { name: 'Bug', color: 'ff0000', description: 'Broken' },
      { name: 'bug', color: '00ff00', description: null },
    ),
  ],
  ['label delete', changeOf('label', 'Bug', { name: 'Bug', color: 'ff0000', description: 'Broken' }, null)],
  ['ruleset', changeOf('ruleset', 'tags', null, RULESET)],
  [
    'organization_ruleset',
    changeOf('organization_ruleset', 'tags', null, {
      ...RULESET,
      conditions: { ...RULESET.conditions, repository_name: { include: ['~ALL'], exclude: [] } },
    }),
  ],
  [
    'organization_settings',
    changeOf(
      'organization_settings',
      '',
      { description: 'Before', default_repository_permission: 'read' },
      { description: '', default_repository_permission: 'none' },
    ),
  ],
  [
    'team_settings',
    changeOf(
      'team_settings',
      'ops',
      { description: 'Runs it', privacy: 'closed', parent: null },
      { description: 'Runs all', privacy: 'closed', parent: 'dev' },
    ),
  ],
  ['team_member create', changeOf('team_member', 'ops/lin', null, 'maintainer')],
  ['team_member update', changeOf('team_member', 'ops/ada', 'member', 'maintainer')],
  ['team_member delete', changeOf('team_member', 'ops/ada', 'member', null)],
  [
    'file by commit',
    changeOf('file', '.github/CODEOWNERS', null, { sha: SHA, from: 't/CODEOWNERS' }, 'commit'),
  ],
  ['file replaced', changeOf('file', 'README.md', { sha: '' }, { sha: SHA, from: 't/CODEOWNERS' }, 'commit')],
  ['file removed', changeOf('file', 'README.md', { sha: '' }, null, 'commit')],
  [
    'file by pull request',
    changeOf('file', 'docs/NEW.md', null, { sha: SHA, from: 't/CODEOWNERS' }, 'pull_request'),
  ],
  ['removal by pull request', changeOf('file', 'README.md', null, { sha: null }, 'pull_request')],
  ['an issue', changeOf('issue', '1', null, { title: 'Write it', body: 'Please.', labels: ['Bug'] })],
];
