import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportOf } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';

const repositories = ['one', 'two', 'tri', 'dead'].map((name) => ({ name }));

describe('runs over the same two organisations', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ seed: ['aaa', 'bbb'].map((login) => ({ login, repositories })) });
  });
  afterAll(() => system?.stop());

  const apply = (settings: string, ...flags: string[]) => {
    const lines = ['aaa', 'bbb'].map(
      (login) => `  - login: ${login}\n    repositories: [{ match: ['*'], settings: { ${settings} } }]`,
    );
    const text = `version: 1\norganizations:\n${lines.join('\n')}\n`;
    const file = system.write(`${settings.slice(0, 7)}.yaml`, text);
    return system.orgsaga(['apply', '-f', file, '--yes', '--json', '--wait', ...flags]);
  };
  const settingsOf = (login: string) =>
    Object.values(system.dump(login).repositories).map(({ settings }) => [
      settings['has_wiki'],
      settings['has_issues'],
    ]);

  it('come to their ends where one is undone while the other waits', async () => {
    const refused = system.github.faults.add({
      match: { method: 'PATCH', path: '/repos/bbb/dead' },
      kind: 'status',
      status: 403,
    });
    const undone = reportOf(await apply('has_wiki: false', '--strategy', 'sequential'), 5).run;
    system.github.faults.remove(refused);
    // Its undo begins with the last organisation, and takes seconds there.
    system.github.faults.add({
      match: { method: 'PATCH', path: '/repos/bbb/*' },
      kind: 'delay',
      ms: 1_300,
      times: 3,
    });
    const mark = system.mark();
    reportOf(await system.orgsaga(['cancel', undone, '--yes', '--json']), 0);
    await system.until('the undo is under way', () =>
      system.since(mark).some(({ type }) => type === 'request'),
    );
    const { run } = reportOf(await apply('has_issues: false', '--detach'), 0);
    reportOf(await system.orgsaga(['watch', undone, '--json']), 3);
    reportOf(await system.orgsaga(['watch', run, '--json']), 0);
    for (const login of ['aaa', 'bbb'])
      expect(settingsOf(login)).toEqual(Array.from({ length: 4 }, () => [true, false]));
  });

  it.each([
    ['first', 'aaa', { repositories: 8, cancelled: 8 }],
    ['last', 'bbb', { repositories: 8, rolledBack: 4, cancelled: 4 }],
  ])('count what a run did not come to, where the %s organisation fails', async (_, login, totals) => {
    const lines = ['aaa', 'bbb'].map(
      (one) =>
        `  - { login: ${one}, settings: { description: New }, repositories: [{ match: ['*'], settings: { has_projects: false } }] }`,
    );
    const file = system.write('described.yaml', `version: 1\norganizations:\n${lines.join('\n')}\n`);
    const match = { method: 'PATCH', path: `/orgs/${login}` };
    const refused = system.github.faults.add({ match, kind: 'status', status: 403 });
    const ran = await system.orgsaga(['apply', '-f', file, '--yes', '--json', '--wait']);
    system.github.faults.remove(refused);
    expect(reportOf(ran, 3).totals).toMatchObject({ committed: 0, ...totals });
  });
});
