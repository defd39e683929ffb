import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createRepository,
  transferRepository,
  updateRepository,
} from '../../src/dev/github/state/repositories.js';
import { byName as repositoriesOf } from '../../src/dev/github/state/state.js';
import { putTeamRepository } from '../../src/dev/github/state/teams.js';
import { strikes, uncertainAnswers } from '../support/chaos.js';
import { byName, differences } from '../support/checker/differences.js';
import { type OrganizationDump, organization, standards } from '../support/organization.js';
import { STANDING_MS, type System, startSystem } from '../support/system.js';
import { type ApplyReport, poison, reportOf, Trial } from '../support/trial.js';

const comparable = ({ repositories, ...rest }: OrganizationDump): unknown => ({
  ...rest,
  repositories: Object.fromEntries(
    Object.entries(repositories).map(([name, one]) => [name, { ...one, labels: byName(one.labels) }]),
  ),
});

const between = (left: OrganizationDump, right: OrganizationDump): string[] =>
  differences(comparable(left), comparable(right));

describe('rollback RUN, with real processes', { timeout: 180_000 }, () => {
  let system: System;
  beforeAll(async () => {
    const logins = [
      'plain',
      'foreign',
      'letters',
      'killed',
      'uncertain',
      'terminated',
      'retained',
      'forgotten',
      'moved',
    ];
    system = await startSystem({
      seed: [...logins.map((login) => organization(login, login === 'killed' ? 30 : 8)), { login: 'umbra' }],
    });
  });
  afterAll(() => system?.stop());

  async function applied(login: string, code = 0): Promise<ApplyReport> {
    const file = system.write(`${login}.yaml`, standards(login));
    return reportOf(await system.orgsaga(['apply', '-f', file, '--yes', '--json']), code);
  }

  const rollBack = (run: string, ...more: string[]) =>
    system.orgsaga(['rollback', run, '--yes', '--json', ...more]);

  const statusOf = async (run: string): Promise<Record<string, unknown>> => {
    const ran = await system.orgsaga(['status', run, '--json']);
    expect(ran.code, ran.stderr).toBe(0);
    return JSON.parse(ran.stdout) as Record<string, unknown>;
  };

  it('gives the organisation back field by field, and is rolled back itself', async () => {
    const trial = new Trial(system, 'plain');
    const { run } = await applied('plain');
    const wanted = system.dump('plain');
    const report = reportOf(await rollBack(run), 0);
    expect(report).toMatchObject({ run: `${run}-rollback`, state: 'Committed' });
    expect(report.totals).toMatchObject({ repositories: 8, committed: 8 });
    expect(between(trial.before, system.dump('plain'))).toEqual([]);
    expect(trial.findings(report, { wanted: trial.before })).toEqual([]);
    expect(await statusOf(run)).toMatchObject({ state: 'Committed', rolledBackBy: report.run });

    const twice = await rollBack(run);
    expect(twice.code).toBe(1);
    expect(twice.stderr).toContain(report.run);

    const again = reportOf(await rollBack(report.run), 0);
    expect(between(wanted, system.dump('plain'))).toEqual([]);
    expect(trial.findings(again)).toEqual([]);

    // Brought forward again, the run can be rolled back once more.
    const last = reportOf(await rollBack(run), 0);
    expect(last.run).toBe(`${run}-rollback-2`);
    expect(between(trial.before, system.dump('plain'))).toEqual([]);
    expect(trial.findings(last, { wanted: trial.before })).toEqual([]);
  });

  it('puts a renamed repository back where it is, leaves one that was transferred, and never another of the name', async () => {
    const before = system.dump('moved');
    const { run } = await applied('moved');
    const { state } = system.github;
    const [writer, org] = [state.writer(null, null, true), state.organization('moved')];
    const [first, second] = repositoriesOf(org);
    if (first === undefined || second === undefined) throw new Error('the seed has two repositories');
    updateRepository(writer, first, { name: 'repo-mine' });
    createRepository(writer, org, { name: 'repo-000' });
    transferRepository(writer, second, state.organization('umbra'));
    const theirs = system.dump('moved').repositories['repo-000'];
    const gone = system.dump('umbra').repositories['repo-001'];
    const report = reportOf(await rollBack(run), 5) as ApplyReport & {
      conflicts: { item: string; step: string; found: unknown }[];
    };
    expect(report.totals).toMatchObject({ repositories: 8, committed: 8, deadLettered: 0 });
    const { 'repo-000': old, 'repo-mine': mine } = system.dump('moved').repositories;
    expect(old).toEqual(theirs);
    const { settings, topics, branch_protection, teams } = before.repositories['repo-000'] ?? {};
    expect(mine).toMatchObject({ settings, topics, branch_protection, teams });
    expect(system.dump('umbra').repositories['repo-001']).toEqual(gone);
    const conflicts = report.conflicts.filter(({ item }) => item === 'moved/repo-001');
    expect(conflicts.length).toBeGreaterThan(0);
    for (const { step, found } of conflicts)
      expect(found, step).toEqual({ changed: ['transferred to umbra/repo-001'] });
  });

  it('leaves what somebody changed since, lists it, and puts it back with --force', async () => {
    const trial = new Trial(system, 'foreign');
    const { run } = await applied('foreign');
    const state = system.github.state;
    const writer = state.writer(null, null, true);
    const org = state.organization('foreign');
    const [first, second] = repositoriesOf(org);
    const developers = org.teams.get('developers');
    if (first === undefined || second === undefined || developers === undefined) throw new Error('no seed');
    putTeamRepository(writer, developers, first, 'maintain');
    const platform = org.teams.get('platform');
    if (platform !== undefined) putTeamRepository(writer, platform, second, 'admin');
    updateRepository(writer, second, { description: 'Written by hand' });
    const report = reportOf(await rollBack(run), 5);
    expect(report).toMatchObject({ state: 'Committed' });
    const { conflicts } = (await statusOf(report.run)) as { conflicts: { item: string }[] };
    expect(conflicts.toSorted((left, right) => (left.item < right.item ? -1 : 1))).toMatchObject([
      { item: 'foreign/repo-000', step: 'teams/developers', before: null, wrote: 'push', found: 'maintain' },
      { item: 'foreign/repo-001', step: 'teams/platform', before: null, wrote: 'triage', found: 'admin' },
      { item: 'foreign/teams/platform/create', found: { changed: ['foreign/repo-001'] } },
    ]);
    expect(between(trial.before, system.dump('foreign')).toSorted()).toEqual([
      'repositories.repo-000.teams.developers',
      'repositories.repo-001.settings.description',
      'repositories.repo-001.teams.platform',
      'teams.platform',
    ]);

    const forced = reportOf(await rollBack(run, '--force'), 0);
    expect(forced).toMatchObject({ run: `${run}-rollback-2`, totals: { committed: 2, inSync: 6 } });
    expect(between(trial.before, system.dump('foreign'))).toEqual([
      'repositories.repo-001.settings.description',
    ]);
  });

  it('closes the dead letters of a run that waits with them', async () => {
    const trial = new Trial(system, 'letters');
    const mend = poison(system, 'letters', 'repo-003');
    const mendOther = poison(system, 'letters', 'repo-001');
    const { run } = await applied('letters', 5);
    mendOther();
    const retry = (...args: string[]) => system.orgsaga(['dlq', 'retry', 'letters/repo-001', ...args]);
    expect(await retry('--run', run)).toMatchObject({ code: 0 });
    mend();
    const report = reportOf(await rollBack(run), 0);
    expect(report.totals).toMatchObject({ repositories: 7, committed: 7 });
    expect(between(trial.before, system.dump('letters'))).toEqual([]);
    expect(await statusOf(run)).toMatchObject({ rolledBackBy: report.run, deadLetters: [] });
    const retried = await system.orgsaga(['dlq', 'retry', 'letters/repo-003', '--run', run, '--json']);
    expect(retried.code).toBe(5);
    expect(JSON.parse(retried.stdout)).toMatchObject({
      refused: [{ item: 'letters/repo-003', reason: expect.stringContaining('run rolled back') }],
    });
    for (const refused of await Promise.all([retry('--run', run), retry()]))
      expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining(`back by ${report.run}`) });
    expect(between(trial.before, system.dump('letters'))).toEqual([]);
    reportOf(await rollBack(report.run), 0);
    expect(await retry('--run', run)).toMatchObject({ code: 0 });
  });

  it('survives the kill of its worker in the middle, and starts once however often it is asked for', async () => {
    const trial = new Trial(system, 'killed');
    const { run } = await applied('killed');
    const mark = system.mark();
    system.github.setLatency(40);
    const asked = [rollBack(run, '--detach'), rollBack(run, '--detach')];
    const answers = (await Promise.all(asked)).map(({ stdout }) => JSON.parse(stdout));
    expect(new Set(answers.map((answer) => answer.run))).toEqual(new Set([`${run}-rollback`]));
    await system.effects('killed', mark, 40);
    await system.workers.shift()?.kill();
    await system.startWorker();
    system.github.setLatency(0);
    const report = reportOf(await system.orgsaga(['watch', `${run}-rollback`, '--json']), 0);
    expect(report.totals).toMatchObject({ repositories: 30, committed: 30 });
    expect(between(trial.before, system.dump('killed'))).toEqual([]);
    expect(trial.findings(report, { wanted: trial.before })).toEqual([]);
  });

  it('ends well where nobody knows what became of a good part of its calls', async () => {
    const trial = new Trial(system, 'uncertain');
    for (const rule of uncertainAnswers(11, 2)) system.github.faults.add(rule);
    const { run } = await applied('uncertain');
    const report = reportOf(await rollBack(run), 0);
    const struck = Object.values(strikes(system)).reduce((sum, times) => sum + times, 0);
    system.github.faults.clear();
    expect(struck).toBeGreaterThan(10);
    expect(report.totals).toMatchObject({ repositories: 8, committed: 8 });
    expect(between(trial.before, system.dump('uncertain'))).toEqual([]);
    expect(trial.findings(report, { wanted: trial.before })).toEqual([]);
  });

  it('takes back what a run had done that was terminated, its last repositories included', async () => {
    const trial = new Trial(system, 'terminated');
    system.github.setLatency(STANDING_MS);
    const file = system.write('terminated.yaml', standards('terminated'));
    const started = await system.orgsaga(['apply', '-f', file, '--yes', '--json', '--detach']);
    const { run } = JSON.parse(started.stdout) as { run: string };
    expect((await rollBack(run)).stderr).toMatch(/still going .*orgsaga cancel/);
    system.github.setLatency(40);
    await trial.effects(20);
    const { workflow } = await system.client();
    await workflow.getHandle(run).terminate('by the test');
    const report = reportOf(await rollBack(run, '--wait'), 0);
    system.github.setLatency(0);
    expect(report).toMatchObject({ run: `${run}-rollback`, state: 'Committed' });
    expect(report.totals.committed).toBeGreaterThan(0);
    expect(between(trial.before, system.dump('terminated'))).toEqual([]);
  });

  it('finds its number, and runs once, where retention has removed the rollbacks before it', async () => {
    const trial = new Trial(system, 'retained');
    const { run } = await applied('retained');
    const org = system.github.state.organization('retained');
    const [first] = repositoriesOf(org);
    const developers = org.teams.get('developers');
    if (first === undefined || developers === undefined) throw new Error('no seed');
    putTeamRepository(system.github.state.writer(null, null, true), developers, first, 'maintain');
    const left = reportOf(await rollBack(run), 5);
    await system.forget(left.run);
    const before = await statusOf(run);

    const plain = await rollBack(run);
    expect(plain).toMatchObject({ code: 1 });
    expect(plain.stderr).toContain(`${run} has been rolled back by ${left.run} already`);
    expect(await statusOf(run)).toEqual(before);

    const mark = system.mark();
    const twice = (await Promise.all([rollBack(run, '--force'), rollBack(run, '--force')])).map((ran) =>
      reportOf(ran, 0),
    );
    for (const report of twice)
      expect(report).toMatchObject({ run: `${run}-rollback-2`, totals: { committed: 1 } });
    expect(system.since(mark).filter((entry) => entry.type === 'effect' && !entry.changed)).toEqual([]);
    expect(between(trial.before, system.dump('retained'))).toEqual([]);
    expect(await statusOf(run)).toMatchObject({ state: 'Committed', rolledBackBy: `${run}-rollback-2` });
  });

  it('refuses, in clear words, what cannot be rolled back', async () => {
    const none = await rollBack('apply-nobody-1');
    expect(none).toMatchObject({ code: 1 });
    expect(none.stderr).toMatch(/no run apply-nobody-1/);
    const refused = await rollBack('apply-nobody-1-rollback');
    expect(refused).toMatchObject({ code: 1 });
    const unasked = await system.orgsaga(['rollback', 'apply-nobody-1', '--json']);
    expect(unasked).toMatchObject({ code: 2, stdout: '' });
  });

  it('needs no history: another server has never heard of the run', async () => {
    const trial = new Trial(system, 'forgotten');
    const { run } = await applied('forgotten');
    for (const worker of system.workers.splice(0)) await worker.kill();
    await system.killServer();
    for (const file of ['temporal.db', 'temporal.db-wal', 'temporal.db-shm'])
      rmSync(join(system.directory, file), { force: true });
    await system.restartServer();
    await system.startWorker();
    const report = reportOf(await rollBack(run), 0);
    expect(report.totals).toMatchObject({ repositories: 8, committed: 8 });
    expect(between(trial.before, system.dump('forgotten'))).toEqual([]);
    expect(trial.findings(report, { wanted: trial.before })).toEqual([]);
  });
});
