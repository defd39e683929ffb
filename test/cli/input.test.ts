import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { costJson } from '../../src/cli/reading-cost.js';
import { loadStandards } from '../../src/standards/load.js';
import type { OrganizationState } from '../../src/standards/model.js';
import { COST, fakeDeps, orgsaga, readingBy } from './support/fakes.js';
import { loadedStandards } from './support/standards.js';

const TOKEN = { env: { GITHUB_TOKEN: 'a-token' } };
const FILE = ['-f', 'standards.yaml'];

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orgsaga-cli-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function fileWith(text: string): Promise<string> {
  const file = join(directory, 'standards.yaml');
  await writeFile(file, text);
  return file;
}

const validateStandards: Deps['validateStandards'] = async () => [
  {
    layer: 'credential',
    rule: 'github_token',
    path: ['organizations', 0, 'login'],
    line: 1,
    message: 'this value holds a credential',
  },
];

describe('validate', () => {
  const deps = fakeDeps({ loadStandards });

  it('says that a file is valid, without network or configuration', async () => {
    const file = await fileWith(
      'version: 1\norganizations:\n  - login: acme\n    repositories: [{ match: ["*"], topics: [managed] }]\n',
    );
    const { code, stdout } = await orgsaga(['validate', '-f', file, '--json'], deps, {
      env: { ORGSAGA_LOG_LEVEL: 'wrong' },
    });
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      {
        valid: true,
        file,
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        organizations: [{ login: 'acme', rules: 1, teams: 0 }],
      },
    ]);
  });

  it.each([
    [
      'an unknown key',
      'version: 1\norganizations:\n  - login: acme\n    setings: {}\n',
      /standards\.yaml:4:5: .*setings.*settings/,
    ],
    [
      'a wrong type',
      'version: 1\norganizations:\n  - login: acme\n    repositories: [{ match: ["*"], settings: { has_wiki: 7 } }]\n',
      /standards\.yaml:4:\d+: has_wiki: .*true or false/,
    ],
    ['an empty file', '', /standards\.yaml/],
  ])('%s: exit 2 with the place, stdout empty', async (_name, text, message) => {
    for (const json of [[], ['--json']]) {
      const { code, stdout, stderr } = await orgsaga(['validate', '-f', await fileWith(text), ...json], deps);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(message);
    }
  });

  it('a file that is not there: exit 2, and how to make one', async () => {
    const { code, stderr } = await orgsaga(['validate', '-f', join(directory, 'none.yaml')], deps);
    expect(code).toBe(2);
    expect(stderr).toContain('orgsaga init');
  });

  it('what a later layer finds is exit 2 as well', async () => {
    const found = fakeDeps({ loadStandards: async () => loadedStandards(), validateStandards });
    for (const command of ['validate', 'plan', 'apply']) {
      const { code, stderr } = await orgsaga([command, ...FILE], found);
      expect([code, stderr]).toEqual([
        2,
        'error: standards.yaml: organizations[0].login: this value holds a credential\n',
      ]);
    }
  });
});

describe('init', () => {
  const organization: OrganizationState = {
    login: 'acme',
    id: 1,
    node_id: 'O_1',
    settings: {},
    rulesets: [],
    teams: {},
    childTeams: {},
    teamCount: 0,
    repositoryCount: 0,
    missingLogins: [],
    missingRepositories: [],
  };
  const deps = fakeDeps(readingBy({ readLive: async () => ({ organization, repositories: [] }) }));

  it('prints the file, or writes it, and does not replace one unasked', async () => {
    const printed = await orgsaga(['init', '--org', 'acme'], deps, TOKEN);
    expect(printed.code).toBe(0);
    expect(printed.stdout).toMatch(/^# yaml-language-server: \$schema=/);
    const file = join(directory, 'written.yaml');
    const written = await orgsaga(['init', '--org', 'acme', '-o', file, '--json'], deps, TOKEN);
    const acme = { organization: 'acme', repositories: 0, file };
    expect(JSON.parse(written.stdout)).toEqual({ ...acme, ...costJson(COST) });
    const [schemaLine = '', ...rest] = (await readFile(file, 'utf8')).split('\n');
    expect(rest).toEqual(printed.stdout.split('\n').slice(1));
    const schema = schemaLine.replace('# yaml-language-server: $schema=', '');
    expect(schema).toMatch(/^\.\.?\//);
    expect(JSON.parse(await readFile(resolve(directory, schema), 'utf8'))).toHaveProperty('$schema');
    const again = await orgsaga(['init', '--org', 'acme', '-o', file], deps, TOKEN);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('--force')]);
    expect((await orgsaga(['init', '--org', 'acme', '-o', file, '--force'], deps, TOKEN)).code).toBe(0);
  });

  it('no token: exit 4; a directory that is not there: exit 1', async () => {
    expect((await orgsaga(['init', '--org', 'acme'], deps)).code).toBe(4);
    const { code, stderr } = await orgsaga(
      ['init', '--org', 'acme', '-o', join(directory, 'no', 'f')],
      deps,
      TOKEN,
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining('ENOENT')]);
  });
});
