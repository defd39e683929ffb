import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byHand } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';
import { reportOf } from '../support/trial.js';

const PATH = 'SECURITY.md';
const MERGED = { changed: ['proposal #1 was merged; revert it by hand'] };

const seed = (login: string) => ({
  login,
  teams: [{ name: 'ops', description: 'Before' }],
  repositories: ['api', 'web'].map((name) => ({
    name,
    settings: { has_wiki: true },
    files: { 'README.md': name },
  })),
});

const standards = (login: string): string => `version: 1
organizations:
  - login: ${login}
    teams: [{ slug: ops, description: After }]
    repositories:
      - match: ['*']
        settings: { has_wiki: false }
        files: [{ path: ${PATH}, from: templates/SECURITY.md, via: pull_request }]
`;

const merged = (login: string) => ({ item: `${login}/api`, field: '', found: MERGED });

describe('a proposal that somebody has merged', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ seed: ['graph', 'stopped'].map(seed) });
    mkdirSync(join(system.directory, 'templates'));
    writeFileSync(join(system.directory, 'templates', 'SECURITY.md'), 'Write to security@example.com\n');
  });
  afterAll(() => system?.stop());

  const apply = (login: string, ...flags: string[]) => {
    const file = system.write(`${login}.yaml`, standards(login));
    return system.orgsaga(['apply', '-f', file, '--yes', '--json', ...flags]);
  };
  const rollBack = (run: string, ...flags: string[]) =>
    system.orgsaga(['rollback', run, '--yes', '--json', ...flags]);
  /** Somebody merges the proposal to one repository, and closes the one to the other. */
  const decide = async (login: string): Promise<void> => {
    await byHand(system, 'PUT', `/repos/${login}/api/pulls/1/merge`, {});
    await byHand(system, 'PATCH', `/repos/${login}/web/pulls/1`, { state: 'closed' });
  };
  const wikis = (login: string) =>
    Object.values(system.dump(login).repositories).map(({ settings }) => settings['has_wiki']);

  it('stays and is told when the run is rolled back, with --force too, until it is reverted', async () => {
    const { run } = reportOf(await apply('graph'), 0);
    await decide('graph');
    for (const force of [[], ['--force']]) {
      expect(reportOf(await rollBack(run, ...force), 5)).toMatchObject({
        state: 'Committed',
        conflicts: [{ ...merged('graph'), stays: true }],
      });
      expect(wikis('graph')).toEqual([true, true]);
    }
    const { stdout } = await system.orgsaga(['status', `${run}-rollback`]);
    expect(stdout).toContain('proposal #1 was merged; revert it by hand');

    const there = await fetch(`${system.github.url}/repos/graph/api/contents/${PATH}`, {
      headers: { authorization: 'Bearer e2e-token-of-nobody' },
    });
    const { sha } = (await there.json()) as { sha: string };
    await byHand(system, 'DELETE', `/repos/graph/api/contents/${PATH}`, { message: 'Revert', sha });
    expect(reportOf(await rollBack(run, '--force'), 0)).toMatchObject({ conflicts: [] });
    expect(Object.keys(system.dump('graph').repositories['api']?.branches ?? {})).toEqual(['main']);
  });

  it('is told when the run itself is undone', async () => {
    // Teams come last, and keep the run from its end.
    const fault = system.github.faults.add({
      match: { method: 'PATCH', path: '/orgs/stopped/teams/ops' },
      kind: 'status',
      status: 503,
    });
    const { run } = JSON.parse((await apply('stopped', '--detach')).stdout) as { run: string };
    const open = () =>
      Object.values(system.dump('stopped').repositories).flatMap(({ threads }) => threads as object[]).length;
    await system.until('two proposals', () => open() === 2);
    await decide('stopped');
    expect(await system.orgsaga(['cancel', run, '--yes', '--json'])).toMatchObject({ code: 0 });
    system.github.faults.remove(fault);
    expect(reportOf(await system.orgsaga(['watch', run, '--json']), 5)).toMatchObject({
      state: 'Cancelled',
      conflicts: [merged('stopped')],
    });
    expect(wikis('stopped')).toEqual([true, true]);
  });
});
