import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FaultRule } from '../../src/dev/github/faults.js';
import { standardsOf } from '../support/organization.js';
import { byHand, create, fresh, reportOf } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';

const seed = (login: string) => ({
  login,
  members: ['ada', 'lin'].map((name) => ({ login: name })),
  teams: [
    { name: 'maintainers', description: 'They maintain', members: [{ login: 'lin' }] },
    { name: 'developers', description: 'They develop' },
  ],
  repositories: [{ name: 'one' }, { name: 'two', teams: { developers: 'push' as const } }],
});

/** Somebody deletes a team and makes another one of its name while a run is under way: it is not the one that was planned. */
describe('a team that has the name of the planned one', { timeout: 60_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      seed: ['approved', 'member', 'removal', 'made', 'plain', 'acme'].map(seed),
    });
  });
  afterEach(() => system.github.faults.clear());
  afterAll(() => system?.stop());

  const replace = async (login: string, name: string): Promise<void> => {
    await byHand(system, 'DELETE', `/orgs/${login}/teams/${name}`, {});
    await byHand(system, 'POST', `/orgs/${login}/teams`, { name, description: 'Theirs', privacy: 'closed' });
  };
  const apply = (login: string, ...lines: string[]) => {
    const file = system.write(`${login}.yaml`, standardsOf(login, ...lines));
    return system.start(['apply', '-f', file, '--yes', '--json', '--strategy', 'sequential']);
  };
  const struck = (rule: FaultRule): Promise<void> => {
    const id = system.github.faults.add({ ...rule, times: 1 });
    const find = () => system.github.faults.list().find((one) => one.id === id);
    return vi.waitFor(() => expect(find()?.struck).toBe(1), { timeout: 30_000, interval: 20 });
  };
  const team = (login: string, slug: string) => system.dump(login).teams[slug];
  const access = (login: string, name: string) => system.dump(login).repositories[name]?.teams;

  it('was not approved, neither for access nor for members', async () => {
    const lines = [
      'approval: required',
      'repositories: [{ match: [one], teams: { maintainers: admin } }]',
      'teams: [{ slug: developers, members: [{ login: ada, role: member }] }]',
    ];
    const { run } = reportOf(await apply('approved', ...lines).ended, 5);
    await replace('approved', 'maintainers');
    await replace('approved', 'developers');
    await system.orgsaga(['approve', run, '--json'], { ORGSAGA_ACTOR: 'lin' });
    const report = reportOf(await system.orgsaga(['watch', run, '--json']), 1);
    expect(report).toMatchObject({ state: 'Refused' });
    expect(report.reason).toContain('changed since it was approved');
    expect(access('approved', 'one')).toEqual({});
    expect(team('approved', 'developers')?.members).not.toHaveProperty('ada');
  });

  it('is not joined when the call is made again', async () => {
    const member = '/orgs/member/teams/maintainers/memberships/ada';
    // What it looks at before it sends again takes long enough for the team to be replaced meanwhile.
    for (const path of ['/orgs/member/teams/maintainers', member])
      system.github.faults.add({ match: { method: 'GET', path }, kind: 'delay', when: 'before', ms: 1_500 });
    const failed = struck({ match: { method: 'PUT', path: member }, kind: 'status', status: 502 });
    const line = 'teams: [{ slug: maintainers, members: [{ login: ada, role: member }] }]';
    const run = apply('member', line);
    await failed;
    await replace('member', 'maintainers');
    const report = reportOf(await run.ended, 3);
    expect(report).toMatchObject({ state: 'RolledBack', conflicts: [] });
    expect(report.reason).toContain('member/maintainers is another one now');
    expect(team('member', 'maintainers')?.members).not.toHaveProperty('ada');
  });

  it('keeps the access that was to be taken from the planned one', async () => {
    const match = { method: 'PATCH', path: '/repos/removal/one' };
    const under = struck({ match, kind: 'delay', when: 'before', ms: 1_500 });
    const rules =
      '{ match: [one], settings: { has_wiki: false } }, { match: [two], teams: { developers: absent } }';
    const run = apply('removal', `repositories: [${rules}]`);
    await under;
    await replace('removal', 'developers');
    const theirs = '/orgs/removal/teams/developers/repos/removal/two';
    await byHand(system, 'PUT', theirs, { permission: 'push' });
    const report = reportOf(await run.ended, 5);
    expect(report.totals).toMatchObject({ committed: 1, deadLettered: 1 });
    expect(access('removal', 'two')).toEqual({ developers: 'push' });
  });

  const NEW = [
    'teams: [{ slug: newt, description: New, privacy: closed, members: [{ login: ada, role: member }] }]',
    'repositories: [{ match: [one], settings: { has_wiki: false }, teams: { newt: admin } }]',
  ];

  it.each([
    ['made', 'approval: required'],
    ['plain', 'approval: none'],
  ])('gets nothing of what was for one that the run has made: %s, %s', async (login, approval) => {
    // Its letter keeps the run open.
    const match = { method: 'PATCH', path: `/repos/${login}/one` };
    const refusal = system.github.faults.add({ match, kind: 'status', status: 403 });
    const { run } = reportOf(await apply(login, approval, ...NEW).ended, 5);
    if (approval === 'approval: required') {
      await system.orgsaga(['approve', run], { ORGSAGA_ACTOR: 'lin' });
      reportOf(await system.orgsaga(['watch', run, '--json']), 5);
    }
    expect(team(login, 'newt')).toBeDefined();
    await replace(login, 'newt');
    const before = team(login, 'newt');
    system.github.faults.remove(refusal);
    const retry = await system.orgsaga(['dead-letters', 'retry', '--run', run, '--all', '--json']);
    expect(retry.code).toBe(5);
    expect([access(login, 'one'), team(login, 'newt')]).toEqual([{}, before]);
    await system.orgsaga(['cancel', run, '--yes']);
    await system.orgsaga(['watch', run]);
    expect([access(login, 'one'), team(login, 'newt')]).toEqual([{}, before]);
    expect(system.dump(login).repositories['one']?.settings['has_wiki']).toBe(true);
  });

  it('is not let into a repository that create-repo makes, which is taken back whole', async () => {
    const before = system.dump('acme').repositories;
    const making = struck({
      match: { method: 'POST', path: '/orgs/acme/repos' },
      kind: 'delay',
      when: 'after',
      ms: 1_500,
    });
    const name = fresh();
    const run = create(system, name);
    await making;
    await replace('acme', 'developers');
    const report = reportOf(await run.ended, 3);
    expect(report).toMatchObject({ state: 'RolledBack', conflicts: [] });
    expect(report.reason).toContain('acme/developers is another one now');
    expect(Object.keys(system.dump('acme').repositories)).toEqual(Object.keys(before));
  });
});
