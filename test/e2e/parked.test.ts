import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunStatus } from '../../src/workflows/contract.js';
import { organization, standards } from '../support/organization.js';
import { type System, startSystem } from '../support/system.js';
import { type ApplyReport, poison, reportOf, Trial } from '../support/trial.js';

describe('a parked item whose run is open no more, with real processes', { timeout: 300_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      seed: ['alone', 'terminated', 'between', 'kept', 'skipped'].map((login) =>
        organization(login, login === 'terminated' ? 20 : 4),
      ),
    });
  });
  afterAll(() => system?.stop());

  const apply = (login: string, ...more: string[]) =>
    system.orgsaga([
      'apply',
      '-f',
      system.write(`${login}.yaml`, standards(login, ...more)),
      '--yes',
      '--json',
    ]);

  const rollBack = (run: string) => system.orgsaga(['rollback', run, '--yes', '--json']);

  const resolve = (run: string, decision: 'retry' | 'skip') =>
    system.orgsaga(['resolve', run, 'settings', decision, '--json']);

  async function statusOf(run: string): Promise<RunStatus> {
    let ran = await system.orgsaga(['status', run, '--json']);
    // A worker that has just begun may be too busy to answer a query in time.
    for (let tries = 0; tries < 5 && /try again|No answer/.test(ran.stderr); tries += 1)
      ran = await system.orgsaga(['status', run, '--json']);
    expect(ran.code, ran.stderr).toBe(0);
    return JSON.parse(ran.stdout) as RunStatus;
  }

  /** Lets the next change of a repository's settings through, and refuses what would put them back. */
  function jam(login: string): () => void {
    const fault = system.github.faults.add({
      match: { method: 'PATCH', path: `/repos/${login}/repo-000` },
      kind: 'status',
      status: 403,
      body: { message: 'Must have admin rights to Repository.' },
      skip: 1,
    });
    return () => system.github.faults.remove(fault);
  }

  /** The row of a run in `orgsaga runs`. */
  async function listed(run: string): Promise<unknown> {
    const { stdout } = await system.orgsaga(['runs', '--json']);
    return (JSON.parse(stdout) as { run: string }[]).find((row) => row.run === run);
  }

  /** Another run takes the organisation, plans, and waits for an approval: refused where the lock is held. */
  async function expectUnlocked(login: string): Promise<void> {
    const other = reportOf(await apply(login, 'approval: required'), 5);
    expect(other).toMatchObject({ state: 'AwaitingApproval' });
    expect(await system.orgsaga(['cancel', other.run, '--yes'])).toMatchObject({ code: 0 });
  }

  /** The way out while `RUN` has something parked: it is shown, holds nobody up, and keeps a rollback back. */
  async function expectShown(login: string, run: string): Promise<RunStatus> {
    const status = await statusOf(run);
    expect(status.parked).toMatchObject([{ item: `${login}/repo-000`, step: 'settings' }]);
    const human = await system.orgsaga(['status', run]);
    expect(human.stdout).toContain(`${login}/repo-000  settings: PATCH`);
    expect(human.stderr).toContain(`orgsaga resolve ${run} settings retry`);
    const watched = await system.orgsaga(['watch', run, '--json']);
    expect(reportOf(watched, 5)).toMatchObject({ parked: [{ step: 'settings' }] });
    await expectUnlocked(login);
    const refused = await rollBack(run);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain(`decide on it first: orgsaga status ${run}`);
    const wrong = await system.orgsaga(['resolve', run, 'topics', 'retry']);
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.stderr).toContain(`settings of ${login}/repo-000`);
    return status;
  }

  /** Decides, is shown what became of it, and finds that nothing waits any more. */
  async function expectResolved(trial: Trial, run: string): Promise<ApplyReport> {
    expect(reportOf(await resolve(run, 'retry'), 5)).toMatchObject({ parked: [{ step: 'settings' }] });
    system.github.faults.clear();
    const report = reportOf(await resolve(run, 'retry'), 5);
    expect(report).toMatchObject({ parked: [], deadLetters: [{ item: `${trial.login}/repo-000` }] });
    const after = system.dump(trial.login).repositories['repo-000'];
    expect(after).toEqual(trial.before.repositories['repo-000']);
    const late = await resolve(run, 'retry');
    expect(late).toMatchObject({ code: 1 });
    expect(late.stderr).toContain('none waits at all');
    return report;
  }

  it('is decided after a retry by itself, its run having closed with it as a dead letter', async () => {
    const trial = new Trial(system, 'alone');
    poison(system, 'alone', 'repo-000');
    const { run } = reportOf(await apply('alone', 'dead_letter: { max_retries: 1, deadline: 2s }'), 5);
    await system.until(
      'the deadline closes the run',
      async () => (await statusOf(run)).state === 'Committed',
    );
    jam('alone');
    const retried = await system.orgsaga(['dlq', 'retry', '--run', run, '--all', '--json']);
    expect(retried.code, retried.stderr).toBe(5);
    expect(JSON.parse(retried.stdout)).toMatchObject({
      succeeded: [],
      failed: [],
      parked: [{ item: 'alone/repo-000', step: 'settings' }],
    });
    expect(retried.stderr).toContain(`orgsaga resolve ${run} settings retry --item alone/repo-000`);
    const status = await expectShown('alone', run);
    expect(status).toMatchObject({
      state: 'Committed',
      totals: { committed: 3, parked: 1, deadLettered: 0 },
    });
    const report = await expectResolved(trial, run);
    expect(report.totals).toMatchObject({ committed: 3, parked: 0, deadLettered: 1 });
    expect(await system.orgsaga(['dlq', 'retry', '--run', run, '--all', '--json'])).toMatchObject({
      code: 0,
    });
    expect(
      trial.findings({
        ...report,
        deadLetters: [],
        totals: { ...report.totals, committed: 4, deadLettered: 0 },
      }),
    ).toEqual([]);
  });

  it('is decided after its run was terminated, whose lock is taken over meanwhile', async () => {
    const trial = new Trial(system, 'terminated');
    poison(system, 'terminated', 'repo-000');
    jam('terminated');
    // One repository after the other, slowly: the run is at work, and holds its lock, long after the first has parked.
    system.github.setLatency(150);
    const file = system.write('terminated.yaml', standards('terminated'));
    const args = ['apply', '-f', file, '--yes', '--json', '--detach', '--strategy', 'sequential'];
    const started = await system.orgsaga(args);
    const { run } = JSON.parse(started.stdout) as { run: string };
    await system.until('it is parked', async () => (await statusOf(run)).parked.length === 1);
    expect(await statusOf(run)).toMatchObject({ state: 'Running' });
    const { workflow } = await system.client();
    await workflow.getHandle(run).terminate('by the test');
    const locked = await apply('terminated');
    expect(locked).toMatchObject({ code: 1 });
    expect(locked.stderr).toContain(`run ${run} is writing`);
    system.github.setLatency(0);
    const query = `OrgsagaRun = "${run}" AND ExecutionStatus = "Running" AND OrgsagaState != "Parked"`;
    const others = async (): Promise<number> => (await workflow.count(query)).count;
    await system.until('nothing is at work any more', async () => (await others()) === 0);
    const status = await expectShown('terminated', run);
    expect(status).toMatchObject({ state: 'Parked', reason: expect.stringContaining('terminated') });
    const ended = { phase: status.phase, closedAt: expect.any(String) };
    expect(await listed(run)).toMatchObject({ ...ended, state: 'Parked' });
    await expectResolved(trial, run);
    reportOf(await rollBack(run), 0);
    expect(await statusOf(run)).toMatchObject({
      state: 'Cancelled',
      rolledBackBy: `${run}-rollback`,
      reason: expect.stringContaining(`rolled back by ${run}-rollback`),
    });
    expect(await listed(run)).toMatchObject({ ...ended, state: 'Cancelled' });
    expect(system.dump('terminated').repositories).toEqual(trial.before.repositories);
  });

  it('is decided after its run was terminated between two tasks, so that it answers no query any more', async () => {
    const trial = new Trial(system, 'between');
    poison(system, 'between', 'repo-000');
    jam('between');
    const { run } = reportOf(await apply('between'), 5);
    const { workflow } = await system.client();
    // Its worker is gone when it hears of something, and it is terminated before another one takes that up.
    await Promise.all(system.workers.splice(0).map((worker) => worker.kill()));
    await workflow.getHandle(run).signal('retry', ['between/nothing']);
    await workflow.getHandle(run).terminate('by the test');
    await system.startWorker();
    const status = await statusOf(run);
    expect(status).toMatchObject({
      run,
      kind: 'apply',
      organizations: ['between'],
      state: 'Parked',
      parked: [{ item: 'between/repo-000', step: 'settings' }],
      notes: [expect.stringContaining('figures are not known')],
    });
    await expectResolved(trial, run);
    reportOf(await rollBack(run), 0);
    expect(system.dump('between').repositories).toEqual(trial.before.repositories);
  });

  it('is decided after its run was stopped with cancel --keep', async () => {
    const trial = new Trial(system, 'kept');
    poison(system, 'kept', 'repo-000');
    jam('kept');
    const { run } = reportOf(await apply('kept'), 5);
    expect(await system.orgsaga(['cancel', run, '--keep', '--yes'])).toMatchObject({ code: 0 });
    await system.until('it has stopped', async () => (await statusOf(run)).state === 'Cancelled');
    const status = await expectShown('kept', run);
    expect(status).toMatchObject({ state: 'Cancelled', totals: { committed: 3, parked: 1 } });
    const report = await expectResolved(trial, run);
    expect(report.totals).toMatchObject({ committed: 3, parked: 0, deadLettered: 1 });
    reportOf(await rollBack(run), 0);
    expect(system.dump('kept').repositories).toEqual(trial.before.repositories);
    // The rollback has let the dead letter go.
    const letters = await system.orgsaga(['dlq', 'list', '--run', run, '--json']);
    expect(JSON.parse(letters.stdout)).toEqual([]);
  });

  it.each(['terminated', 'kept'])(
    'is listed as what is left where it is skipped after its run was %s',
    async (how) => {
      poison(system, 'skipped', 'repo-000');
      const mend = jam('skipped');
      const { run } = reportOf(await apply('skipped'), 5);
      if (how === 'kept') await system.orgsaga(['cancel', run, '--keep', '--yes']);
      else await (await system.client()).workflow.getHandle(run).terminate('by the test');
      await system.until('it has ended', async () => (await statusOf(run)).state !== 'Compensating');
      const report = reportOf(await resolve(run, 'skip'), 5) as ApplyReport & { conflicts: object[] };
      expect(report.conflicts).toMatchObject([
        { item: 'skipped/repo-000', step: 'settings', field: 'allow_merge_commit' },
        { item: 'skipped/repo-000', step: 'settings', field: 'has_wiki' },
      ]);
      mend();
      reportOf(await rollBack(run), 0);
    },
  );
});
