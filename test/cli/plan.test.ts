import { describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { GitHubError } from '../../src/github/errors.js';
import type { OrganizationPreview } from '../../src/planning.js';
import type { PlannedItem } from '../../src/standards/model.js';
import { fakeDeps, orgsaga, readingBy } from './support/fakes.js';
import { loadedStandards } from './support/standards.js';

const TOKEN = { env: { GITHUB_TOKEN: 'a-token' } };
const FILE = ['-f', 'standards.yaml'];

const target = { owner: 'acme', name: 'api', id: 1, node_id: 'R_1', default_branch: 'main' };
const item: PlannedItem = {
  item: 'acme/api',
  kind: 'repository',
  target,
  changes: [
    {
      step: 'settings',
      kind: 'repository_settings',
      key: '',
      action: 'update',
      before: { has_wiki: true },
      after: { has_wiki: false },
    },
  ],
};
const part = (more: Partial<OrganizationPreview> = {}): OrganizationPreview => ({
  organization: 'acme',
  before: [],
  repositories: [],
  after: [],
  skipped: [],
  notes: [],
  problems: [],
  removals: [],
  total: 2,
  read: 2,
  failure: null,
  ...more,
});
const planning = (...parts: OrganizationPreview[]): Deps =>
  fakeDeps({
    loadStandards: async () => loadedStandards(),
    ...readingBy({
      async *plan() {
        yield* parts;
      },
    }),
  });
const failing = (error: Error): Deps =>
  fakeDeps({
    loadStandards: async () => loadedStandards(),
    ...readingBy({
      plan: () => {
        throw error;
      },
    }),
  });

describe('plan', () => {
  it('nothing to change: exit 0', async () => {
    const { code, stdout, stderr } = await orgsaga(['plan', ...FILE, '--json'], planning(part()), TOKEN);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ repositories: 2, items: [], skipped: [], notes: [] });
    expect(stderr).toContain('Nothing to change');
  });

  it('changes: exit 7, field by field', async () => {
    const before = [{ ...item, item: 'acme/settings' }];
    const second = { ...item, item: 'acme/web' };
    const after = [{ ...item, item: 'acme/teams/x' }];
    const deps = planning(
      part({ before, repositories: [item], after, read: 1 }),
      part({ before, repositories: [item, second], after }),
    );
    const text = await orgsaga(['plan', ...FILE], deps, TOKEN);
    expect(text.code).toBe(7);
    const heads = [...text.stdout.matchAll(/^~ (\S+)$/gm)].map(([, name]) => name);
    expect(heads).toEqual(['acme/settings', 'acme/api', 'acme/web', 'acme/teams/x']);
    expect(text.stdout).toContain('has_wiki: true -> false');
    expect(text.stderr).toContain('4 changes to 4 items; 2 repositories read');
    const json = await orgsaga(['plan', ...FILE, '--json'], deps, TOKEN);
    expect(json.stdout).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(json.stdout)).toMatchObject({
      repositories: 2,
      items: [
        { item: 'acme/settings' },
        {
          organization: 'acme',
          item: 'acme/api',
          action: 'update',
          changes: [{ field: 'has_wiki', before: true, after: false }],
        },
        { item: 'acme/web' },
        { item: 'acme/teams/x' },
      ],
    });
  });

  it('says what is skipped, what there is to note, and what apply would refuse', async () => {
    const more = {
      skipped: [{ item: 'acme/old', reason: 'archived' as const }],
      notes: ['a note'],
      removals: ['would remove 5 of 5 labels'],
    };
    const { stderr } = await orgsaga(
      ['plan', ...FILE],
      planning(part({ repositories: [item], ...more })),
      TOKEN,
    );
    expect(stderr).toContain('skipped  acme/old: archived');
    expect(stderr).toContain('note  a note');
    expect(stderr).toContain('apply would remove 5 of 5 labels');
  });

  it('a team that is not there: exit 2, all problems at once, stdout empty', async () => {
    const deps = planning(
      part({ problems: ['there is no team x', 'there is no user y'], repositories: [item] }),
    );
    expect(await orgsaga(['plan', ...FILE], deps, TOKEN)).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: standards.yaml: there is no team x\nstandards.yaml: there is no user y\n',
    });
  });

  it.each([
    [
      'a wrong token',
      new GitHubError('GET /orgs/acme: Bad credentials', { kind: 'unauthenticated', status: 401 }),
      4,
    ],
    [
      'an organisation that is not there',
      new GitHubError('there is no organisation acme', { kind: 'refused', status: 404 }),
      1,
    ],
  ])('%s', async (_name, error, code) => {
    const ran = await orgsaga(['plan', ...FILE, '--json'], failing(error), TOKEN);
    expect(ran).toEqual({ code, stdout: '', stderr: `error: ${error.message}\n` });
  });

  it('shows the other organisations where one cannot be read, and fails as that one', async () => {
    const failure = new GitHubError('GET /orgs/mute: Bad credentials', {
      kind: 'unauthenticated',
      status: 401,
    });
    const deps = planning(part({ organization: 'mute', read: 0, failure }), part({ repositories: [item] }));
    const text = await orgsaga(['plan', ...FILE], deps, TOKEN);
    expect([text.code, text.stdout]).toEqual([4, expect.stringContaining('acme/api')]);
    expect(text.stderr).toMatch(
      /^1 changes to 1 items.*\n[^]*error: mute could not be read: GET \/orgs\/mute: Bad credentials\n$/,
    );
    const { code, stdout } = await orgsaga(['plan', ...FILE, '--json'], deps, TOKEN);
    expect([code, JSON.parse(stdout)]).toEqual([
      4,
      expect.objectContaining({
        items: [expect.objectContaining({ item: 'acme/api' })],
        unread: [{ organization: 'mute', reason: 'GET /orgs/mute: Bad credentials' }],
      }),
    ]);
  });

  it('no token: exit 4 with the variables to set', async () => {
    const { code, stderr } = await orgsaga(['plan', ...FILE], planning(part()));
    expect([code, stderr]).toEqual([4, expect.stringContaining('GITHUB_TOKEN')]);
  });

  it('a wrong configuration: exit 2 with all that is wrong', async () => {
    const env = { GITHUB_TOKEN: 't', GITHUB_API_URL: 'nonsense', ORGSAGA_LOG_LEVEL: 'loud' };
    const { code, stderr } = await orgsaga(['plan', ...FILE], planning(part()), { env });
    expect(code).toBe(2);
    expect(stderr).toContain('GITHUB_API_URL');
    expect(stderr).toContain('ORGSAGA_LOG_LEVEL');
  });

  it('what nobody foresaw is one message, and its stack only at level debug', async () => {
    const error = new TypeError('x is not a function');
    const { code, stderr } = await orgsaga(['plan', ...FILE], failing(error), TOKEN);
    expect(code).toBe(1);
    expect(stderr).toContain('error: x is not a function\n');
    expect(stderr).not.toMatch(/^\s+at /m);
    const debug = await orgsaga(['plan', ...FILE], failing(error), {
      env: { ...TOKEN.env, ORGSAGA_LOG_LEVEL: 'debug' },
    });
    expect(debug.stderr).toMatch(/^\s+at /m);
  });
});
