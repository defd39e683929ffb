import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { organization, standards } from '../support/organization.js';
import { STANDING_MS, type System, startSystem } from '../support/system.js';
import { reportOf, Trial } from '../support/trial.js';

describe('undoing a run, with real processes', { timeout: 180_000 }, () => {
  let system: System;
  beforeAll(async () => {
    const few = ['failing', 'checked', 'kept'].map((login) => organization(login, 8));
    system = await startSystem({ seed: [...few, organization('cancelled', 24)] });
  });
  afterAll(() => system?.stop());

  const apply = (login: string, ...more: string[]) => [
    'apply',
    '-f',
    system.write(`${login}.yaml`, standards(login, ...more)),
    '--yes',
    '--json',
  ];

  /** Starts a run and gives its id once so many effects have reached its organisation; from then on GitHub all but stands. */
  async function underWay(trial: Trial, effects: number): Promise<string> {
    system.github.setLatency(60);
    const { stdout } = await system.orgsaga([...apply(trial.login), '--detach']);
    const { run } = JSON.parse(stdout) as { run: string };
    await trial.effects(effects);
    system.github.setLatency(STANDING_MS);
    return run;
  }

  it('undoes everything where the organisation itself fails at the end', async () => {
    const trial = new Trial(system, 'failing');
    const fault = system.github.faults.add({
      match: { method: 'PUT', path: '/orgs/failing/teams/maintainers/memberships/ada' },
      kind: 'status',
      status: 403,
      body: { message: 'You must be an organization owner' },
    });
    const report = reportOf(await system.orgsaga(apply('failing')), 3);
    system.github.faults.remove(fault);
    expect(report).toMatchObject({ state: 'RolledBack', totals: { rolledBack: 8 }, deadLetters: [] });
    expect(report.reason).toMatch(/owner/);
    expect(trial.findings(report)).toEqual([]);
    expect(trial.writes()).toBeGreaterThan(80);

    // Undo goes before do, and organisations take turns.
    const { workflow } = await system.client();
    const itemId = `${report.run}/failing/repo-000`;
    const priorities = await Promise.all(
      [itemId, `${itemId}:undo`].map(async (id) => {
        const { events } = await workflow.getHandle(id).fetchHistory();
        return events?.[0]?.workflowExecutionStartedEventAttributes?.priority;
      }),
    );
    expect(priorities).toMatchObject([
      { fairnessKey: 'failing' },
      { fairnessKey: 'failing', priorityKey: 2 },
    ]);
  });

  it('keeps the rest in checkpoint mode, and the part that failed is a dead letter', async () => {
    const trial = new Trial(system, 'checked');
    const fault = system.github.faults.add({
      match: { method: 'PATCH', path: '/orgs/checked' },
      kind: 'status',
      status: 403,
      body: { message: 'You must be an organization owner' },
    });
    const report = reportOf(await system.orgsaga(apply('checked', 'on_failure: checkpoint')), 5);
    system.github.faults.remove(fault);
    expect(report).toMatchObject({ state: 'AwaitingOperator', totals: { committed: 8 } });
    expect(report.deadLetters).toMatchObject([{ item: 'checked/settings', step: 'settings' }]);
    const retried = await system.orgsaga(['dlq', 'retry', '--run', report.run, '--all', '--json']);
    expect(retried).toMatchObject({ code: 0 });
    const ended = reportOf(await system.orgsaga(['watch', report.run, '--json']), 0);
    expect(trial.findings(ended)).toEqual([]);
  });

  it('undoes a run that is cancelled in the middle, once', async () => {
    const trial = new Trial(system, 'cancelled');
    // Many repositories come to their end at the instant of the cancel.
    const run = await underWay(trial, 130);
    const cancels = await Promise.all([1, 2].map(() => system.orgsaga(['cancel', run, '--yes', '--json'])));
    system.github.setLatency(0);
    expect(cancels).toMatchObject([{ code: 0 }, { code: 0 }]);
    const report = reportOf(await system.orgsaga(['watch', run, '--json']), 3);
    expect(report).toMatchObject({ state: 'Cancelled' });
    expect(trial.findings(report)).toEqual([]);
    const writes = trial.writes();
    const late = await system.orgsaga(['cancel', run, '--yes', '--json']);
    expect(late).toMatchObject({ code: 0 });
    expect(JSON.parse(late.stdout)).toMatchObject({ state: 'Cancelled' });
    expect(trial.writes()).toBe(writes);
  });

  it('stops and keeps what was done with --keep', async () => {
    const trial = new Trial(system, 'kept');
    const run = await underWay(trial, 20);
    expect(await system.orgsaga(['cancel', run, '--yes', '--keep', '--json'])).toMatchObject({ code: 0 });
    system.github.setLatency(0);
    const report = reportOf(await system.orgsaga(['watch', run, '--json']), 3);
    expect(report).toMatchObject({ state: 'Cancelled', totals: { rolledBack: 0 } });
    expect(trial.findings(report, { kept: true })).toEqual([]);
    const changed = Object.entries(system.dump('kept').repositories).filter(
      ([name, repository]) => JSON.stringify(repository) !== JSON.stringify(trial.before.repositories[name]),
    );
    expect(changed).toHaveLength(report.totals.committed);

    // What was left, a new team's mark too, the next run brings to its end.
    const later = reportOf(await system.orgsaga(apply('kept')), 0);
    expect(later).toMatchObject({ totals: { inSync: report.totals.committed } });
    expect(trial.findings(later)).toEqual([]);
  });
});
