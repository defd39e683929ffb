import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { organization, standards } from '../support/organization.js';
import { STANDING_MS, type System, startSystem } from '../support/system.js';
import { poison, reportOf, Trial } from '../support/trial.js';

describe('steering a rollback, with real processes', { timeout: 180_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      seed: [organization('stuck', 8), organization('stopped', 16), organization('asked', 4)],
    });
  });
  afterAll(() => system?.stop());

  async function applied(login: string): Promise<string> {
    const file = system.write(`${login}.yaml`, standards(login));
    return reportOf(await system.orgsaga(['apply', '-f', file, '--yes', '--json']), 0).run;
  }

  it('brings a repository that cannot be put back forward again, whole, until a retry puts it back', async () => {
    const trial = new Trial(system, 'stuck');
    const run = await applied('stuck');
    const wanted = system.dump('stuck');
    const mend = poison(system, 'stuck', 'repo-001');
    const report = reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 5);
    expect(report).toMatchObject({ state: 'AwaitingOperator', totals: { committed: 7, deadLettered: 1 } });
    // The team that the run had made waits for the permission of the repository that still holds it.
    expect(report.deadLetters).toMatchObject([
      { item: 'stuck/repo-001', step: 'protection/main' },
      { item: 'stuck/teams/platform/create', step: 'team' },
    ]);
    expect(system.dump('stuck').repositories['repo-001']).toMatchObject({
      settings: wanted.repositories['repo-001']?.settings,
      branch_protection: wanted.repositories['repo-001']?.branch_protection,
    });
    mend();
    const retried = await system.orgsaga(['dlq', 'retry', '--run', report.run, '--all', '--json']);
    expect(retried).toMatchObject({ code: 0 });
    const ended = await system.orgsaga(['watch', report.run, '--json']);
    const after = system.dump('stuck');
    expect(after.repositories['repo-001']).toMatchObject({
      settings: trial.before.repositories['repo-001']?.settings,
      branch_protection: trial.before.repositories['repo-001']?.branch_protection,
    });
    expect([ended.code, Object.keys(after.teams).includes('platform')]).toEqual([0, false]);
    expect(trial.findings(JSON.parse(ended.stdout), { wanted: trial.before })).toEqual([]);
  });

  it('is brought forward again when it is cancelled in the middle', async () => {
    const trial = new Trial(system, 'stopped');
    const run = await applied('stopped');
    const mark = system.mark();
    system.github.setLatency(40);
    const asked = await system.orgsaga(['rollback', run, '--yes', '--detach', '--json']);
    const rollback = (JSON.parse(asked.stdout) as { run: string }).run;
    await system.effects('stopped', mark, 50);
    system.github.setLatency(STANDING_MS);
    const cancelled = await system.orgsaga(['cancel', rollback, '--yes', '--json']);
    expect(cancelled).toMatchObject({ code: 0 });
    system.github.setLatency(0);
    const report = reportOf(await system.orgsaga(['watch', rollback, '--json']), 3);
    expect(report).toMatchObject({ state: 'Cancelled', totals: { committed: 0 } });
    expect(trial.findings({ ...report, state: 'Committed', totals: { ...report.totals } })).toEqual([]);
    const again = reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 0);
    expect(again.run).toBe(`${run}-rollback-2`);
    expect(trial.findings(again, { wanted: trial.before })).toEqual([]);
  });

  it('is joined by who asks for the same, and by nobody who asks for it with another --force', async () => {
    const trial = new Trial(system, 'asked');
    const run = await applied('asked');
    const rollback = (...more: string[]) => system.orgsaga(['rollback', run, '--yes', '--json', ...more]);
    const refused = async (by: string, ...more: string[]): Promise<void> => {
      const ran = await rollback(...more);
      expect([ran.code, JSON.parse(ran.stdout)]).toMatchObject([1, { run: null, state: 'Refused' }]);
      for (const said of [by, `orgsaga watch ${by}`, `orgsaga cancel ${by}`, `orgsaga rollback ${run}`])
        expect(ran.stderr).toContain(said);
    };
    const mended = poison(system, 'asked', 'repo-001');
    const plain = reportOf(await rollback(), 5);
    expect(plain).toMatchObject({ run: `${run}-rollback`, state: 'AwaitingOperator' });
    expect(reportOf(await rollback(), 5).run).toBe(plain.run);
    await refused(plain.run, '--force');
    mended();
    await system.orgsaga(['cancel', plain.run, '--yes']);
    reportOf(await system.orgsaga(['watch', plain.run, '--json']), 3);

    const mend = poison(system, 'asked', 'repo-001');
    const both = await Promise.all([rollback('--force'), rollback('--force')]);
    expect(both.map((ran) => reportOf(ran, 5).run)).toEqual(Array(2).fill(`${run}-rollback-2`));
    await refused(`${run}-rollback-2`);
    mend();
    await system.orgsaga(['dlq', 'retry', '--run', `${run}-rollback-2`, '--all']);
    reportOf(await system.orgsaga(['watch', `${run}-rollback-2`, '--json']), 0);

    const mark = system.mark();
    const after = reportOf(await rollback('--force'), 0);
    expect(after).toMatchObject({ run: `${run}-rollback-3`, totals: { committed: 0 } });
    expect(trial.findings(after, { wanted: trial.before })).toEqual([]);
    expect(system.since(mark).filter(({ type }) => type === 'effect')).toEqual([]);
  });
});
