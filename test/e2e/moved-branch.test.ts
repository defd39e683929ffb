import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { standardsOf } from '../support/organization.js';
import { type System, startSystem, TOKEN } from '../support/system.js';
import { reportOf } from '../support/trial.js';

const PROTECTED =
  'branch_protection: { $default: { enforce_admins: true, required_status_checks: null, required_pull_request_reviews: { required_approving_review_count: 1 }, restrictions: null } }';

/** Files are written to the default branch of the plan; a later step of the same run may make another one the default. */
describe('a dead letter that has its new default branch already', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    const one = { name: 'one', branches: ['develop'], files: { OLD: 'old' }, labels: [] };
    system = await startSystem({
      seed: ['plain', 'protected', 'proposed'].map((login) => ({ login, repositories: [one] })),
    });
  });
  afterEach(() => system.github.faults.clear());
  afterAll(() => system?.stop());

  const effects = (mark: number): string[] =>
    system.since(mark).flatMap((entry) => (entry.type === 'effect' ? [entry.kind] : []));
  const commits = (mark: number): number => effects(mark).filter((kind) => kind === 'commit.create').length;

  it.each([
    ['plain', []],
    ['protected', [PROTECTED]],
  ])('keeps the files of the old one, %s, and a rollback puts these back', async (login, more) => {
    const [before, applied] = [system.dump(login), system.mark()];
    system.write('new.txt', 'new\n');
    const lines = [
      'on_failure: checkpoint',
      'repositories:',
      '  - match: ["*"]',
      '    settings: { default_branch: develop }',
      '    files: [{ path: OLD, absent: true, via: commit }, { path: NEW, from: new.txt, via: commit }]',
      '    labels: [{ name: fresh, color: "123456" }]',
      ...more.map((line) => `    ${line}`),
    ];
    const file = system.write(`${login}.yaml`, standardsOf(login, ...lines));
    const refused = { method: 'POST', path: '/repos/*/*/labels' };
    system.github.faults.add({ match: refused, kind: 'status', status: 422, body: { message: 'No.' } });
    const flags = ['--yes', '--allow-removals', '--no-graphql', '--json'];
    const { run } = reportOf(await system.orgsaga(['apply', '-f', file, ...flags]), 5);
    system.github.faults.clear();
    expect(commits(applied)).toBe(2);
    const mended = system.mark();
    expect(await system.orgsaga(['dlq', 'retry', '--run', run, '--all', '--json'])).toMatchObject({
      code: 0,
    });
    expect(commits(mended)).toBe(0);
    reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 0);
    const after = system.dump(login);
    expect(after.repositories['one']?.settings).toEqual(before.repositories['one']?.settings);
    expect(after.repositories['one']?.branch_protection).toEqual({});
    const filesOn = (branch: string) =>
      Promise.all(
        ['OLD', 'NEW'].map(async (path) => {
          const headers = { authorization: `bearer ${TOKEN}` };
          const url = `${system.github.url}/repos/${login}/one/contents/${path}?ref=${branch}`;
          return (await fetch(url, { headers })).status;
        }),
      );
    expect(await filesOn('main')).toEqual([200, 404]);
    expect(await filesOn('develop')).toEqual([200, 404]);
  });

  it('makes the proposal that had been refused', async () => {
    system.write('new.txt', 'new\n');
    const lines = [
      'on_failure: checkpoint',
      'repositories:',
      '  - match: ["*"]',
      '    settings: { default_branch: develop }',
      '    files: [{ path: NEW, from: new.txt }]',
    ];
    const file = system.write('proposed.yaml', standardsOf('proposed', ...lines));
    const refused = { method: 'POST', path: '/repos/*/*/pulls' };
    system.github.faults.add({ match: refused, kind: 'status', status: 422, body: { message: 'No.' } });
    const { run } = reportOf(await system.orgsaga(['apply', '-f', file, '--yes', '--json']), 5);
    system.github.faults.clear();
    const mended = system.mark();
    expect(await system.orgsaga(['dlq', 'retry', '--run', run, '--all', '--json'])).toMatchObject({
      code: 0,
    });
    expect(effects(mended)).toContain('pull_request.create');
  });
});
