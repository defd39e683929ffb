import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprint } from '../../src/dev/github/journal.js';
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
    const flags = ['--wait', '--strategy', 'sequential'];
    const ran = await system.orgsaga(['apply', '-f', file, '--yes', '--json', ...flags]);
    system.github.faults.remove(refused);
    expect(reportOf(ran, 3).totals).toMatchObject({ committed: 0, ...totals });
  });
});

const standards = (settings: string, more = '') =>
  `version: 1\norganizations:\n${['up', 'down']
    .map(
      (login) =>
        `  - { login: ${login}, settings: { description: New }, repositories: [{ match: ['*'], settings: { ${settings} } }]${login === 'down' ? more : ''} }`,
    )
    .join('\n')}\n`;

describe('a run over organisations with tokens of their own', { timeout: 240_000 }, () => {
  const THEIRS = 'another-token-of-nobody';
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      seed: ['up', 'down'].map((login) => ({ login, repositories })),
      tokens: [THEIRS],
      workers: 0,
    });
    const config = join(system.directory, 'orgsaga.config.yaml');
    appendFileSync(config, 'tokens: { down: { env: TOKEN_OF_DOWN } }\n');
    await system.startWorker({ TOKEN_OF_DOWN: THEIRS });
  });
  afterAll(() => system?.stop());

  const apply = (text: string, ...flags: string[]) =>
    system.orgsaga(['apply', '-f', system.write('both.yaml', text), '--yes', '--json', ...flags]);
  const whole = (login: string) => JSON.stringify(system.dump(login));
  const wikis = (login: string) =>
    Object.values(system.dump(login).repositories).map(({ settings }) => settings['has_wiki']);
  const breakDown = (): (() => void) => {
    const id = system.github.faults.add({
      match: { caller: fingerprint(THEIRS) },
      kind: 'status',
      status: 503,
    });
    return () => system.github.faults.remove(id);
  };

  it('is refused before its first write where one of them must not be applied', async () => {
    const before = ['up', 'down'].map(whole);
    const nobody =
      ', teams: [{ slug: team, description: x, members: [{ login: nobody-at-all, role: member }] }]';
    expect(reportOf(await apply(standards('has_wiki: false', nobody)), 2)).toMatchObject({
      state: 'Refused',
    });
    expect(['up', 'down'].map(whole)).toEqual(before);
  });

  it('is not held back by one that is down, and ends when that is back', async () => {
    const mend = breakDown();
    const { run } = reportOf(await apply(standards('has_wiki: false'), '--detach'), 0);
    await system.until('the other one is as the file says', () => !wikis('up').includes(true), 120_000);
    expect(wikis('down')).not.toContain(false);
    const { stdout } = await system.orgsaga(['status', run, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'Running', deadLetters: [] });
    mend();
    const ended = reportOf(await system.orgsaga(['watch', run, '--json']), 0);
    expect(ended.totals).toMatchObject({ repositories: 8, committed: 8 });
    expect(wikis('down')).not.toContain(true);
    const runs = await system.orgsaga(['runs', '--org', 'down', '--json']);
    expect(JSON.parse(runs.stdout)).toContainEqual(
      expect.objectContaining({ run, organizations: ['up', 'down'] }),
    );
  });

  it('is undone in one of them while the other, which was begun later, is down', async () => {
    const before = ['up', 'down'].map(whole);
    const match = { method: 'PATCH', path: '/repos/up/dead' };
    const refused = system.github.faults.add({ match, kind: 'status', status: 403 });
    const { run } = reportOf(await apply(standards('has_wiki: true')), 5);
    system.github.faults.remove(refused);
    const mend = breakDown();
    reportOf(await system.orgsaga(['cancel', run, '--yes', '--json']), 0);
    await system.until('the other one is as before', () => whole('up') === before[0], 120_000);
    const { stdout } = await system.orgsaga(['status', run, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'Compensating',
      phase: expect.stringContaining('undoing what was done to down'),
    });
    mend();
    reportOf(await system.orgsaga(['watch', run, '--json']), 3);
    expect(['up', 'down'].map(whole)).toEqual(before);
  });

  it('is undone by a cancel while one of them is down', async () => {
    const before = ['up', 'down'].map(whole);
    const mend = breakDown();
    const { run } = reportOf(await apply(standards('has_wiki: true'), '--detach'), 0);
    await system.until('the other one is as the file says', () => !wikis('up').includes(false), 120_000);
    reportOf(await system.orgsaga(['cancel', run, '--yes', '--json']), 0);
    const ended = reportOf(await system.orgsaga(['watch', run, '--json']), 3);
    expect(ended).toMatchObject({ state: 'Cancelled', totals: { committed: 0, rolledBack: 4 } });
    mend();
    expect(['up', 'down'].map(whole)).toEqual(before);
  });

  it('is undone, all of it, where the settings of one of them are refused', async () => {
    const before = ['up', 'down'].map(whole);
    const match = { method: 'PATCH', path: '/orgs/down' };
    const id = system.github.faults.add({ match, kind: 'status', status: 403 });
    const text = standards('has_wiki: true').replaceAll('New', 'Newer');
    const { totals } = reportOf(await apply(text), 3);
    system.github.faults.remove(id);
    expect(totals).toMatchObject({ repositories: 8, committed: 0, deadLettered: 0 });
    expect(['up', 'down'].map(whole)).toEqual(before);
  });
});
