import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { standardsOf } from '../support/organization.js';
import { byHand } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';
import { poison, refuse, reportOf } from '../support/trial.js';

const repositories = [{ name: 'one' }, { name: 'two' }];
const chain = ['aa', 'bb', 'cc'].map((name, at, all) => ({
  name,
  privacy: 'closed' as const,
  ...(at === 0 ? {} : { parent: all[at - 1] as string }),
}));

/** A child team needs its parent, so they are made and removed in one order and undone in the other; their names sort the other way. */
describe('nested teams', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      seed: [
        { login: 'made', members: [{ login: 'sam' }], repositories },
        { login: 'removed', repositories, teams: chain },
        {
          login: 'swapped',
          members: ['sam', 'kim'].map((name) => ({ login: name })),
          repositories,
          teams: chain,
        },
        { login: 'letters', members: [{ login: 'sam' }], repositories },
        { login: 'refused', repositories, teams: chain },
        {
          login: 'theirs',
          members: [{ login: 'sam' }],
          repositories: [{ name: 'one', teams: { kid: 'admin' } }],
          teams: [{ name: 'kid', privacy: 'closed' as const, members: [{ login: 'sam' }] }],
        },
      ],
    });
  });
  afterEach(() => system.github.faults.clear());
  afterAll(() => system?.stop());

  const MADE = [
    'repositories: [{ match: ["*"], settings: { has_wiki: false }, teams: { beta: push } }]',
    'teams:',
    '  - { slug: zeta, description: top, privacy: closed }',
    '  - { slug: alpha, description: mid, privacy: closed, parent: zeta }',
    '  - { slug: beta, description: low, privacy: closed, parent: alpha, members: [{ login: sam, role: member }] }',
  ];
  const apply = (login: string, ...lines: string[]) => {
    const file = system.write(`${login}.yaml`, standardsOf(login, ...lines));
    return system.orgsaga(['apply', '-f', file, '--yes', '--allow-removals', '--json']);
  };
  const teams = (login: string) =>
    Object.fromEntries(
      Object.entries(system.dump(login).teams).map(([slug, { description, parent }]) => [
        slug,
        { description, parent },
      ]),
    );

  it('that a run has made are removed, the innermost first, where it is undone', async () => {
    const before = system.dump('made');
    refuse(system, 'PUT', '/orgs/made/teams/beta/memberships/*');
    const report = reportOf(await apply('made', ...MADE), 3);
    expect(report).toMatchObject({ state: 'RolledBack', conflicts: [] });
    expect(system.dump('made')).toEqual(before);
  });

  it('that a run has removed are made again, the outermost first, where it is undone', async () => {
    const before = teams('removed');
    poison(system, 'removed', 'one');
    const report = reportOf(
      await apply(
        'removed',
        'repositories: [{ match: ["one"], branch_protection: { main: { enforce_admins: true, required_status_checks: null, required_pull_request_reviews: null, restrictions: null } } }]',
        'teams:',
        ...['aa', 'bb', 'cc'].map((slug) => `  - { slug: ${slug}, absent: true }`),
      ),
      5,
    );
    expect(teams('removed')).toEqual({});
    const { stdout } = await system.orgsaga(['status', report.run]);
    expect(stdout).toContain('removed/teams/cc is to be removed: an undo makes it again without its members');
    const cancelled = await system.orgsaga(['cancel', report.run, '--yes', '--json']);
    expect(cancelled).toMatchObject({ code: 0 });
    const ended = reportOf(await system.orgsaga(['watch', report.run, '--json']), 3);
    expect(ended).toMatchObject({ state: 'Cancelled', conflicts: [], parked: [] });
    expect(teams('removed')).toEqual(before);
  });

  it('that change places do so one after the other, and back in the reverse of that', async () => {
    const before = system.dump('swapped');
    const slow = {
      match: { method: 'PUT', path: '/orgs/swapped/teams/*/memberships/*' },
      kind: 'delay',
      when: 'before',
      ms: 700,
    } as const;
    const swapped = [
      'teams:',
      '  - { slug: cc, parent: null }',
      '  - { slug: bb, parent: cc, members: [{ login: sam, role: member }, { login: kim, role: member }] }',
      '  - { slug: aa, parent: bb }',
    ];
    system.github.faults.add(slow);
    const report = reportOf(await apply('swapped', ...swapped), 0);
    expect(teams('swapped')).toMatchObject({
      aa: { parent: 'bb' },
      bb: { parent: 'cc' },
      cc: { parent: null },
    });
    reportOf(await system.orgsaga(['rollback', report.run, '--yes', '--json']), 0);
    expect(system.dump('swapped')).toEqual(before);
    system.github.faults.clear();
    refuse(system, 'PUT', '/orgs/swapped/teams/aa/memberships/*');
    system.github.faults.add(slow);
    const last = '  - { slug: aa, parent: bb, members: [{ login: sam, role: member }] }';
    const undone = reportOf(await apply('swapped', ...swapped.slice(0, 3), last), 3);
    expect(undone).toMatchObject({ state: 'RolledBack', conflicts: [], parked: [] });
    expect(system.dump('swapped')).toEqual(before);
  });

  it('that others have put under one of a run go with it by no force', async () => {
    const { run } = reportOf(
      await apply('theirs', 'teams: [{ slug: zeta, description: top, privacy: closed }]'),
      0,
    );
    const parent_team_id = system.dump('theirs').teams['zeta']?.id;
    await byHand(system, 'PATCH', '/orgs/theirs/teams/kid', { parent_team_id });
    const theirs = () => [system.dump('theirs').teams['kid'], system.dump('theirs').repositories];
    const before = theirs();
    const rollBack = (...more: string[]) => system.orgsaga(['rollback', run, '--yes', '--json', ...more]);
    reportOf(await rollBack(), 5);
    const conflict = { step: 'team', found: { changed: ['the child team kid'] }, stays: true };
    expect(reportOf(await rollBack('--force'), 5)).toMatchObject({ conflicts: [conflict] });
    expect(theirs()).toEqual(before);
  });

  it('that could not be removed or made again are so by one retry, and none goes with its parent', async () => {
    const before = teams('refused');
    refuse(system, 'DELETE', '/orgs/refused/teams/**', 403);
    const absent = ['aa', 'bb', 'cc'].map((slug) => `  - { slug: ${slug}, absent: true }`);
    const { run } = reportOf(await apply('refused', 'on_failure: checkpoint', 'teams:', ...absent), 5);
    system.github.faults.clear();
    const retry = (of: string, ...which: string[]) =>
      system.orgsaga(['dlq', 'retry', '--run', of, ...which, '--json']);
    const outermost = await retry(run, 'refused/teams/aa');
    expect(outermost.code).toBe(5);
    expect(JSON.parse(outermost.stdout).failed).toMatchObject([
      { reason: expect.stringContaining('GitHub would remove the child team bb with aa') },
    ]);
    expect(teams('refused')).toEqual(before);
    expect(await retry(run, '--all')).toMatchObject({ code: 0 });
    expect(teams('refused')).toEqual({});

    refuse(system, 'POST', '/orgs/refused/teams');
    const rollback = reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 5);
    system.github.faults.clear();
    expect(await retry(rollback.run, '--all')).toMatchObject({ code: 0 });
    expect(teams('refused')).toEqual(before);
  });

  it('that could not be made are made by one retry, and removed by one retry of the rollback', async () => {
    const before = system.dump('letters');
    refuse(system, 'POST', '/orgs/letters/teams');
    const { run } = reportOf(await apply('letters', 'on_failure: checkpoint', ...MADE), 5);
    system.github.faults.clear();
    const made = await system.orgsaga(['dlq', 'retry', '--run', run, '--all', '--json']);
    expect(made).toMatchObject({ code: 0 });
    expect(teams('letters')).toMatchObject({ beta: { parent: 'alpha' }, alpha: { parent: 'zeta' } });
    refuse(system, 'DELETE', '/orgs/letters/teams/**');
    const rollback = reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 5);
    system.github.faults.clear();
    const removed = await system.orgsaga(['dlq', 'retry', '--run', rollback.run, '--all', '--json']);
    expect(removed).toMatchObject({ code: 0 });
    expect(system.dump('letters')).toEqual(before);
  });
});
