import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realDeps } from '../../src/cli/real-deps.js';
import { type SimulatedGitHub, startSimulatedGitHub } from '../../src/dev/github/index.js';
import { orgsaga } from './support/fakes.js';

const STANDARDS = `version: 1
organizations:
  - login: acme
    repositories: [{ match: ['*'], settings: { has_wiki: false } }]
`;

interface Planned {
  items: unknown[];
  requests: { rest: number; graphql: number };
  cache: { cache_hits: number; cache_misses: number; revalidations: number };
}

describe('plan again', () => {
  let home = '';
  let github: SimulatedGitHub;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'orgsaga-'));
    await writeFile(join(home, 'standards.yaml'), STANDARDS);
    const repositories = ['api', 'web', 'docs'].map((name) => ({ name }));
    github = await startSimulatedGitHub({ seed: [{ login: 'acme', repositories }], limits: 'documented' });
  });
  afterEach(async () => {
    await github.close();
    await rm(home, { recursive: true, force: true });
  });

  const command = (args: readonly string[], more: Record<string, string> = {}) =>
    orgsaga(args, realDeps, {
      env: { ORGSAGA_HOME: home, GITHUB_API_URL: github.url, GITHUB_TOKEN: 'a-token', ...more },
    });
  const plan = async (...flags: string[]): Promise<Planned> => {
    const { stdout } = await command(['plan', '-f', join(home, 'standards.yaml'), '--json', ...flags]);
    return JSON.parse(stdout) as Planned;
  };
  const status = async (more: Record<string, string> = {}) => {
    const { stdout } = await command(['github', 'status', '--json'], more);
    return JSON.parse(stdout) as { limits: { core: { used: number } }[]; cache: object[] };
  };
  const rightWiki = () =>
    fetch(`${github.url}/repos/acme/api`, {
      method: 'PATCH',
      headers: { authorization: 'bearer another' },
      body: JSON.stringify({ has_wiki: false }),
    });

  it('by REST is free, also for the next process, and shows at once what has changed', async () => {
    const first = await plan('--no-graphql');
    expect(first.items).toHaveLength(3);
    const before = await status();
    const again = await plan('--no-graphql');
    expect(again.requests).toEqual(first.requests);
    expect(again.cache).toEqual({ cache_hits: 0, cache_misses: 0, revalidations: again.requests.rest });
    const after = await status();
    expect(after.limits[0]?.core.used).toBe(before.limits[0]?.core.used);
    expect(after.cache).toMatchObject([
      { token: 'default', calls_saved: expect.any(Number), revalidations: expect.any(Number) },
    ]);
    await rightWiki();
    expect((await plan('--no-graphql')).items).toHaveLength(2);
  });

  it.each([[['--no-graphql']], [[]]])('with --cache asks nothing that is recent (%j)', async (flags) => {
    await plan('--cache', ...flags);
    await rightWiki();
    const again = await plan('--cache', ...flags);
    expect(again.requests).toEqual({ rest: 0, graphql: 0, mutating: 0 });
    expect(again.items).toHaveLength(3);
    expect((await plan(...flags)).items).toHaveLength(2);
  });

  it('has answers for its own token only', async () => {
    await plan('--cache');
    const other = await status({ GITHUB_TOKEN: 'another' });
    expect(other.cache).toMatchObject([{ cache_size: 0, cache_misses: 0 }]);
  });

  it('goes on where the answers cannot be kept, and says so', async () => {
    await writeFile(join(home, 'github'), 'in the way');
    const ran = await command(['plan', '-f', join(home, 'standards.yaml')]);
    expect([ran.code, ran.stderr]).toEqual([
      7,
      expect.stringMatching(/the answers could not be kept for the next time: (EEXIST|ENOTDIR)/),
    ]);
  });
});
