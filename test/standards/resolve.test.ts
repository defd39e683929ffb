import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkGlob, checkRepositoryName } from '../../src/security/identifiers.js';
import type { JsonObject } from '../../src/standards/model.js';
import { type RepositoryFacts, resolveRepository } from '../../src/standards/resolve.js';
import { organizationOf } from './support.js';

const facts = (over: Partial<RepositoryFacts> = {}): RepositoryFacts => ({
  name: 'api',
  visibility: 'private',
  topics: [],
  archived: false,
  ...over,
});
const resolve = (repositories: JsonObject[], over: Partial<RepositoryFacts> = {}) =>
  resolveRepository(organizationOf({ repositories }), facts(over));

describe('which rules are about a repository', () => {
  it.each<[JsonObject, Partial<RepositoryFacts>, boolean]>([
    [{ match: ['*'] }, {}, true],
    [{ match: ['*'] }, { name: '.github' }, true],
    [{ match: ['api'] }, { name: 'API' }, true],
    [{ match: ['API-*'] }, { name: 'api-x' }, true],
    [{ match: ['ap'] }, {}, false],
    [{ match: ['a?i'] }, {}, true],
    [{ match: ['a.i'] }, {}, false],
    [{ match: ['{api,web}'] }, { name: 'web' }, true],
    [{ match: ['[a-c]pi'] }, {}, true],
    [{ match: ['[!a]*'] }, {}, false],
    [{ match: ['[^b]*'] }, {}, true],
    [{ match: ['web', 'a*'] }, {}, true],
    [{ match: ['*'], exclude: ['legacy-*'] }, { name: 'legacy-x' }, false],
    [{ match: ['*'], exclude: [] }, {}, true],
    [{ match: ['*'], visibility: 'public' }, {}, false],
    [{ match: ['*'], visibility: ['public', 'private'] }, {}, true],
    [{ match: ['*'], with_topics: ['a', 'b'] }, { topics: ['b', 'a', 'c'] }, true],
    [{ match: ['*'], with_topics: ['a', 'b'] }, { topics: ['a'] }, false],
    [{ match: ['*'], archived: false }, { archived: true }, false],
    [{ match: ['*'], archived: true }, { archived: true }, true],
  ])('%j and %j: %s', (rule, over, expected) => {
    expect(resolve([rule], over) !== null).toBe(expected);
  });
});

const asRegExp = (pieces: string[]): RegExp =>
  new RegExp(
    `^${pieces
      .map((one) =>
        one
          .replace(/[.]/g, '\\.')
          .replace(/^\*+$/, '.*')
          .replace(/^\?$/, '.')
          .replace('[!', '[^')
          .replace('{', '(')
          .replace('}', ')')
          .replace(/,/g, '|'),
      )
      .join('')}$`,
    'i',
  );

describe('globs', () => {
  const piece = fc.constantFrom(
    'a',
    'B',
    '.',
    '-',
    '_',
    '1',
    '?',
    '*',
    '**',
    '[ab]',
    '[!a.]',
    '{a,b.}',
    '{,1}',
  );
  const name = fc.array(fc.constantFrom('a', 'b', 'B', '.', '-', '_', '1'), { minLength: 1, maxLength: 6 });
  it('mean what shells mean by them, on any name', () => {
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), name, (pieces, letters) => {
        const [glob, repository] = [pieces.join(''), letters.join('')];
        fc.pre(checkGlob(glob) === null && checkRepositoryName(repository) === null);
        const found = resolve([{ match: [glob] }], { name: repository }) !== null;
        expect([glob, repository, found]).toEqual([glob, repository, asRegExp(pieces).test(repository)]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a later rule', () => {
  it('overrides an earlier one key by key', () => {
    const wanted = resolve([
      {
        match: ['*'],
        settings: { has_wiki: true, has_issues: true },
        topics: ['a', 'b'],
        teams: { core: 'push', web: 'pull' },
        labels: [{ name: 'Bug', color: 'ffffff' }, { name: 'docs' }],
        files: [
          { path: 'a', absent: true },
          { path: 'b', absent: true },
        ],
        rulesets: [{ name: 'base', enforcement: 'active' }, { name: 'tags' }],
      },
      {
        match: ['api'],
        settings: { has_wiki: false },
        topics: [{ name: 'a', absent: true }],
        teams: { core: 'absent' },
        labels: [{ name: 'bug', absent: true }],
        files: [{ path: 'a', absent: true, via: 'commit' }],
        rulesets: [{ name: 'base', absent: true }],
      },
    ]);
    expect(wanted?.settings).toEqual({ has_wiki: false, has_issues: true });
    expect(Object.fromEntries(wanted?.topics ?? [])).toEqual({ a: false, b: true });
    expect(Object.fromEntries(wanted?.teams ?? [])).toEqual({ core: null, web: 'pull' });
    expect(wanted?.labels.get('bug')?.label).toBeNull();
    expect(wanted?.labels.get('docs')?.label).not.toBeNull();
    expect(wanted?.files.get('a')?.via).toBe('commit');
    expect(wanted?.files.get('b')?.via).toBe('pull_request');
    expect(wanted?.rulesets.get('base')).toBeNull();
    expect(wanted?.rulesets.get('tags')).not.toBeNull();
  });

  it('overrides inside a protection, its checks and its reviews', () => {
    const wanted = resolve([
      {
        match: ['*'],
        branch_protection: {
          $default: {
            enforce_admins: true,
            lock_branch: true,
            required_status_checks: { strict: true, contexts: ['ci'] },
            required_pull_request_reviews: { required_approving_review_count: 2 },
          },
          develop: { enforce_admins: true },
        },
      },
      {
        match: ['api'],
        branch_protection: {
          $default: {
            lock_branch: false,
            required_status_checks: { checks: [{ context: 'e2e', app_id: 1 }] },
            required_pull_request_reviews: { dismiss_stale_reviews: true },
          },
          develop: { absent: true },
        },
      },
    ]);
    expect(wanted?.branch_protection.get('$default')).toEqual({
      enforce_admins: true,
      lock_branch: false,
      required_status_checks: { strict: true, checks: [{ context: 'e2e', app_id: 1 }] },
      required_pull_request_reviews: { required_approving_review_count: 2, dismiss_stale_reviews: true },
    });
    expect(wanted?.branch_protection.get('develop')).toBeNull();
  });

  it('begins a protection anew that an earlier one removes', () => {
    const wanted = resolve([
      { match: ['*'], branch_protection: { main: { enforce_admins: true } } },
      { match: ['a*'], branch_protection: { main: { absent: true } } },
      { match: ['api'], branch_protection: { main: { lock_branch: true } } },
    ]);
    expect(wanted?.branch_protection.get('main')).toEqual({ lock_branch: true });
  });

  it('wins, whatever the order of writing: the last rule that names a key says its value', () => {
    const rule = fc.record({
      match: fc.constantFrom(['*'], ['api'], ['web']),
      settings: fc.record({ has_wiki: fc.boolean(), has_issues: fc.boolean() }, { requiredKeys: [] }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(rule, { maxLength: 3, selector: ({ match }) => match[0] }), (rules) => {
        const about = rules.filter(({ match }) => match[0] !== 'web');
        const wanted = resolve(rules as unknown as JsonObject[]);
        expect(wanted === null).toBe(about.length === 0);
        for (const key of ['has_wiki', 'has_issues'] as const)
          expect(wanted?.settings[key]).toBe(
            about.findLast(({ settings }) => key in settings)?.settings[key],
          );
      }),
    );
  });
});
