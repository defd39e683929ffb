import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proposalBranch } from '../../src/github/read/files.js';
import { byHand } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';
import { reportOf } from '../support/trial.js';

const PATH = 'SECURITY.md';
const BRANCH = proposalBranch(PATH);
const THEIRS = { changed: [`commits on ${BRANCH}`] };

const seed = (login: string) => ({
  login,
  teams: [{ name: 'ops', description: 'Before' }],
  repositories: [{ name: 'api', settings: { has_wiki: true }, files: { 'README.md': 'api' } }],
});

const standards = (login: string): string => `version: 1
organizations:
  - login: ${login}
    teams: [{ slug: ops, description: After }]
    repositories:
      - match: [api]
        settings: { has_wiki: false }
        files: [{ path: ${PATH}, from: templates/SECURITY.md, via: pull_request }]
`;

describe('a proposal that somebody has pushed to', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ seed: ['graph', 'plain', 'stopped'].map(seed) });
    mkdirSync(join(system.directory, 'templates'));
    writeFileSync(join(system.directory, 'templates', 'SECURITY.md'), 'Write to security@example.com\n');
  });
  afterAll(() => system?.stop());

  const apply = (login: string, ...flags: string[]) => {
    const file = system.write(`${login}.yaml`, standards(login));
    return system.orgsaga(['apply', '-f', file, '--yes', '--json', ...flags]);
  };
  const push = (login: string) =>
    byHand(system, 'PUT', `/repos/${login}/api/contents/theirs.txt`, {
      branch: BRANCH,
      message: 'What it should say as well',
      content: Buffer.from('theirs').toString('base64'),
    });
  /** What is left of the proposal, and the setting that was changed beside it. */
  const left = (login: string) => {
    const { branches, threads, settings } = system.dump(login).repositories['api'] ?? {};
    const open = (threads as { state?: string }[] | undefined)?.filter(({ state }) => state === 'open');
    return { branch: branches?.[BRANCH] !== undefined, open: open?.length, wiki: settings?.['has_wiki'] };
  };

  it.each([
    ['graph', []],
    ['plain', ['--no-graphql']],
  ])('stays whole when the run on %s is rolled back, with --force too', async (login, flags) => {
    const { run } = reportOf(await apply(login, ...flags), 0);
    await push(login);
    // What was proposed is proposed still, so the same file asks for nothing.
    expect(reportOf(await apply(login, ...flags), 0).totals).toMatchObject({ inSync: 1, committed: 0 });
    for (const force of [[], ['--force']]) {
      const back = await system.orgsaga(['rollback', run, '--yes', '--json', ...force]);
      expect(reportOf(back, 5)).toMatchObject({
        state: 'Committed',
        conflicts: [{ item: `${login}/api`, field: '', found: THEIRS, stays: true }],
      });
      expect(left(login)).toEqual({ branch: true, open: 1, wiki: true });
    }
  });

  it('stays whole when the run itself is undone', async () => {
    // Teams come last, and keep the run from its end.
    const fault = system.github.faults.add({
      match: { method: 'PATCH', path: '/orgs/stopped/teams/ops' },
      kind: 'status',
      status: 503,
    });
    const { run } = JSON.parse((await apply('stopped', '--detach')).stdout) as { run: string };
    await system.until('a proposal', () => left('stopped').open === 1);
    await push('stopped');
    expect(await system.orgsaga(['cancel', run, '--yes', '--json'])).toMatchObject({ code: 0 });
    system.github.faults.remove(fault);
    expect(reportOf(await system.orgsaga(['watch', run, '--json']), 5)).toMatchObject({
      state: 'Cancelled',
      conflicts: [{ item: 'stopped/api', field: '', found: THEIRS }],
    });
    expect(left('stopped')).toEqual({ branch: true, open: 1, wiki: true });
  });
});
