import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultMatch } from '../../src/dev/github/faults.js';
import { organization } from '../support/organization.js';
import {
  byHand,
  create,
  expectAudited,
  expectMade,
  fresh,
  openIssues,
  type Report,
  reportOf,
} from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';

const UNDOS: readonly [string, FaultMatch][] = [
  ['issues/1', { method: 'PATCH', path: '/repos/*/*/issues/*' }],
  ['teams/developers', { method: 'DELETE', path: '/orgs/*/teams/developers/repos/**' }],
  ['protection', { method: 'POST', path: '/graphql', operation: 'deleteBranchProtectionRule' }],
  ['repository', { method: 'DELETE', path: '/repos/*/*' }],
];

const LAST_ISSUE: FaultMatch = { method: 'POST', path: '/repos/*/*/issues' };
const MAINTAINERS: FaultMatch = { method: 'PUT', path: '/orgs/*/teams/maintainers/repos/**' };

const LIMITED = {
  status: 429,
  headers: { 'retry-after': '6' },
  body: { message: 'secondary rate limit' },
};

const runOf = async (said: Promise<string>): Promise<string> => /Run (\S+)/.exec(await said)?.[1] ?? '';

describe('create-repo on its way back and beside others', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ seed: [organization('acme', 2), { login: 'umbra' }] });
  });
  afterEach(() => system.github.faults.clear());
  afterAll(() => system?.stop());

  const seen = (kind: string, mark: number): Promise<void> =>
    system.until(kind, () =>
      system.since(mark).some((entry) => entry.type === 'effect' && entry.kind === kind),
    );
  const refuseLastIssue = (): unknown =>
    system.github.faults.add({
      match: LAST_ISSUE,
      skip: 1,
      kind: 'status',
      status: 422,
      body: { message: 'No.' },
    });

  it.each(UNDOS)('an undo of %s whose answer is lost is done once', async (_, match) => {
    const [name, before, mark] = [fresh(), system.dump('acme'), system.mark()];
    refuseLastIssue();
    system.github.faults.add({ match, when: 'after', kind: 'reset', times: 1 });
    const report = reportOf(await create(system, name).ended, 3);
    expect(report.steps.filter(({ state }) => state === 'undone').map(({ name: step }) => step)).toEqual([
      'repository',
      'protection',
      'teams/developers',
      'teams/maintainers',
      'issues/1',
    ]);
    expect(system.dump('acme')).toEqual(before);
    expectAudited(system, report.run, mark);
  });

  it('takes all of it back by REST alone too', async () => {
    const [name, before, mark] = [fresh(), system.dump('acme'), system.mark()];
    refuseLastIssue();
    reportOf(await create(system, name, '--no-graphql').ended, 3);
    expect(system.dump('acme')).toEqual(before);
    const asked = system.since(mark).filter((entry) => entry.type === 'request');
    expect(asked.filter(({ path }) => path.endsWith('/graphql'))).toEqual([]);
  });

  it('undoes the making also where GitHub does not let the run look at what it made', async () => {
    const [name, before, mark] = [fresh(), system.dump('acme'), system.mark()];
    const match = { method: 'GET', path: '/repos/*/*/branches' };
    system.github.faults.add({ match, kind: 'status', status: 403, body: { message: 'No.' }, times: 1 });
    const report = reportOf(await create(system, name).ended, 3);
    expect(report.steps).toMatchObject([{ name: 'repository', state: 'undone' }]);
    expect(system.dump('acme')).toEqual(before);
    expectAudited(system, report.run, mark);
  });

  it('undoes in reverse order', async () => {
    const [name, mark] = [fresh(), system.mark()];
    refuseLastIssue();
    reportOf(await create(system, name).ended, 3);
    const kinds = system
      .since(mark)
      .flatMap((entry) => (entry.type === 'effect' && entry.changed ? [entry.kind] : []))
      .filter((kind) => /delete|issue.update/.test(kind));
    expect(kinds).toEqual([
      'issue.update',
      'team_repository.delete',
      'team_repository.delete',
      'branch_protection.delete',
      'repository.delete',
    ]);
  });

  it('parks where GitHub does not let it delete, and goes on when that is mended', async () => {
    const [name, before] = [fresh(), system.dump('acme')];
    refuseLastIssue();
    const match = { method: 'DELETE', path: `/repos/acme/${name}` };
    const id = system.github.faults.add({
      match,
      kind: 'status',
      status: 403,
      body: { message: 'Must have admin rights.' },
    });
    const ran = await create(system, name).ended;
    const report = reportOf(ran, 5) as Report & { parked: { step: string; reason: string }[] };
    expect(report).toMatchObject({ state: 'Parked', totals: { repositories: 1, parked: 1 } });
    expect(report.parked).toMatchObject([{ step: 'repository' }]);
    expect(report.parked[0]?.reason).toContain('delete_repo');
    // Nobody else is kept waiting meanwhile.
    reportOf(await create(system, `${name}-b`, '--no-protect').ended, 3);
    system.github.faults.remove(id);
    system.github.faults.clear();
    const resolved = await system.orgsaga(['resolve', report.run, 'repository', 'retry', '--json']);
    const twice = await system.orgsaga(['resolve', report.run, 'repository', 'retry', '--json']);
    expect([resolved.code, twice.code], `${resolved.stderr}${twice.stderr}`).toEqual([3, 1]);
    const watched = reportOf(await system.orgsaga(['watch', report.run, '--json']), 3);
    expect(watched).toMatchObject({ state: 'RolledBack', totals: { rolledBack: 1 } });
    expect(system.dump('acme').repositories[name]).toBeUndefined();
    expect(Object.keys(system.dump('acme').repositories)).toEqual(Object.keys(before.repositories));
  });

  it('is rolled back as a whole later, and is left where somebody has begun to use it', async () => {
    const [name, before] = [fresh(), system.dump('acme')];
    const { run } = reportOf(await create(system, name).ended, 0);
    const back = reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 0);
    expect(back.state).toBe('Committed');
    expect(system.dump('acme')).toEqual(before);

    const other = reportOf(await create(system, name).ended, 0);
    await byHand(system, 'POST', `/repos/acme/${name}/issues`, { title: 'Theirs' });
    const left = reportOf(await system.orgsaga(['rollback', other.run, '--yes', '--json']), 5);
    expect(left.conflicts).toMatchObject([{ step: 'repository' }]);
    const forced = await system.orgsaga(['rollback', other.run, '--force', '--yes', '--json']);
    expect(reportOf(forced, 5)).toMatchObject({ state: 'Committed', conflicts: left.conflicts });
    expect(openIssues(system, name)).toEqual(['Theirs']);
    await byHand(system, 'DELETE', `/repos/acme/${name}`, {});
  });

  it('leaves a repository that somebody has begun to use, and says what was found', async () => {
    const [name, mark] = [fresh(), system.mark()];
    system.github.faults.add({ match: MAINTAINERS, kind: 'delay', when: 'before', ms: 2_000 });
    refuseLastIssue();
    const running = create(system, name);
    await seen('team_repository.put', mark);
    await byHand(system, 'POST', `/repos/acme/${name}/issues`, { title: 'Theirs' });
    const report = reportOf(await running.ended, 5);
    expect(report).toMatchObject({
      state: 'RolledBack',
      conflicts: [{ step: 'repository', found: { changed: ['issue #1'] } }],
    });
    expect(openIssues(system, name)).toEqual(['Theirs']);
    expect(system.dump('acme').repositories[name]).toMatchObject({ teams: {}, branch_protection: {} });
    const back = await system.orgsaga(['rollback', report.run, '--yes']);
    expect([back.code, back.stderr]).toEqual([1, expect.stringContaining(`acme/${name} was left, because`)]);
    await byHand(system, 'DELETE', `/repos/acme/${name}`, {});
  });

  it('tells in a rollback, too, of a repository that its own undo had to leave', async () => {
    const name = fresh();
    const [status, body] = [403, { message: 'No.' }];
    system.github.faults.add({ match: MAINTAINERS, kind: 'status', status: 422, body });
    const [, [step, match]] = UNDOS as readonly [unknown, (typeof UNDOS)[number]];
    system.github.faults.add({ match, kind: 'status', status, body });
    const { run } = reportOf(await create(system, name).ended, 5);
    const skipped = reportOf(await system.orgsaga(['resolve', run, step, 'skip', '--json']), 5);
    expect(skipped.conflicts.map((one) => one.step).toSorted()).toEqual(['repository', step]);
    system.github.faults.clear();
    const back = reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 5);
    expect(back).toMatchObject({ state: 'Committed', conflicts: [{ step: 'repository' }] });
    expect(system.dump('acme').repositories[name]).toMatchObject({ teams: {} });
    await byHand(system, 'DELETE', `/repos/acme/${name}`, {});
  });

  const patch = (name: string, body: object) => byHand(system, 'PATCH', `/repos/acme/${name}`, body);

  it('leaves a repository that somebody has renamed meanwhile, and undoes the rest of it there', async () => {
    const [name, mark] = [fresh(), system.mark()];
    system.github.faults.add({ match: MAINTAINERS, kind: 'delay', when: 'before', ms: 2_000 });
    refuseLastIssue();
    const running = create(system, name);
    await seen('team_repository.put', mark);
    await patch(name, { name: `${name}-mine` });
    const report = reportOf(await running.ended, 5);
    const found = { changed: [`renamed to acme/${name}-mine`], moved: `acme/${name}-mine` };
    expect(report).toMatchObject({ state: 'RolledBack', conflicts: [{ step: 'repository', found }] });
    expect(system.dump('acme').repositories[`${name}-mine`]).toMatchObject({
      teams: {},
      branch_protection: {},
    });
    const shown = await system.orgsaga(['status', report.run]);
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining(`renamed to acme/${name}-mine`)]);
    await byHand(system, 'DELETE', `/repos/acme/${name}-mine`, {});
  });

  it.each(['', '--no-graphql'])(
    'renamed, with another in its place, is rolled back where it is now (%s)',
    async (more) => {
      const name = fresh();
      const { run } = reportOf(await create(system, name, ...(more === '' ? [] : [more])).ended, 0);
      await patch(name, { name: `${name}-mine` });
      await byHand(system, 'POST', '/orgs/acme/repos', { name, description: 'Theirs' });
      await byHand(system, 'PUT', `/orgs/acme/teams/developers/repos/acme/${name}`, { permission: 'push' });
      const theirs = system.dump('acme').repositories[name];
      const back = reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 5);
      const found = { changed: [`renamed to acme/${name}-mine`] };
      expect(back.conflicts).toMatchObject([{ step: 'repository', found }]);
      const { [name]: other, [`${name}-mine`]: mine } = system.dump('acme').repositories;
      expect(other).toEqual(theirs);
      expect(mine).toMatchObject({ teams: {}, branch_protection: {} });
      expect(openIssues(system, `${name}-mine`)).toEqual([]);
      for (const each of [name, `${name}-mine`]) await byHand(system, 'DELETE', `/repos/acme/${each}`, {});
    },
  );

  it('transferred to another organisation is left there as it is, with all of its steps', async () => {
    const name = fresh();
    const { run } = reportOf(await create(system, name).ended, 0);
    await byHand(system, 'POST', `/repos/acme/${name}/transfer`, { new_owner: 'umbra' });
    const there = system.dump('umbra').repositories[name];
    const back = reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 5);
    expect(back.conflicts.map(({ step }) => step)).toContain('repository');
    for (const { found } of back.conflicts)
      expect(found).toMatchObject({ changed: [`transferred to umbra/${name}`] });
    expect(system.dump('umbra').repositories[name]).toEqual(there);
  });

  it('cancelled half-way takes back what it did', async () => {
    const [name, before, mark] = [fresh(), system.dump('acme'), system.mark()];
    // A closed limit holds it up for as long as a command takes to start.
    system.github.faults.add({ match: MAINTAINERS, kind: 'status', times: 1, ...LIMITED });
    const running = create(system, name);
    await seen('team_repository.put', mark);
    const run = await runOf(running.says(/Run (\S+)/));
    await system.orgsaga(['cancel', run, '--yes']);
    const report = reportOf(await running.ended, 3);
    expect(report).toMatchObject({ state: 'Cancelled', totals: { rolledBack: 1 } });
    expect(system.dump('acme')).toEqual(before);
    expectAudited(system, run, mark);
  });

  it('lost its worker between GitHub and itself: nothing is made twice', async () => {
    const [name, before, mark] = [fresh(), system.dump('acme'), system.mark()];
    for (const path of ['/orgs/*/repos', '/repos/*/*/issues'])
      system.github.faults.add({
        match: { method: 'POST', path },
        kind: 'delay',
        when: 'after',
        ms: 3_000,
        times: 1,
      });
    const running = create(system, name);
    for (const kind of ['repository.create', 'issue.create']) {
      await seen(kind, mark);
      await system.workers.shift()?.kill();
      await system.startWorker();
    }
    const report = reportOf(await running.ended, 0);
    expectMade(system, name, before);
    expectAudited(system, report.run, mark);
  });

  it('is applied later than it was answered: waited for, and a duplicate that comes later still is closed', async () => {
    const [name, mark] = [fresh(), system.mark()];
    const later = { kind: 'apply-later', ms: 100, times: 1 } as const;
    system.github.faults.add({ match: { method: 'POST', path: '/orgs/*/repos' }, ...later, apply_ms: 2_000 });
    // Later than GitHub ever does: the call is given up and repeated, and then comes through all the same.
    system.github.faults.add({ match: LAST_ISSUE, ...later, apply_ms: 4_500 });
    system.github.faults.add({
      match: { method: 'PATCH', path: '/repos/*/*' },
      kind: 'delay',
      when: 'before',
      ms: 3_000,
    });
    const report = reportOf(await create(system, name).ended, 0);
    expect(report.state).toBe('Committed');
    expect(openIssues(system, name).toSorted()).toEqual(['Name an owner', 'Write the README']);
    const made = system
      .since(mark)
      .flatMap((entry) => (entry.type === 'effect' && /create/.test(entry.kind) ? [entry.kind] : []));
    expect(made.filter((kind) => kind === 'repository.create')).toHaveLength(1);
    expect(made.filter((kind) => kind === 'issue.create')).toHaveLength(3);
    expect(report.steps.at(-1)).toMatchObject({ name: 'duplicates', state: 'applied' });
  });
});
