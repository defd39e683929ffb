import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkBranchName,
  checkBranchPattern,
  checkColor,
  checkGlob,
  checkLabelName,
  checkLogin,
  checkOrganizationLogin,
  checkPath,
  checkRepositoryName,
  checkTeamSlug,
  checkTemplatePath,
  checkTopic,
  isExactName,
  teamSlug,
} from '../../src/security/identifiers.js';

interface Case {
  check: (value: string) => string | null;
  good: string[];
  bad: string[];
}

const cases: Record<string, Case> = {
  organisation: {
    check: checkOrganizationLogin,
    good: ['acme', 'a', 'A-1', 'a-b-c', 'x'.repeat(39)],
    bad: ['', '-a', 'a-', 'a--b', 'a_b', 'a.b', 'x'.repeat(40), 'a b', 'é', "acme'; drop table x", 'a\n'],
  },
  login: {
    check: checkLogin,
    good: ['ada', 'ada-l', 'ada_corp'],
    bad: ['ada_', '_corp', 'a__b', 'ada_-', 'x'.repeat(40)],
  },
  repository: {
    check: checkRepositoryName,
    good: ['api', '.github', 'a.b_c-d', '-', 'x'.repeat(100), 'gitx', 'a.gitignore'],
    bad: ['', '.', '..', 'a.git', 'A.GIT', '.git', 'x'.repeat(101), 'a b', 'a/b', 'a*', 'ü', 'a\u0000'],
  },
  team: {
    check: checkTeamSlug,
    good: ['core', 'a_b', 'a-b', '1', '_x'],
    bad: ['', 'Core', 'a b', 'a--b', '-a', 'a-', 'ä', 'a/b', 'x'.repeat(256)],
  },
  branch: {
    check: checkBranchName,
    good: ['main', 'release/1.0', 'a@b', 'ü', 'a-', '1'],
    bad: [
      '',
      '-a',
      'a b',
      'a..b',
      '/a',
      'a/',
      'a//b',
      '.a',
      'a/.b',
      'a.lock',
      'a.lock/b',
      'a.',
      '@',
      'a@{b',
      'a~b',
      'a^',
      'a:b',
      'a?',
      'a*',
      'a[',
      'a\\b',
      'HEAD',
      'refs/heads/a',
      'a\u007f',
      'x'.repeat(256),
      '0'.repeat(40),
    ],
  },
  pattern: {
    check: checkBranchPattern,
    good: ['$default', 'main', 'release/*', '**/x', 'v[0-9]', 'a?'],
    bad: ['', 'a[', 'release/ *', 'a..*', '[]x', '*.lock/*'],
  },
  topic: {
    check: checkTopic,
    good: ['managed', 'a-1', '1', 'x'.repeat(50)],
    bad: ['', 'Managed', '-a', 'a b', 'a_b', 'x'.repeat(51), 'é'],
  },
  label: {
    check: checkLabelName,
    good: ['bug', 'type: bug', 'good first issue', '🐛', '🐛'.repeat(50)],
    bad: ['', ' bug', 'bug ', 'a\nb', 'x'.repeat(51)],
  },
  colour: { check: checkColor, good: ['d73a4a', 'FFFFFF'], bad: ['', '#d73a4a', 'fff', 'gggggg', 'd73a4a0'] },
  path: {
    check: checkPath,
    good: ['README.md', '.github/CODEOWNERS', 'a/b c/ü', '.gitignore', '...', 'a%20b'],
    bad: [
      '',
      '/a',
      '../a',
      'a/../b',
      'a/..',
      './a',
      'a//b',
      'a/',
      'a\\b',
      'C:/a',
      '~/a',
      '.git/config',
      'a/.GIT/x',
      'git~1/x',
      '.git./x',
      '%2e%2e/a',
      'a%2fb',
      'a\u0000b',
    ],
  },
  template: {
    check: checkTemplatePath,
    good: ['templates/x', '.git'],
    bad: ['..', '../x', '/etc/passwd', 'a/../../b', 'x%2F..'],
  },
  glob: {
    check: checkGlob,
    good: ['*', 'api', 'api-*', '*-{api,web}', 'v[0-9]', '[!a]*', '.github', 'a?c', '***'],
    bad: [
      '',
      '!a',
      'a/b',
      '[a',
      'a]',
      '{a',
      'a}',
      '{a}',
      '{1..3}',
      '[]',
      '[z-a]',
      '{a,[b]}',
      'a b',
      '*a*a*a*a*a',
      '(a|b)',
      'a!b',
      'api.git',
      'a\\*',
    ],
  },
};

describe('identifiers', () => {
  for (const [name, { check, good, bad }] of Object.entries(cases)) {
    it.each(good)(`${name} %j is fine`, (value) => expect(check(value)).toBeNull());
    it.each(bad)(`${name} %j is refused with a reason`, (value) => expect(check(value)).toMatch(/\w/));
  }

  it('agrees with git on branch names', () => {
    const part = fc.constantFrom(
      'a',
      'B',
      '.',
      '/',
      '..',
      '.lock',
      '@',
      '{',
      '-',
      '~',
      ' ',
      '*',
      '[',
      '\\',
      '^',
      ':',
      'ü',
      '\t',
    );
    const names = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(names, { minLength: 20, maxLength: 20 }), (batch) => {
        for (const name of batch) {
          // As a branch git takes these for options and for HEAD, which the plain check does not see.
          if (name.startsWith('-') || name === '@') continue;
          let git = true;
          try {
            execFileSync('git', ['check-ref-format', `refs/heads/${name}`], { stdio: 'ignore' });
          } catch {
            git = false;
          }
          expect([name, checkBranchName(name) === null]).toEqual([name, git]);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('gives slugs that it takes itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (name) => {
        const slug = teamSlug(name);
        if (slug !== '') expect(checkTeamSlug(slug)).toBeNull();
        expect(teamSlug(slug)).toBe(slug);
      }),
    );
    expect(teamSlug('My TEam Näme')).toBe('my-team-name');
  });

  it('takes every repository name as an exact glob', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9._-]{1,100}$/), (name) => {
        expect(isExactName(name)).toBe(true);
        expect(checkGlob(name)).toBe(checkRepositoryName(name));
      }),
    );
  });

  it('never lets a path leave its folder', () => {
    const part = fc.constantFrom('..', '.', 'a', '', 'b c', '...', '..a');
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        if (checkPath(parts.join('/')) !== null) return;
        expect(new URL(parts.map(encodeURIComponent).join('/'), 'http://x/root/').pathname).toMatch(
          /^\/root\/./,
        );
      }),
    );
  });

  it.each(Object.entries(cases))('%s is judged in linear time', (_name, { check }) => {
    const started = performance.now();
    for (const unit of ['a', '-', '/', '[', '{', '*', '..', 'a-', ' ']) check(unit.repeat(100_000));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
