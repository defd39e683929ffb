import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byHand } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';
import { reportOf } from '../support/trial.js';

const seed = (login: string) => ({
  login,
  repositories: ['api', 'stuck'].map((name) => ({ name, settings: { has_wiki: true }, labels: [] })),
});

const standards = (login: string): string => `version: 1
organizations:
  - login: ${login}
    repositories:
      - match: [api]
        settings: { has_wiki: false }
        labels: [{ name: 'p1, now', color: d73a4a }, { name: unused, color: ffffff }]
      - match: [stuck]
        settings: { has_wiki: false }
`;

const conflicts = (login: string) => [{ item: `${login}/api`, field: '', found: { changed: ['issue #1'] } }];

describe('a label that a run has made and others have put on issues', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ seed: ['rolled', 'stopped'].map(seed) });
  });
  afterAll(() => system?.stop());

  const apply = (login: string) =>
    system.orgsaga(['apply', '-f', system.write(`${login}.yaml`, standards(login)), '--yes', '--json']);
  const use = (login: string) =>
    byHand(system, 'POST', `/repos/${login}/api/issues`, { title: 'Now', labels: ['p1, now', 'theirs'] });
  const left = (login: string) => {
    const { labels, threads, settings } = system.dump(login).repositories['api'] ?? {};
    return {
      labels: (labels as { name: string }[] | undefined)?.map(({ name }) => name),
      issues: (threads as { labels: string[] }[] | undefined)?.map((thread) => thread.labels),
      wiki: settings?.['has_wiki'],
    };
  };
  const KEPT = { labels: ['p1, now'], issues: [['p1, now', 'theirs']], wiki: true };

  it('stays when the run is rolled back, and goes with --force', async () => {
    const { run } = reportOf(await apply('rolled'), 0);
    await use('rolled');
    const back = reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 5);
    expect(back).toMatchObject({ state: 'Committed', conflicts: conflicts('rolled') });
    expect(back).not.toHaveProperty('conflicts.0.stays');
    expect(left('rolled')).toEqual(KEPT);
    reportOf(await system.orgsaga(['rollback', run, '--yes', '--json', '--force']), 0);
    expect(left('rolled')).toEqual({ labels: [], issues: [['theirs']], wiki: true });
  });

  it('stays when the run is cancelled', async () => {
    // Its letter keeps the run open.
    const match = { method: 'PATCH', path: '/repos/stopped/stuck' };
    system.github.faults.add({ match, kind: 'status', status: 403 });
    const { run } = reportOf(await apply('stopped'), 5);
    await use('stopped');
    expect(await system.orgsaga(['cancel', run, '--yes', '--json'])).toMatchObject({ code: 0 });
    const ended = reportOf(await system.orgsaga(['watch', run, '--json']), 5);
    expect(ended).toMatchObject({ state: 'Cancelled', conflicts: conflicts('stopped') });
    expect(left('stopped')).toEqual(KEPT);
  });
});
