import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client, Deps } from '../../src/cli/deps.js';
import { checkNode } from '../../src/cli/doctor/local.js';
import { ApiError } from '../../src/errors.js';
import { GitHubError } from '../../src/github/errors.js';
import { fakeDeps, orgsaga } from './support/fakes.js';

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'orgsaga-doctor-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const healthy = (more: Partial<Deps> & { client?: Partial<Client> } = {}): Deps =>
  fakeDeps({
    client: { pollers: async () => 2, runs: async () => [] },
    withStore: async () => undefined as never,
    probeGitHub: async () => ({
      rest: { limit: 5_000, used: 1, remaining: 4_999, reset: 1_800_000_000 },
      graphql: { limit: 5_000, used: 1_000, remaining: 4_000, reset: 1_800_000_000 },
    }),
    ...more,
  });

interface Row {
  check: string;
  ok: boolean;
  level: string;
  detail: string;
  hint: string | null;
}

async function doctor(
  deps: Deps,
  env: Record<string, string> = {},
): Promise<{ code: number; rows: Map<string, Row> }> {
  const { code, stdout } = await orgsaga(['doctor', '--json'], deps, {
    env: { ORGSAGA_HOME: home, GITHUB_TOKEN: 't', ...env },
  });
  return { code, rows: new Map((JSON.parse(stdout) as Row[]).map((row) => [row.check, row])) };
}

describe('doctor', () => {
  it('all is well', async () => {
    const { code, rows } = await doctor(healthy());
    expect(code).toBe(0);
    expect([...rows.keys()]).toEqual([
      'Node.js',
      'configuration',
      'data directory',
      'store',
      'Temporal',
      'search attributes',
      'workers',
      'GitHub',
      'dev server',
    ]);
    expect([...rows.values()].filter(({ ok }) => !ok)).toEqual([]);
    expect(rows.get('GitHub')?.detail).toContain('REST 4999 of 5000 left');
  });

  it('no worker is a warning, with the command', async () => {
    const { code, rows } = await doctor(
      healthy({ client: { pollers: async () => 0, runs: async () => [] } }),
    );
    expect(code).toBe(0);
    expect(rows.get('workers')).toMatchObject({
      ok: true,
      level: 'warn',
      hint: expect.stringContaining('orgsaga worker'),
    });
  });

  it.each<[string, Partial<Deps>, string, number, RegExp]>([
    [
      'no server',
      { connect: () => Promise.reject(new ApiError('nobody at 127.0.0.1:7233', 'no_server')) },
      'Temporal',
      1,
      /orgsaga dev/,
    ],
    [
      'a server that refuses us',
      { connect: () => Promise.reject(new ApiError('no', 'unauthenticated')) },
      'Temporal',
      4,
      /TEMPORAL_API_KEY/,
    ],
    [
      'a store that does not open',
      { withStore: () => Promise.reject(new Error('no space')) },
      'store',
      1,
      /data directory/,
    ],
    [
      'a wrong token',
      {
        probeGitHub: () =>
          Promise.reject(new GitHubError('Bad credentials', { kind: 'unauthenticated', status: 401 })),
      },
      'GitHub',
      4,
      /token/,
    ],
    [
      'no GitHub',
      { probeGitHub: () => Promise.reject(new GitHubError('refused', { kind: 'unknown', status: null })) },
      'GitHub',
      1,
      /GITHUB_API_URL/,
    ],
  ])('%s fails', async (_name, broken, check, exitCode, hint) => {
    const { code, rows } = await doctor(healthy(broken));
    expect(code).toBe(exitCode);
    expect(rows.get(check)).toMatchObject({ ok: false, level: 'fail', hint: expect.stringMatching(hint) });
  });

  it('search attributes that are missing are a warning: a worker registers them', async () => {
    const client = {
      pollers: async () => 1,
      runs: () => Promise.reject(new Error('invalid search attribute')),
    };
    const { code, rows } = await doctor(healthy({ client }));
    expect([code, rows.get('search attributes')?.level]).toEqual([0, 'warn']);
  });

  it('no token at all is a failure of authentication', async () => {
    const { code, rows } = await doctor(healthy(), { GITHUB_TOKEN: '' });
    expect(code).toBe(4);
    expect(rows.get('GitHub')).toMatchObject({ ok: false, hint: expect.stringContaining('GITHUB_TOKEN') });
  });

  it('both kinds of failure at once is exit 1', async () => {
    const lost: Partial<Deps> = { connect: () => Promise.reject(new ApiError('nobody', 'no_server')) };
    expect((await doctor(healthy(lost), { GITHUB_TOKEN: '' })).code).toBe(1);
  });

  it('a data directory that cannot be written fails', async () => {
    const file = join(home, 'a-file');
    await writeFile(file, '');
    const { code, rows } = await doctor(healthy(), { ORGSAGA_HOME: join(file, 'below') });
    expect([code, rows.get('data directory')?.ok]).toEqual([1, false]);
  });

  it('a wrong configuration fails, and what needs none is still checked', async () => {
    const { code, rows } = await doctor(healthy(), { ORGSAGA_LOG_LEVEL: 'loud' });
    expect(code).toBe(1);
    expect([...rows.keys()]).toEqual(['Node.js', 'configuration', 'dev server']);
  });

  it('says it line by line without --json', async () => {
    const { stdout } = await orgsaga(['doctor'], healthy(), {
      env: { ORGSAGA_HOME: home, TEMPORAL_CLI_PATH: '/none' },
    });
    expect(stdout).toMatch(/^ok {4}Node\.js: /m);
    expect(stdout).toMatch(/^fail {2}GitHub: there is no token\n {6}.*GITHUB_TOKEN/m);
    expect(stdout).toMatch(/^warn {2}dev server: .*TEMPORAL_CLI_PATH/m);
  });
});

describe('checkNode', () => {
  it.each([
    ['18.20.0', 'fail'],
    ['20.18.9', 'fail'],
    ['20.19.0', 'ok'],
    ['22.0.0', 'ok'],
  ])('%s: %s', (version, level) => {
    expect(checkNode(version).level).toBe(level);
  });
});
