import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { standardsOf } from '../support/organization.js';
import { byHand, create, fresh, type Report, reportOf } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';

const seed = (login: string) => ({
  login,
  members: ['ada', 'lin'].map((name) => ({ login: name })),
  teams: [
    { name: 'maintainers', description: 'They maintain', members: [{ login: 'lin' }] },
    { name: 'developers', description: 'They develop' },
    { name: 'retired', description: 'Goes', privacy: 'closed' as const },
  ],
  repositories: [{ name: 't3', teams: { retired: 'pull' as const } }],
});

/** What a file asks of the organisation. */
const ACCESS = ['repositories: [{ match: [t3], teams: { maintainers: push } }]'];
const NEW = [
  'teams: [{ slug: qc, description: New, privacy: closed, members: [{ login: lin, role: member }] }]',
];
const IN_NEW = ['repositories: [{ match: [t3], teams: { qc: push } }]'];
const OWN = [
  'teams: [{ slug: maintainers, description: Said anew, members: [{ login: ada, role: member }, { login: lin, absent: true }] }]',
];
const GONE = [
  'teams: [{ slug: retired, absent: true }]',
  'repositories: [{ match: [t3], teams: { retired: absent } }]',
];

describe('taking back what was done to a team that has another slug now', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    const logins = ['access', 'away', 'made', 'plain', 'remade', 'own', 'lost', 'gone', 'acme'];
    system = await startSystem({ seed: logins.map(seed) });
  });
  afterAll(() => system?.stop());

  const apply = async (login: string, lines: string[], ...flags: string[]): Promise<Report> => {
    const file = system.write(`${login}.yaml`, standardsOf(login, ...lines));
    return reportOf(await system.orgsaga(['apply', '-f', file, '--yes', '--json', ...flags]), 0);
  };
  const rollBack = async (run: string, code = 0): Promise<Report> =>
    reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), code);
  const rename = (login: string, slug: string, name: string) =>
    byHand(system, 'PATCH', `/orgs/${login}/teams/${slug}`, { name });
  const remove = (login: string, slug: string) =>
    byHand(system, 'DELETE', `/orgs/${login}/teams/${slug}`, {});
  /** Somebody else's team, which may do in the repository what the run let the one do that had the slug. */
  const theirs = async (login: string, name: string, description = 'Theirs', repository = 't3') => {
    const team = `/orgs/${login}/teams/${name}`;
    await byHand(system, 'POST', `/orgs/${login}/teams`, { name, description });
    await byHand(system, 'PUT', `${team}/repos/${login}/${repository}`, { permission: 'push' });
  };
  const access = (login: string, repository = 't3') => system.dump(login).repositories[repository]?.teams;

  it('takes its access from it, and leaves that of another which has its old slug', async () => {
    const { run } = await apply('access', ACCESS);
    await rename('access', 'maintainers', 'keepers');
    await theirs('access', 'maintainers');
    const back = await rollBack(run);
    expect(access('access')).toEqual({ retired: 'pull', maintainers: 'push' });
    expect(back.conflicts).toEqual([]);
    const forward = await rollBack(back.run);
    expect(access('access')).toEqual({ retired: 'pull', maintainers: 'push', keepers: 'push' });
    await rollBack(forward.run);
    expect(access('access')).toEqual({ retired: 'pull', maintainers: 'push' });
  });

  it('has nothing to take back where it is gone', async () => {
    const { run } = await apply('away', ACCESS);
    await remove('away', 'maintainers');
    await theirs('away', 'maintainers');
    expect((await rollBack(run)).conflicts).toEqual([]);
    expect(access('away')).toEqual({ retired: 'pull', maintainers: 'push' });
  });

  it.each([
    ['made', []],
    ['plain', ['--no-graphql']],
  ])('removes the one that the run has made in %s, with its access', async (login, flags) => {
    const before = system.dump(login);
    const { run } = await apply(login, [...NEW, ...IN_NEW], ...flags);
    await rename(login, 'qc', 'qc two');
    const back = await rollBack(run);
    expect(system.dump(login)).toEqual(before);
    const forward = await rollBack(back.run);
    expect(access(login)).toEqual({ retired: 'pull', qc: 'push' });
    await rename(login, 'qc', 'qc three');
    await rollBack(forward.run);
    expect(system.dump(login)).toEqual(before);
  });

  it('leaves one that others have made in place of the one that the run had made', async () => {
    const { run } = await apply('remade', [...NEW, ...IN_NEW]);
    await remove('remade', 'qc');
    await theirs('remade', 'qc', 'New');
    const now = system.dump('remade');
    expect((await rollBack(run)).conflicts).toEqual([]);
    expect(system.dump('remade')).toEqual(now);
  });

  it('puts its settings and members back, and leaves those of another which has its old slug', async () => {
    const { maintainers: was } = system.dump('own').teams;
    const { run } = await apply('own', OWN);
    await rename('own', 'maintainers', 'keepers');
    await theirs('own', 'maintainers', 'Said anew');
    const { maintainers } = system.dump('own').teams;
    expect((await rollBack(run)).conflicts).toEqual([]);
    expect(system.dump('own').teams).toMatchObject({
      keepers: { ...was, name: 'keepers', slug: 'keepers' },
      maintainers,
    });
  });

  it('tells what cannot be put back where it is gone', async () => {
    const { run } = await apply('lost', OWN);
    await remove('lost', 'maintainers');
    await theirs('lost', 'maintainers', 'Said anew');
    const now = system.dump('lost');
    const { conflicts, totals } = await rollBack(run, 5);
    expect(totals).toMatchObject({ deadLettered: 0, parked: 0 });
    const { id } = now.teams['maintainers'] as { id: number };
    const found = {
      changed: [`deleted with its team; lost/maintainers is another team now (id ${id})`],
    };
    expect(conflicts.map(({ step }) => step).toSorted()).toEqual(['members/lin', 'settings']);
    for (const conflict of conflicts) expect(conflict.found, conflict.step).toEqual(found);
    expect(system.dump('lost')).toEqual(now);
  });

  it('gives its access back to the one that is made again', async () => {
    const { run } = await apply('gone', GONE, '--allow-removals');
    expect(access('gone')).toEqual({});
    const back = await rollBack(run);
    expect(access('gone')).toEqual({ retired: 'pull' });
    const forward = await rollBack(back.run);
    expect(access('gone')).toEqual({});
    await rollBack(forward.run);
    expect(access('gone')).toEqual({ retired: 'pull' });
  });

  it('is so for a step that its own run undoes', async () => {
    const [name, mark] = [fresh(), system.mark()];
    const maintainers = { method: 'PUT', path: '/orgs/*/teams/maintainers/repos/**' };
    system.github.faults.add({ match: maintainers, kind: 'delay', when: 'before', ms: 2_000 });
    const issues = { method: 'POST', path: '/repos/*/*/issues' };
    system.github.faults.add({ match: issues, kind: 'status', status: 422, body: { message: 'No.' } });
    const running = create(system, name);
    const granted = () =>
      system.since(mark).some((entry) => entry.type === 'effect' && entry.kind === 'team_repository.put');
    await system.until('the access of developers', granted);
    await rename('acme', 'developers', 'builders');
    await theirs('acme', 'developers', 'Theirs', name);
    const report = reportOf(await running.ended, 5);
    // Their access keeps the repository.
    expect(report).toMatchObject({ state: 'RolledBack', conflicts: [{ step: 'repository' }] });
    expect(access('acme', name)).toEqual({ developers: 'push' });
  });
});
