import { describe, expect, it } from 'vitest';
import { parseStandards } from '../../src/standards/parse.js';
import { FAKE_TOKEN } from './support.js';
import { inOrganization, inRule, problemsOf } from './texts.js';

describe('parseStandards', () => {
  it('says not valid YAML with the place', () => {
    const [problem] = problemsOf('version: 1\norganizations: [\n');
    expect(problem).toMatchObject({
      file: 'standards.yaml',
      line: 3,
      message: expect.stringContaining('not valid YAML') as string,
    });
  });

  it('never shows a credential, wherever it stands', () => {
    const places = [
      inOrganization(`${FAKE_TOKEN}: 1`),
      inRule(`topics: ["${FAKE_TOKEN}"]`),
      inRule(`teams: { ${FAKE_TOKEN}: push }`),
      inOrganization(`on_failure: ${FAKE_TOKEN}`),
      `version: ${FAKE_TOKEN}\n`,
    ];
    for (const text of places) {
      const problems = problemsOf(text);
      expect(problems.length).toBeGreaterThan(0);
      expect(JSON.stringify(problems)).not.toContain(FAKE_TOKEN.slice(4, 12));
    }
  });

  it('gives paths as well as places', () => {
    const [problem] = problemsOf(inRule('branch_protection: { release/*: { enforce_admins: 1 } }'));
    expect(problem?.path).toBe(
      'organizations[0].repositories[0].branch_protection["release/*"].enforce_admins',
    );
  });

  it('fills in defaults and lower-cases colours', () => {
    const file = parseStandards(
      inRule('labels: [{ name: x, color: D73A4A }]', 'files: [{ path: a, from: b }]', 'visibility: private'),
      'f',
    );
    expect(file.organizations[0]).toMatchObject({
      settings: {},
      teams: [],
      rulesets: [],
      on_failure: 'rollback',
      approval: 'none',
      repositories: [
        { labels: [{ color: 'd73a4a' }], files: [{ via: 'pull_request' }], visibility: ['private'] },
      ],
    });
  });

  it('takes anchors and merge keys, and finds places behind them', () => {
    const text = inOrganization(
      'repositories:',
      '  - match: [a]',
      '    settings: &base',
      '      has_wiki: false',
      '  - match: [b]',
      '    settings: { <<: *base, has_issues: true }',
    );
    expect(parseStandards(text, 'f').organizations[0]?.repositories[1]?.settings).toEqual({
      has_wiki: false,
      has_issues: true,
    });
    const [problem] = problemsOf(text.replace('has_wiki: false', 'has_wiki: never'));
    expect(problem).toMatchObject({ line: 7 });
  });

  it('refuses aliases that would make a small file huge, and nesting without end', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'
        .split('')
        .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`),
    ].join('\n');
    expect(problemsOf(bomb)).toHaveLength(1);
    const wide = `a: &a "${'x'.repeat(20_000)}"\nb: [${Array(90).fill('*a').join(',')}]\n`;
    expect(problemsOf(wide).map(({ message }) => message)).toEqual([
      'standards.yaml:1:1: larger than 1 MiB when its aliases are resolved',
    ]);
    expect(problemsOf('['.repeat(100_000))).not.toEqual([]);
    const circle = problemsOf('organizations: &a [*a]\n').map(({ message }) => message);
    expect(circle).toEqual(['standards.yaml:1:1: nested too deeply to be read']);
  });

  it('refuses a name that an object would lose', () => {
    const problems = problemsOf(inRule('teams: { __proto__: push }')).map(({ message }) => message);
    expect(problems).toEqual([
      expect.stringMatching(/^standards\.yaml:\d+:\d+: __proto__ cannot be a name here$/),
    ]);
  });

  it('reads its own output again unchanged', () => {
    const file = parseStandards(
      inRule('labels: [{ name: x, color: D73A4A }]', 'visibility: private', 'topics: [a]'),
      'f',
    );
    expect(parseStandards(JSON.stringify(file), 'f')).toEqual(file);
  });
});
