import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readAudit } from '../support/checker.js';
import { organization, standards } from '../support/organization.js';
import { byHand, create, fresh, type Report, reportOf } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';
import { poison } from '../support/trial.js';

function told(report: Report): void {
  expect(report.totals).toMatchObject({ deadLettered: 0, parked: 0 });
  expect(report.conflicts.length).toBeGreaterThan(3);
  const words = { changed: [expect.stringMatching(/^deleted, or moved/)] };
  for (const { step, found } of report.conflicts) expect(found, step).toEqual(words);
}

describe('a repository that somebody has deleted', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      seed: [organization('acme', 2), organization('plain', 3), organization('stopped', 2)],
    });
  });
  afterEach(() => system.github.faults.clear());
  afterAll(() => system?.stop());

  const rollBack = (run: string, ...more: string[]) =>
    system.orgsaga(['rollback', run, '--yes', '--json', ...more]);
  const remove = (repository: string) => byHand(system, 'DELETE', `/repos/${repository}`, {});

  it('has nothing left to take back where the run had made it, and another of its name is not touched', async () => {
    const [name, before] = [fresh(), system.dump('acme')];
    const { run } = reportOf(await create(system, name).ended, 0);
    await remove(`acme/${name}`);
    expect(reportOf(await rollBack(run), 0).state).toBe('Committed');
    expect(system.dump('acme')).toEqual(before);

    const other = reportOf(await create(system, name).ended, 0);
    await remove(`acme/${name}`);
    await byHand(system, 'POST', '/orgs/acme/repos', { name, description: 'Theirs' });
    const theirs = system.dump('acme').repositories[name];
    expect(reportOf(await rollBack(other.run), 0).state).toBe('Committed');
    expect(system.dump('acme').repositories[name]).toEqual(theirs);
  });

  it('is not made again by taking back the rollback that deleted it', async () => {
    const name = fresh();
    const { run } = reportOf(await create(system, name).ended, 0);
    const back = reportOf(await rollBack(run), 0);
    const refused = await rollBack(back.run);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`has deleted acme/${name}`);
    expect((await rollBack(run)).stderr).toContain(`has been rolled back by ${back.run} already`);
  });

  it.each(['before', 'after'] as const)(
    'by its rollback is a conflict of every step where that is cancelled %s it was deleted',
    async (when) => {
      const name = fresh();
      const { run } = reportOf(await create(system, name).ended, 0);
      const match = { method: 'DELETE', path: `/repos/acme/${name}` };
      const id = system.github.faults.add({ match, kind: 'delay', when, ms: 3_000, times: 1 });
      const rolling = rollBack(run);
      const struck = () => system.github.faults.list().some((rule) => rule.id === id && rule.struck > 0);
      await system.until('the repository is being deleted', struck);
      const cancelled = await system.orgsaga(['cancel', `${run}-rollback`, '--yes', '--json']);
      expect(cancelled).toMatchObject({ code: 0 });
      const report = reportOf(await rolling, 5);
      expect(report.state).toBe('Cancelled');
      told(report);
      expect(system.dump('acme').repositories[name]).toBeUndefined();
      const outcomes = readAudit(system.store, 'acme')
        .filter((record) => record.run === `${run}-rollback` && record.kind === 'repository')
        .map(({ direction, outcome }) => `${direction} ${outcome}`);
      expect(outcomes[0]).toBe('do applied');
    },
  );

  it('waits for a person where its run is cancelled, who is told what can be decided', async () => {
    poison(system, 'stopped', 'repo-001');
    const file = system.write('stopped.yaml', standards('stopped', 'on_failure: checkpoint'));
    const { run } = reportOf(await system.orgsaga(['apply', '-f', file, '--yes', '--json']), 5);
    await remove('stopped/repo-001');
    expect((await system.orgsaga(['cancel', run, '--yes'])).code).toBe(0);
    const { parked } = reportOf(await system.orgsaga(['watch', run, '--json']), 5) as Report & {
      parked: { reason: string }[];
    };
    expect(parked[0]?.reason).toMatch(
      /has been deleted, or moved .*; skip it, or retry once it is there again/,
    );
  });

  it('ends an undo that had parked in it', async () => {
    const name = fresh();
    const issues = { method: 'POST', path: '/repos/*/*/issues' };
    const access = { method: 'DELETE', path: '/orgs/*/teams/developers/repos/**' };
    for (const match of [issues, access])
      system.github.faults.add({ match, kind: 'status', status: 422, body: { message: 'No.' } });
    const { run } = reportOf(await create(system, name).ended, 5);
    await remove(`acme/${name}`);
    const decided = await system.orgsaga(['resolve', run, 'teams/developers', 'retry', '--json']);
    expect(decided.code, decided.stderr).toBe(3);
    expect(JSON.parse(decided.stdout)).toMatchObject({ state: 'RolledBack' });
  });

  it('is a conflict of every step of a run over many, which holds back no other, also with --force', async () => {
    const before = system.dump('plain');
    const file = system.write('plain.yaml', standards('plain'));
    const { run } = reportOf(await system.orgsaga(['apply', '-f', file, '--yes', '--json']), 0);
    await remove('plain/repo-001');
    const { 'repo-001': gone, ...others } = before.repositories;
    expect(gone).toBeDefined();
    told(reportOf(await rollBack(run), 5));
    expect(system.dump('plain').repositories).toEqual(others);
    told(reportOf(await rollBack(run, '--force'), 5));
  });
});
