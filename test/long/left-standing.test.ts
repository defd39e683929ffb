import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refuseProtection } from '../../src/dev/refuse-protection.js';
import type { RunStatus } from '../../src/workflows/contract.js';
import type { Ran } from '../support/program.js';
import { type System, startSystem } from '../support/system.js';

const LOGINS = [
  'settings',
  'cancel',
  'refused',
  'retry',
  'rollback',
  'parked',
  'discard',
  'force',
  'member',
  'stranded',
  'again',
  'late',
  'kid',
  'remade',
  'back',
];
const STUCK_FOR = 4_000;

const standards = (login: string, team = '') => `version: 1
organizations:
  - login: ${login}
    settings: { description: Wanted }
    teams: [{ slug: newt, description: New, privacy: closed }${team}]
    repositories: [{ match: ['*'], settings: { has_wiki: false }, topics: [managed], branch_protection: { $default: { enforce_admins: true } }, teams: { newt: push } }]
`;
/** A team whose settings are refused makes the whole run undo itself. */
const DOOMED = ', { slug: doomed, description: Wanted, privacy: closed }';

/** What the command printed; its exit code is checked first, so that a failure shows what it said. */
function statusOf(ran: Ran, code: number): RunStatus {
  expect(ran.code, `${ran.stdout}${ran.stderr}`).toBe(code);
  return JSON.parse(ran.stdout) as RunStatus;
}

describe('what a run has done and not undone, with real processes', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    const repositories = ['api', 'web'].map((name) => ({ name }));
    const teams = [{ name: 'doomed' }, { name: 'kid' }];
    system = await startSystem({
      seed: LOGINS.map((login) => ({ login, repositories, teams, members: [{ login: 'ada' }] })),
    });
  });
  afterAll(() => system?.stop());

  const apply = async (login: string, text: string, code: number, ...flags: string[]) => {
    const file = system.write(`${login}.yaml`, text);
    return statusOf(await system.orgsaga(['apply', '-f', file, '--yes', '--json', ...flags]), code);
  };
  const orgsaga = async (code: number, ...args: string[]): Promise<RunStatus> =>
    statusOf(await system.orgsaga([...args, '--json']), code);
  const refuse = (method: string, path: string): (() => void) => {
    const fault = system.github.faults.add({ match: { method, path }, kind: 'status', status: 403 });
    return () => system.github.faults.remove(fault);
  };
  /** Lets one request through and its answer wait, for somebody to end the workflow meanwhile. */
  const hang = (method: string, path: string): void =>
    void system.github.faults.add({
      match: { method, path },
      kind: 'hang',
      when: 'after',
      ms: STUCK_FOR,
      times: 1,
    });
  const slow = (method: string, path: string): void =>
    void system.github.faults.add({ match: { method, path }, kind: 'delay', ms: STUCK_FOR, times: 1 });
  const terminated = async (id: string, reached: () => boolean): Promise<void> => {
    await system.until('the write has reached GitHub', reached);
    await (await system.client()).workflow.getHandle(id).terminate('by hand');
  };
  const hasWiki = (login: string) => system.dump(login).repositories['api']?.settings['has_wiki'];

  it('is undone where somebody has ended the workflow of the organisation’s settings', async () => {
    const before = system.dump('settings');
    hang('PATCH', '/orgs/settings');
    const { run } = await apply('settings', standards('settings'), 0, '--detach');
    await terminated(
      `${run}/settings:settings`,
      () => system.dump('settings').settings['description'] === 'Wanted',
    );
    expect(await orgsaga(3, 'watch', run)).toMatchObject({ state: 'RolledBack', conflicts: [] });
    expect(system.dump('settings')).toEqual(before);
  });

  it.each([
    ['cancel', 'by a cancel', '', 'Cancelled'],
    ['refused', 'because a team is refused', DOOMED, 'RolledBack'],
  ])('is undone where a repository’s was, and the run is undone: %s', async (login, _, team, state) => {
    const before = system.dump(login);
    const mend = refuse('PATCH', `/orgs/${login}/teams/doomed`);
    hang('PATCH', `/repos/${login}/api`);
    const { run } = await apply(login, standards(login, team), 0, '--detach');
    await terminated(`${run}/${login}/api`, () => hasWiki(login) === false);
    if (team === '') {
      expect(await orgsaga(5, 'watch', run)).toMatchObject({ totals: { committed: 1, deadLettered: 1 } });
      expect((await system.orgsaga(['cancel', run, '--yes', '--json'])).code).toBe(0);
    }
    const totals = { rolledBack: 2, committed: 0, deadLettered: 0 };
    expect(await orgsaga(3, 'watch', run)).toMatchObject({ state, totals, conflicts: [] });
    mend();
    expect(system.dump(login)).toEqual(before);
  });

  it('is undone by a retry that fails, also what the workflow before it had done', async () => {
    const before = system.dump('retry').repositories['api'];
    const mend = refuseProtection(system.github, 'retry', 'api');
    hang('PATCH', '/repos/retry/api');
    const { run } = await apply('retry', standards('retry'), 0, '--detach');
    await terminated(`${run}/retry/api`, () => hasWiki('retry') === false);
    await orgsaga(5, 'watch', run);
    await orgsaga(5, 'dead-letters', 'retry', '--run', run, '--all');
    mend();
    expect(system.dump('retry').repositories['api']).toEqual(before);
    await orgsaga(0, 'dead-letters', 'retry', '--run', run, '--all');
    expect(await orgsaga(0, 'watch', run)).toMatchObject({ totals: { committed: 2 } });
  });

  it('is a team that waits for the access to it: a rollback retries both, access first', async () => {
    const before = system.dump('rollback');
    const { run } = await apply('rollback', standards('rollback'), 0);
    const mend = refuse('DELETE', '/orgs/rollback/teams/newt/repos/rollback/api');
    const rolled = await orgsaga(5, 'rollback', run, '--yes');
    expect(rolled).toMatchObject({
      conflicts: [],
      deadLetters: [
        { item: 'rollback/api' },
        { item: 'rollback/teams/newt/create', reason: expect.stringContaining('rollback/api waits') },
      ],
    });
    mend();
    await orgsaga(0, 'dead-letters', 'retry', '--run', rolled.run, '--all');
    expect(await orgsaga(0, 'watch', rolled.run)).toMatchObject({ state: 'Committed', conflicts: [] });
    expect(system.dump('rollback')).toEqual(before);
  });

  it('is a team that waits for the access to it: in a run’s own undo both wait for a person', async () => {
    const before = system.dump('parked');
    const mendTeam = refuse('PATCH', '/orgs/parked/teams/doomed');
    const mend = refuse('DELETE', '/orgs/parked/teams/newt/repos/parked/api');
    const { run, parked } = await apply('parked', standards('parked', DOOMED), 5);
    expect(parked).toMatchObject([
      { item: 'parked/api', step: 'teams/newt' },
      { item: 'parked/teams/newt/create', step: 'team', reason: expect.stringContaining('parked/api waits') },
    ]);
    mend();
    mendTeam();
    await orgsaga(5, 'resolve', run, 'teams/newt', 'retry');
    expect(await orgsaga(3, 'resolve', run, 'team', 'retry')).toMatchObject({ conflicts: [] });
    expect(system.dump('parked')).toEqual(before);
  });

  it('is what a rollback gave up, and can be rolled back without force', async () => {
    const before = system.dump('discard');
    const { run } = await apply('discard', standards('discard'), 0);
    const mend = refuse('PATCH', '/repos/discard/api');
    const first = await orgsaga(5, 'rollback', run, '--yes');
    expect(await orgsaga(0, 'status', run)).not.toHaveProperty('rolledBackBy');
    await orgsaga(0, 'dead-letters', 'discard', '--run', first.run, '--all', '--yes');
    mend();
    expect(await orgsaga(0, 'watch', first.run)).toMatchObject({ state: 'Committed' });
    const ended = await orgsaga(0, 'status', first.run);
    expect(ended).toMatchObject({ notTakenBack: 2, phase: expect.stringContaining('but for 2 items') });
    expect(await orgsaga(0, 'status', run)).toMatchObject({ rollback: first.run });
    const second = await orgsaga(0, 'rollback', run, '--yes');
    expect(second).toMatchObject({ state: 'Committed', conflicts: [] });
    expect(await orgsaga(0, 'status', run)).toMatchObject({ rolledBackBy: second.run });
    expect(system.dump('discard')).toEqual(before);
    expect((await system.orgsaga(['rollback', run, '--yes'])).code).toBe(1);
  });

  it('is a team that waits for the access to it, with --force, too', async () => {
    const before = system.dump('force');
    const { run } = await apply('force', standards('force'), 0);
    const mend = refuse('PATCH', '/repos/force/api');
    const rolled = await orgsaga(5, 'rollback', run, '--yes', '--force');
    expect(rolled.deadLetters.map(({ item }) => item)).toEqual(['force/api', 'force/teams/newt/create']);
    expect(system.dump('force').repositories['api']?.teams).toEqual({ newt: 'push' });
    mend();
    await orgsaga(0, 'dead-letters', 'retry', '--run', rolled.run, '--all');
    expect(system.dump('force')).toEqual(before);
  });

  it.each([
    ['member', 'DELETE', '/orgs/member/teams/newt/memberships/ada'],
    ['late', 'PATCH', '/orgs/late/teams/newt'],
  ])('is a team that waits for its own settings and members: %s', async (login, method, path) => {
    const before = system.dump(login);
    const text = standards(login).replace(
      'privacy: closed',
      'privacy: closed, members: [{ login: ada, role: member }]',
    );
    const { run } = await apply(login, text, 0);
    const mend = refuse(method, path);
    const rolled = await orgsaga(5, 'rollback', run, '--yes');
    expect(rolled).toMatchObject({
      conflicts: [],
      deadLetters: [{ item: `${login}/teams/newt` }, { item: `${login}/teams/newt/create` }],
    });
    mend();
    await orgsaga(0, 'dead-letters', 'retry', '--run', rolled.run, '--all');
    expect(system.dump(login).teams).toEqual(before.teams);
  });

  it('is a team whose settings waited in the run’s own undo', async () => {
    const before = system.dump('stranded');
    const mendTeam = refuse('PATCH', '/orgs/stranded/teams/doomed');
    const fault = system.github.faults.add({
      match: { method: 'PATCH', path: '/orgs/stranded/teams/newt' },
      kind: 'status',
      status: 403,
      skip: 1,
    });
    const { run, parked } = await apply('stranded', standards('stranded', DOOMED), 5);
    expect(parked.map(({ item, step }) => `${item} ${step}`)).toEqual([
      'stranded/teams/newt settings',
      'stranded/teams/newt/create team',
    ]);
    system.github.faults.remove(fault);
    mendTeam();
    await orgsaga(5, 'resolve', run, 'settings', 'retry');
    expect(await orgsaga(3, 'resolve', run, 'team', 'retry')).toMatchObject({ conflicts: [] });
    expect(system.dump('stranded')).toEqual(before);
  });

  it('is brought forward again in the order of the run: the team before the access to it', async () => {
    const { run } = await apply('again', standards('again'), 0);
    const wanted = system.dump('again');
    const back = await orgsaga(0, 'rollback', run, '--yes');
    const mends = [refuse('POST', '/orgs/again/teams'), refuse('PATCH', '/repos/again/*')];
    const again = await orgsaga(5, 'rollback', back.run, '--yes');
    for (const mend of mends) mend();
    await orgsaga(0, 'dead-letters', 'retry', '--run', again.run, '--all');
    const { repositories } = system.dump('again');
    for (const name of ['api', 'web'])
      expect(repositories[name]?.teams).toEqual(wanted.repositories[name]?.teams);
  });

  it('is a team that waits for another that the run has put under it, with --force, too', async () => {
    const before = system.dump('kid');
    const { run } = await apply('kid', standards('kid', ', { slug: kid, parent: newt, privacy: closed }'), 0);
    const mend = refuse('PATCH', '/orgs/kid/teams/kid');
    const rolled = await orgsaga(5, 'rollback', run, '--yes', '--force');
    expect(rolled.deadLetters.map(({ item }) => item)).toEqual(['kid/teams/kid', 'kid/teams/newt/create']);
    mend();
    await orgsaga(0, 'dead-letters', 'retry', '--run', rolled.run, '--all');
    expect(system.dump('kid')).toEqual(before);
  });

  it('is brought back by a cancel of the rollback, a team that it had removed with its settings', async () => {
    const { run } = await apply('remade', standards('remade'), 0);
    const { newt } = system.dump('remade').teams;
    slow('PATCH', '/orgs/remade');
    const rolled = await orgsaga(0, 'rollback', run, '--yes', '--detach');
    await system.until('the team is gone', () => !('newt' in system.dump('remade').teams));
    expect((await system.orgsaga(['cancel', rolled.run, '--yes', '--json'])).code).toBe(0);
    expect(await orgsaga(3, 'watch', rolled.run)).toMatchObject({ state: 'Cancelled', conflicts: [] });
    const { newt: again } = system.dump('remade').teams;
    expect({ ...again, id: 0 }).toEqual({ ...newt, id: 0 });
    expect(system.dump('remade').repositories['api']?.teams).toEqual({ newt: 'push' });
  });

  it('is a team that waits for the access to it, where what takes it back is the undo of a rollback', async () => {
    const before = system.dump('back');
    const { run } = await apply('back', standards('back'), 0);
    const rolled = await orgsaga(0, 'rollback', run, '--yes');
    const mend = refuse('DELETE', '/orgs/back/teams/newt/repos/back/api');
    slow('PATCH', '/repos/back/web');
    const { run: again } = await orgsaga(0, 'rollback', rolled.run, '--yes', '--detach');
    await system.until(
      'access is back',
      () => system.dump('back').repositories['api']?.teams['newt'] === 'push',
    );
    expect((await system.orgsaga(['cancel', again, '--yes', '--json'])).code).toBe(0);
    const { parked } = await orgsaga(5, 'watch', again);
    expect(parked).toMatchObject([
      { item: 'back/api', step: 'teams/newt' },
      { item: 'back/teams/newt/create', reason: expect.stringContaining('back/api waits') },
    ]);
    mend();
    for (const { item, step } of parked)
      await system.orgsaga(['resolve', again, step, 'retry', '--item', item]);
    expect(await orgsaga(3, 'watch', again)).toMatchObject({ state: 'Cancelled', conflicts: [] });
    expect(system.dump('back')).toEqual(before);
  });
});
