import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/standards/model.js';
import { diffOf, onlyChange } from './support.js';

/** Blob shas of `a\n` and `b\n`, by git hash-object. */
const SHA_A = '78981922613b2afb6025042ff6bd878ac1994e85';
const SHA_B = '61780798228d17af2d34fce4cfbdf35556832472';

describe('team permissions', () => {
  it('are changed, given and taken away', () => {
    const result = diffOf(
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
    expect(onlyChange(diffOf({ teams: { constructor: 'push' } }))).toMatchObject({
      action: 'create',
      before: null,
    });
  });
});

describe('labels', () => {
  const bug = { name: 'Bug', color: 'd73a4a', description: null };
  it('are compared by name in any case, and keep the name that is there', () => {
    expect(diffOf({ labels: [{ name: 'bug', color: 'D73A4A' }] }, { labels: [bug] }).item).toBeNull();
    const change = onlyChange(diffOf({ labels: [{ name: 'bug', description: 'x' }] }, { labels: [bug] }));
    expect(change).toMatchObject({ key: 'Bug', before: bug, after: { ...bug, description: 'x' } });
  });
  it('are made and removed', () => {
    expect(onlyChange(diffOf({ labels: [{ name: 'x' }] })).after).toEqual({
      name: 'x',
      color: 'ededed',
      description: null,
    });
    expect(onlyChange(diffOf({ labels: [{ name: 'BUG', absent: true }] }, { labels: [bug] }))).toMatchObject({
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
    expect(diffOf({ rulesets: [{ name: 'base', ...part }] }, { rulesets: [live] }).item).toBeNull();
  });

  it('keep what the file does not name, without the fields that GitHub adds', () => {
    const rules = [{ type: 'pull_request', parameters: { required_approving_review_count: 2 } }];
    const change = onlyChange(diffOf({ rulesets: [{ name: 'base', rules }] }, { rulesets: [live] }));
    const { id: _id, ...before } = live;
    expect(change.before).toEqual(before);
    expect(change.after).toEqual({
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
    expect(onlyChange(diffOf({ rulesets: [{ name: 'new' }] })).after).toEqual({
      name: 'new',
      target: 'branch',
      enforcement: 'active',
      bypass_actors: [],
      conditions: null,
      rules: [],
    });
    expect(
      onlyChange(diffOf({ rulesets: [{ name: 'base', absent: true }] }, { rulesets: [live] })),
    ).toMatchObject({
      action: 'delete',
    });
  });
});

const wanted = (via: string): JsonObject => ({ files: [{ path: 'a', from: 't/a', via }] });

const gone = (via: string) => ({ files: [{ path: 'a', absent: true, via }] });

describe('files', () => {
  it('are compared by content', () => {
    expect(diffOf(wanted('commit'), { files: { a: { sha: SHA_A } } }).item).toBeNull();
    expect(onlyChange(diffOf(wanted('commit'), { files: { a: { sha: SHA_B } } }))).toEqual({
      step: 'files/a',
      kind: 'file',
      key: 'a',
      action: 'update',
      via: 'commit',
      before: { sha: SHA_B },
      after: { sha: SHA_A, from: 't/a' },
    });
    expect(onlyChange(diffOf(wanted('commit'), { files: { a: null } }))).toMatchObject({
      action: 'create',
      before: null,
    });
  });

  it('are proposed once', () => {
    const files = { a: { sha: SHA_B } };
    expect(onlyChange(diffOf(wanted('pull_request'), { files }))).toMatchObject({
      action: 'update',
      via: 'pull_request',
      before: null,
      after: { sha: SHA_A },
    });
    const proposed = diffOf(wanted('pull_request'), { files, proposals: { a: { number: 12, sha: SHA_A } } });
    expect(proposed.item).toBeNull();
    expect(proposed.notes).toEqual(['acme/api: file a is proposed in pull request #12']);
    expect(
      onlyChange(diffOf(wanted('pull_request'), { files, proposals: { a: { number: 12, sha: SHA_B } } })),
    ).toMatchObject({ before: { sha: SHA_B } });
  });

  it('are removed by commit, or by a proposal that has no blob', () => {
    const files = { a: { sha: SHA_A } };
    expect(onlyChange(diffOf(gone('commit'), { files }))).toMatchObject({
      action: 'delete',
      before: { sha: SHA_A },
      after: null,
    });
    const result = diffOf(gone('pull_request'), { files });
    expect(onlyChange(result)).toMatchObject({ action: 'delete', before: null, after: { sha: null } });
    expect(result).toMatchObject({ removals: { file: 1 }, existing: { file: 1 } });
    expect(
      diffOf(gone('pull_request'), { files, proposals: { a: { number: 1, sha: null } } }).item,
    ).toBeNull();
    expect(diffOf(gone('commit'), { files: { a: null } }).item).toBeNull();
  });
});
