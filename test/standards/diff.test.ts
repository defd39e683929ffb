import { describe, expect, it } from 'vitest';
import { diffRepository } from '../../src/standards/diff.js';
import type { JsonObject, RepositoryState } from '../../src/standards/model.js';
import { normalizeProtection } from '../../src/standards/protection.js';
import { resolveRepository } from '../../src/standards/resolve.js';
import { documentOf, repositoryState } from './support.js';

/** Blob shas of `a\n` and `b\n`, by git hash-object. */
const SHA_A = '78981922613b2afb6025042ff6bd878ac1994e85';
const SHA_B = '61780798228d17af2d34fce4cfbdf35556832472';

function diff(rule: JsonObject, over: Partial<RepositoryState> = {}) {
  const document = documentOf({ repositories: [{ match: ['*'], ...rule }] }, { 't/a': 'a\n', 't/b': 'b\n' });
  const [organization] = document.organizations;
  const state = repositoryState(over);
  const wanted = organization && resolveRepository(organization, state);
  if (!wanted) throw new Error('no rule is about it');
  return diffRepository('acme', wanted, state, document);
}

const steps = (result: ReturnType<typeof diff>) => result.item?.changes.map(({ step }) => step) ?? [];
const only = (result: ReturnType<typeof diff>) => {
  expect(result.item?.changes).toHaveLength(1);
  return result.item?.changes[0];
};

describe('settings', () => {
  it('are changed in the fields that differ, and the target is pinned', () => {
    const rule = { settings: { has_wiki: false, has_issues: true, visibility: 'private' } };
    const result = diff(rule, { settings: { has_wiki: true, has_issues: true, visibility: 'private' } });
    expect(only(result)).toEqual({
      step: 'settings',
      kind: 'repository_settings',
      key: '',
      action: 'update',
      before: { has_wiki: true },
      after: { has_wiki: false },
    });
    expect(result.item).toMatchObject({
      item: 'acme/api',
      kind: 'repository',
      target: { owner: 'acme', name: 'api', id: 1, node_id: 'R_1', default_branch: 'main' },
    });
  });

  it('take an empty text and none for the same', () => {
    expect(diff({ settings: { description: '' } }, { settings: { description: null } }).item).toBeNull();
    expect(diff({ settings: { homepage: null } }, { settings: { homepage: '' } }).item).toBeNull();
  });
});

describe('archived repositories', () => {
  it('are skipped', () => {
    const result = diff({ settings: { has_wiki: false } }, { archived: true, settings: { has_wiki: true } });
    expect(result).toMatchObject({
      item: null,
      skipped: { item: 'acme/api', reason: 'archived' },
      removals: {},
    });
  });

  it('are in order where the file wants them archived and all else is right', () => {
    expect(diff({ settings: { archived: true } }, { archived: true })).toMatchObject({ item: null });
    expect(diff({ settings: { archived: true } }, { archived: true }).skipped).toBeUndefined();
  });

  it('are opened first where the file says so', () => {
    const result = diff(
      { settings: { archived: false, has_wiki: false } },
      { archived: true, settings: { has_wiki: true } },
    );
    expect(steps(result)).toEqual(['archived', 'settings']);
    expect(result.item?.changes[0]).toMatchObject({ before: { archived: true }, after: { archived: false } });
  });

  it('are archived last', () => {
    const rule = {
      settings: { archived: true, has_wiki: false },
      topics: ['x'],
      teams: { core: 'push' },
      files: [
        { path: 'a', from: 't/a', via: 'commit' },
        { path: 'b', from: 't/b' },
      ],
    };
    expect(steps(diff(rule))).toEqual(['files/a', 'settings', 'topics', 'teams/core', 'files/b', 'archived']);
  });
});

describe('topics', () => {
  it('are added to those that are there and removed where absent', () => {
    const rule = { topics: ['managed', { name: 'old', absent: true }, { name: 'gone', absent: true }] };
    const result = diff(rule, { topics: ['web', 'old'] });
    expect(only(result)).toMatchObject({
      before: ['web', 'old'],
      after: ['managed', 'web'],
      action: 'update',
    });
    expect(result).toMatchObject({ removals: { topics: 1 }, existing: { topics: 2 } });
    expect(diff(rule, { topics: ['managed', 'web'] }).item).toBeNull();
  });
});

describe('branch protection', () => {
  const live = normalizeProtection({
    enforce_admins: true,
    required_status_checks: { strict: true, checks: [{ context: 'ci', app_id: 5 }] },
    required_pull_request_reviews: { required_approving_review_count: 2, require_code_owner_reviews: true },
    restrictions: { users: ['Ada'], teams: ['core'] },
  });

  it.each<[string, JsonObject]>([
    ['nothing named', {}],
    ['a check without its app', { required_status_checks: { contexts: ['ci'] } }],
    [
      'a check with its app',
      { required_status_checks: { strict: true, checks: [{ context: 'ci', app_id: 5 }] } },
    ],
    ['part of the reviews', { required_pull_request_reviews: { required_approving_review_count: 2 } }],
    ['a login in another case', { restrictions: { users: ['ada'] } }],
    ["GitHub's default", { lock_branch: false }],
  ])('is the same: %s', (_name, body) => {
    expect(
      diff({ branch_protection: { $default: body } }, { branch_protection: { main: live } }).item,
    ).toBeNull();
  });

  it('keeps what the file does not name', () => {
    const rule = {
      branch_protection: {
        $default: { enforce_admins: false, required_pull_request_reviews: { dismiss_stale_reviews: true } },
      },
    };
    const change = only(diff(rule, { branch_protection: { main: live } }));
    expect(change).toMatchObject({ step: 'protection/main', key: 'main', action: 'update', before: live });
    expect(change?.after).toEqual({
      ...live,
      enforce_admins: false,
      required_pull_request_reviews: {
        ...(live['required_pull_request_reviews'] as JsonObject),
        dismiss_stale_reviews: true,
      },
    });
  });

  it('is made whole where there is none', () => {
    const change = only(diff({ branch_protection: { main: { required_pull_request_reviews: {} } } }));
    expect(change).toMatchObject({ action: 'create', before: null });
    expect(change?.after).toMatchObject({
      required_status_checks: null,
      restrictions: null,
      enforce_admins: false,
      required_pull_request_reviews: { required_approving_review_count: 1, dismissal_restrictions: {} },
    });
  });

  it('goes where absent, and only that exact pattern', () => {
    const rule = { branch_protection: { 'release/*': { absent: true }, develop: { absent: true } } };
    const result = diff(rule, { branch_protection: { main: live, 'release/*': live } });
    expect(only(result)).toMatchObject({ key: 'release/*', action: 'delete', before: live, after: null });
    expect(result).toMatchObject({ removals: { branch_protection: 1 }, existing: { branch_protection: 2 } });
  });

  it('goes over $default by the default branch’s own name', () => {
    const rule = {
      branch_protection: {
        main: { lock_branch: true },
        $default: { lock_branch: false, enforce_admins: true },
      },
    };
    expect(only(diff(rule))?.after).toMatchObject({ lock_branch: true, enforce_admins: true });
  });

  it('of $default is on the branch that the file makes the default', () => {
    const rule = { settings: { default_branch: 'trunk' }, branch_protection: { $default: {} } };
    expect(steps(diff(rule))).toEqual(['settings', 'protection/trunk']);
  });
});

describe('empty repositories', () => {
  const empty = { empty: true, default_branch: null };
  it('are skipped with a note where only branches and files are wanted', () => {
    const rule = { branch_protection: { $default: {} }, files: [{ path: 'a', from: 't/a' }] };
    const result = diff(rule, empty);
    expect(result).toMatchObject({ item: null, skipped: { item: 'acme/api', reason: 'empty' } });
    expect(result.notes).toEqual([
      'acme/api: protection of $default is left until the repository has a first commit',
      'acme/api: file a is left until the repository has a first commit',
    ]);
  });

  it('are changed in what else is wanted, patterns among it', () => {
    const rule = { topics: ['x'], branch_protection: { $default: {}, 'release/*': {} } };
    const result = diff(rule, empty);
    expect(steps(result)).toEqual(['topics', 'protection/release/*']);
    expect(result.skipped).toBeUndefined();
    expect(result.notes).toHaveLength(1);
  });
});

describe('team permissions', () => {
  it('are changed, given and taken away', () => {
    const result = diff(
      { teams: { core: 'push', web: 'pull', old: 'absent', never: 'absent' } },
      { teams: { core: 'pull', old: 'admin' } },
    );
    expect(
      result.item?.changes.map(({ key, action, before, after }) => [key, action, before, after]),
    ).toEqual([
      ['core', 'update', 'pull', 'push'],
      ['web', 'create', null, 'pull'],
      ['old', 'delete', 'admin', null],
    ]);
    expect(result).toMatchObject({ removals: { team_repository: 1 }, existing: { team_repository: 2 } });
  });

  it('do not take what every object has for a team', () => {
    expect(only(diff({ teams: { constructor: 'push' } }))).toMatchObject({ action: 'create', before: null });
  });
});

describe('labels', () => {
  const bug = { name: 'Bug', color: 'd73a4a', description: null };
  it('are compared by name in any case, and keep the name that is there', () => {
    expect(diff({ labels: [{ name: 'bug', color: 'D73A4A' }] }, { labels: [bug] }).item).toBeNull();
    const change = only(diff({ labels: [{ name: 'bug', description: 'x' }] }, { labels: [bug] }));
    expect(change).toMatchObject({ key: 'Bug', before: bug, after: { ...bug, description: 'x' } });
  });
  it('are made and removed', () => {
    expect(only(diff({ labels: [{ name: 'x' }] }))?.after).toEqual({
      name: 'x',
      color: 'ededed',
      description: null,
    });
    expect(only(diff({ labels: [{ name: 'BUG', absent: true }] }, { labels: [bug] }))).toMatchObject({
      action: 'delete',
      after: null,
    });
  });
});

describe('rulesets', () => {
  const live = {
    id: 3,
    name: 'base',
    target: 'branch',
    enforcement: 'active',
    bypass_actors: [{ actor_id: 1, actor_type: 'OrganizationAdmin', bypass_mode: 'always' }],
    conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
    rules: [
      {
        type: 'pull_request',
        parameters: { required_approving_review_count: 1, require_code_owner_review: false },
      },
      { type: 'deletion' },
    ],
  };
  it.each<[string, JsonObject]>([
    ['the name alone', {}],
    [
      'rules in another order, with part of the parameters',
      {
        rules: [
          { type: 'pull_request', parameters: { required_approving_review_count: 1 } },
          { type: 'deletion' },
        ],
      },
    ],
    ['an administrator without the number', { bypass_actors: [{ actor_type: 'OrganizationAdmin' }] }],
    ['conditions without exclude', { conditions: { ref_name: { include: ['~DEFAULT_BRANCH'] } } }],
  ])('are the same: %s', (_name, part) => {
    expect(diff({ rulesets: [{ name: 'base', ...part }] }, { rulesets: [live] }).item).toBeNull();
  });

  it('keep what the file does not name, without the fields that GitHub adds', () => {
    const rules = [{ type: 'pull_request', parameters: { required_approving_review_count: 2 } }];
    const change = only(diff({ rulesets: [{ name: 'base', rules }] }, { rulesets: [live] }));
    const { id: _id, ...before } = live;
    expect(change?.before).toEqual(before);
    expect(change?.after).toEqual({
      ...before,
      rules: [
        {
          type: 'pull_request',
          parameters: { required_approving_review_count: 2, require_code_owner_review: false },
        },
      ],
    });
  });

  it('are made active, and removed where absent', () => {
    expect(only(diff({ rulesets: [{ name: 'new' }] }))?.after).toEqual({
      name: 'new',
      target: 'branch',
      enforcement: 'active',
      bypass_actors: [],
      conditions: null,
      rules: [],
    });
    expect(only(diff({ rulesets: [{ name: 'base', absent: true }] }, { rulesets: [live] }))).toMatchObject({
      action: 'delete',
    });
  });
});

describe('files', () => {
  const wanted = (via: string): JsonObject => ({ files: [{ path: 'a', from: 't/a', via }] });
  it('are compared by content', () => {
    expect(diff(wanted('commit'), { files: { a: { sha: SHA_A } } }).item).toBeNull();
    expect(only(diff(wanted('commit'), { files: { a: { sha: SHA_B } } }))).toEqual({
      step: 'files/a',
      kind: 'file',
      key: 'a',
      action: 'update',
      via: 'commit',
      before: { sha: SHA_B },
      after: { sha: SHA_A, from: 't/a' },
    });
    expect(only(diff(wanted('commit'), { files: { a: null } }))).toMatchObject({
      action: 'create',
      before: null,
    });
  });

  it('are proposed once', () => {
    const files = { a: { sha: SHA_B } };
    expect(only(diff(wanted('pull_request'), { files }))).toMatchObject({
      action: 'update',
      via: 'pull_request',
      before: null,
      after: { sha: SHA_A },
    });
    const proposed = diff(wanted('pull_request'), { files, proposals: { a: { number: 12, sha: SHA_A } } });
    expect(proposed.item).toBeNull();
    expect(proposed.notes).toEqual(['acme/api: file a is proposed in pull request #12']);
    expect(
      only(diff(wanted('pull_request'), { files, proposals: { a: { number: 12, sha: SHA_B } } })),
    ).toMatchObject({ before: { sha: SHA_B } });
  });

  it('are removed by commit, or by a proposal that has no blob', () => {
    const gone = (via: string) => ({ files: [{ path: 'a', absent: true, via }] });
    const files = { a: { sha: SHA_A } };
    expect(only(diff(gone('commit'), { files }))).toMatchObject({
      action: 'delete',
      before: { sha: SHA_A },
      after: null,
    });
    const result = diff(gone('pull_request'), { files });
    expect(only(result)).toMatchObject({ action: 'delete', before: null, after: { sha: null } });
    expect(result).toMatchObject({ removals: { file: 1 }, existing: { file: 1 } });
    expect(diff(gone('pull_request'), { files, proposals: { a: { number: 1, sha: null } } }).item).toBeNull();
    expect(diff(gone('commit'), { files: { a: null } }).item).toBeNull();
  });
});
