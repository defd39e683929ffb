import { describe, expect, it } from 'vitest';
import type { RepositoryDiff } from '../../src/standards/diff.js';
import type { JsonObject } from '../../src/standards/model.js';
import { normalizeProtection } from '../../src/standards/protection.js';
import { diffOf, onlyChange } from './support.js';

const steps = (result: RepositoryDiff) => result.item?.changes.map(({ step }) => step) ?? [];

describe('settings', () => {
  it('are changed in the fields that differ, and the target is pinned', () => {
    const rule = { settings: { has_wiki: false, has_issues: true, visibility: 'private' } };
    const result = diffOf(rule, { settings: { has_wiki: true, has_issues: true, visibility: 'private' } });
    expect(onlyChange(result)).toEqual({
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
    expect(diffOf({ settings: { description: '' } }, { settings: { description: null } }).item).toBeNull();
    expect(diffOf({ settings: { homepage: null } }, { settings: { homepage: '' } }).item).toBeNull();
  });
});

describe('archived repositories', () => {
  it('are skipped', () => {
    const result = diffOf(
      { settings: { has_wiki: false } },
      { archived: true, settings: { has_wiki: true } },
    );
    expect(result).toMatchObject({
      item: null,
      skipped: { item: 'acme/api', reason: 'archived' },
      removals: {},
    });
  });

  it('are in order where the file wants them archived and all else is right', () => {
    expect(diffOf({ settings: { archived: true } }, { archived: true })).toMatchObject({ item: null });
    expect(diffOf({ settings: { archived: true } }, { archived: true }).skipped).toBeUndefined();
  });

  it('are opened first where the file says so', () => {
    const result = diffOf(
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
    expect(steps(diffOf(rule))).toEqual([
      'files/a',
      'settings',
      'topics',
      'teams/core',
      'files/b',
      'archived',
    ]);
  });
});

describe('topics', () => {
  it('are added to those that are there and removed where absent', () => {
    const rule = { topics: ['managed', { name: 'old', absent: true }, { name: 'gone', absent: true }] };
    const result = diffOf(rule, { topics: ['web', 'old'] });
    expect(onlyChange(result)).toMatchObject({
      before: ['web', 'old'],
      after: ['managed', 'web'],
      action: 'update',
    });
    expect(result).toMatchObject({ removals: { topics: 1 }, existing: { topics: 2 } });
    expect(diffOf(rule, { topics: ['managed', 'web'] }).item).toBeNull();
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
      diffOf({ branch_protection: { $default: body } }, { branch_protection: { main: live } }).item,
    ).toBeNull();
  });

  it('keeps what the file does not name', () => {
    const rule = {
      branch_protection: {
        $default: { enforce_admins: false, required_pull_request_reviews: { dismiss_stale_reviews: true } },
      },
    };
    const change = onlyChange(diffOf(rule, { branch_protection: { main: live } }));
    expect(change).toMatchObject({ step: 'protection/main', key: 'main', action: 'update', before: live });
    expect(change.after).toEqual({
      ...live,
      enforce_admins: false,
      required_pull_request_reviews: {
        ...(live['required_pull_request_reviews'] as JsonObject),
        dismiss_stale_reviews: true,
      },
    });
  });

  it('is made whole where there is none', () => {
    const change = onlyChange(diffOf({ branch_protection: { main: { required_pull_request_reviews: {} } } }));
    expect(change).toMatchObject({ action: 'create', before: null });
    expect(change.after).toMatchObject({
      required_status_checks: null,
      restrictions: null,
      enforce_admins: false,
      required_pull_request_reviews: { required_approving_review_count: 1, dismissal_restrictions: {} },
    });
  });

  it('goes where absent, and only that exact pattern', () => {
    const rule = { branch_protection: { 'release/*': { absent: true }, develop: { absent: true } } };
    const result = diffOf(rule, { branch_protection: { main: live, 'release/*': live } });
    expect(onlyChange(result)).toMatchObject({
      key: 'release/*',
      action: 'delete',
      before: live,
      after: null,
    });
    expect(result).toMatchObject({ removals: { branch_protection: 1 }, existing: { branch_protection: 2 } });
  });

  it('goes over $default by the default branch’s own name', () => {
    const rule = {
      branch_protection: {
        main: { lock_branch: true },
        $default: { lock_branch: false, enforce_admins: true },
      },
    };
    expect(onlyChange(diffOf(rule)).after).toMatchObject({ lock_branch: true, enforce_admins: true });
  });

  it('of $default is on the branch that the file makes the default', () => {
    const rule = { settings: { default_branch: 'trunk' }, branch_protection: { $default: {} } };
    expect(steps(diffOf(rule))).toEqual(['settings', 'protection/trunk']);
  });
});

describe('empty repositories', () => {
  const empty = { empty: true, default_branch: null };
  it('are skipped with a note where only branches and files are wanted', () => {
    const rule = { branch_protection: { $default: {} }, files: [{ path: 'a', from: 't/a' }] };
    const result = diffOf(rule, empty);
    expect(result).toMatchObject({ item: null, skipped: { item: 'acme/api', reason: 'empty' } });
    expect(result.notes).toEqual([
      'acme/api: protection of $default is left until the repository has a first commit',
      'acme/api: file a is left until the repository has a first commit',
    ]);
  });

  it('are changed in what else is wanted, patterns among it', () => {
    const rule = { topics: ['x'], branch_protection: { $default: {}, 'release/*': {} } };
    const result = diffOf(rule, empty);
    expect(steps(result)).toEqual(['topics', 'protection/release/*']);
    expect(result.skipped).toBeUndefined();
    expect(result.notes).toHaveLength(1);
  });
});
