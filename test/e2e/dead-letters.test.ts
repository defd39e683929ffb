import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunStatus } from '../../src/workflows/contract.js';
import { organization, standards, standardsOf } from '../support/organization.js';
import { type System, startSystem } from '../support/system.js';
import { poison, reportOf, Trial } from '../support/trial.js';

/** What a retry prints that has found one item not done. */
const refusal = (name: string, reason: string) => ({
  accepted: [],
  succeeded: [],
  failed: [],
  refused: [{ item: `undone/${name}`, reason: expect.stringContaining(reason) }],
});

describe('dead letters, with real processes', { timeout: 180_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      seed: ['open', 'closed', 'undone', 'kept', 'busy'].map((login) => organization(login, 6)),
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
  const list = async (run: string): Promise<{ item: string }[]> =>
    JSON.parse((await system.orgsaga(['dead-letters', 'list', '--run', run, '--json'])).stdout);
  const status = async (run: string): Promise<RunStatus> =>
    JSON.parse((await system.orgsaga(['status', run, '--json'])).stdout);
  const dlq = (...args: string[]) => system.orgsaga(['dlq', ...args, '--json']);

  it('are worked through while their run is open: by command, twice at once, by signal, and discarded', async () => {
    const trial = new Trial(system, 'open');
    const names = ['repo-001', 'repo-002', 'repo-003', 'repo-004'] as const;
    const [mendOne, mendTwo] = names.map((name) => poison(system, 'open', name));
    const report = reportOf(await apply('open'), 5);
    expect(report).toMatchObject({ state: 'AwaitingOperator', totals: { committed: 3, deadLettered: 3 } });
    const { run } = report;
    expect(trial.findings(report)).toEqual([]);

    const letters = await list(run);
    expect(letters).toMatchObject(
      // The second has a right protection already, so nothing of it is refused.
      ['repo-001', 'repo-003', 'repo-004'].map((name) => ({
        item: `open/${name}`,
        run,
        step: 'protection/main',
        reason: expect.stringContaining('Upgrade to GitHub Team'),
        attempts: 1,
        workflowId: `${run}/open/${name}`,
      })),
    );
    const shown = await dlq('show', 'open/repo-001', '--run', run);
    expect(JSON.parse(shown.stdout)).toEqual(letters[0]);

    const early = await dlq('retry', 'open/repo-001', '--run', run);
    expect(early.code).toBe(5);
    expect(JSON.parse(early.stdout)).toMatchObject({ succeeded: [], failed: [{ item: 'open/repo-001' }] });

    mendOne?.();
    mendTwo?.();
    const mark = system.mark();
    const twice = await Promise.all([1, 2].map(() => dlq('retry', 'open/repo-001', '--run', run)));
    expect(twice.map(({ code }) => code)).toContain(0);
    const repeated = system.since(mark).filter((entry) => entry.type === 'effect' && !entry.changed);
    expect(repeated).toEqual([]);
    // Already done is success, also for whoever does not know which run it was.
    const again = await dlq('retry', 'open/repo-001');
    expect(again).toMatchObject({ code: 0 });
    expect(JSON.parse(again.stdout)).toMatchObject({ succeeded: ['open/repo-001'], refused: [] });
    expect((await list(run)).map(({ item }) => item)).toEqual(['open/repo-003', 'open/repo-004']);

    system.github.faults.clear();
    const handle = (await system.client()).workflow.getHandle(run);
    await handle.signal('retry', ['open/repo-003']);
    await system.until('the signal is worked through', async () => (await list(run)).length === 1);

    const discarded = await dlq('discard', 'open/repo-004', '--run', run, '--reason', 'not ours', '--yes');
    expect(discarded).toMatchObject({ code: 0 });
    const given = await dlq('retry', 'open/repo-004');
    expect(given.code).toBe(5);
    expect(given.stdout).toContain('discarded by ada: not ours');
    await system.until('the run closes', async () => (await status(run)).state === 'Committed');
    const ended = await status(run);
    expect(ended).toMatchObject({ state: 'Committed', deadLetters: [] });
    expect(ended.totals.committed).toBe(5);
    const gone = { ...ended, deadLetters: [{ item: 'open/repo-004' }] };
    expect(trial.findings(gone)).toEqual([]);
    expect(await list(run)).toEqual([]);
  });

  it('are refused while another run writes, and taken up when it is at rest', async () => {
    poison(system, 'busy', 'repo-000');
    const { run } = reportOf(await apply('busy'), 5);
    const hang = { match: { method: 'PATCH', path: '/repos/busy/repo-001' }, kind: 'hang' } as const;
    system.github.faults.clear();
    system.github.faults.add(hang);
    const theirs = 'repositories: [{ match: [repo-001], settings: { has_projects: false } }]';
    const other = system.write('other.yaml', standardsOf('busy', theirs));
    const writing = await system.orgsaga(['apply', '-f', other, '--yes', '--json', '--detach']);
    const { run: busy } = JSON.parse(writing.stdout) as { run: string };
    await system.until('it writes', () => system.github.faults.list().some(({ struck }) => struck > 0));
    const refused = await dlq('retry', 'busy/repo-000', '--run', run);
    expect(refused).toMatchObject({
      code: 5,
      stdout: expect.stringContaining(`run ${busy} is writing to busy`),
    });
    system.github.faults.clear();
    reportOf(await system.orgsaga(['watch', busy, '--json']), 0);
    const again = await dlq('retry', 'busy/repo-000', '--run', run);
    expect(again.stdout).not.toContain('is writing');
    expect(again).toMatchObject({ code: 0 });
  });

  it('stay when the deadline has closed their run: retried twice at once, discarded', async () => {
    const trial = new Trial(system, 'closed');
    for (const name of ['repo-000', 'repo-001', 'repo-003']) poison(system, 'closed', name);
    const report = reportOf(await apply('closed', 'dead_letter: { max_retries: 1, deadline: 2s }'), 5);
    const { run } = report;
    await system.until('the deadline closes the run', async () => (await status(run)).state === 'Committed');
    expect(await status(run)).toMatchObject({ totals: { committed: 3, deadLettered: 3 } });
    expect((await list(run)).map(({ item }) => item)).toEqual([
      'closed/repo-000',
      'closed/repo-001',
      'closed/repo-003',
    ]);
    expect(trial.findings(report)).toEqual([]);

    const early = await dlq('retry', 'closed/repo-000', '--run', run);
    expect(early.code).toBe(5);
    system.github.faults.clear();
    const mark = system.mark();
    const twice = await Promise.all([1, 2].map(() => dlq('retry', 'closed/repo-000', '--run', run)));
    expect(twice.map(({ code }) => code)).toContain(0);
    expect(system.since(mark).filter((entry) => entry.type === 'effect' && !entry.changed)).toEqual([]);

    const discarded = await dlq('discard', 'closed/repo-001', '--run', run, '--reason', 'no', '--yes');
    expect(discarded).toMatchObject({ code: 0 });
    expect((await list(run)).map(({ item }) => item)).toEqual(['closed/repo-003']);
    const left = { ...report, deadLetters: ['closed/repo-001', 'closed/repo-003'].map((item) => ({ item })) };
    expect(trial.findings(left)).toEqual([]);

    const later = reportOf(await apply('closed'), 0);
    expect(later).toMatchObject({ totals: { inSync: 4, committed: 2 } });
    expect(await list(run)).toEqual([]);
  });

  /** A retry of an item by its run's name, and by its own alone. */
  async function retriedBothWays(item: string, run: string) {
    const ran = await Promise.all([dlq('retry', item, '--run', run), dlq('retry', item)]);
    return ran.map(({ code, stdout }) => ({ code, ...(JSON.parse(stdout) as object) }));
  }

  it('are not called done where their run was cancelled, be it under a retry that is under way', async () => {
    const trial = new Trial(system, 'undone');
    poison(system, 'undone', 'repo-004');
    const [mendFirst, mendOther] = ['repo-001', 'repo-003'].map((name) => poison(system, 'undone', name));
    const { run } = reportOf(await apply('undone'), 5);
    mendFirst?.();
    expect(await dlq('retry', 'undone/repo-001', '--run', run)).toMatchObject({ code: 0 });
    mendOther?.();
    const handle = (await system.client()).workflow.getHandle(run);
    system.github.setLatency(1_000);
    const mark = system.mark();
    const retrying = dlq('retry', 'undone/repo-003', '--run', run);
    await system.effects('undone', mark, 1);
    // By signal, which is there before the retry has ended.
    await handle.signal('cancel', { keep: false });
    system.github.setLatency(0);
    const stopped = await retrying;
    expect(stopped.code, stopped.stderr).toBe(5);
    expect(JSON.parse(stopped.stdout)).toMatchObject(refusal('repo-003', 'it was cancelled'));
    // The undo has closed its dead letters, so that none is left for a person.
    const report = reportOf(await system.orgsaga(['watch', run, '--json']), 3);
    expect(report).toMatchObject({ state: 'Cancelled', deadLetters: [] });
    expect(trial.findings(report)).toEqual([]);
    const taken = { code: 5, ...refusal('repo-001', `run rolled back: ${run} took it back`) };
    expect(await retriedBothWays('undone/repo-001', run)).toMatchObject([taken, taken]);
    const never = { code: 5, ...refusal('repo-003', 'it was cancelled') };
    expect(await retriedBothWays('undone/repo-003', run)).toMatchObject([never, never]);
    expect(trial.findings(report)).toEqual([]);
  });

  it('stay with a run that was stopped with --keep, and what was done of it stays done', async () => {
    const [mendFirst, mendOther] = ['repo-001', 'repo-003'].map((name) => poison(system, 'kept', name));
    const { run } = reportOf(await apply('kept'), 5);
    mendFirst?.();
    expect(await dlq('retry', 'kept/repo-001', '--run', run)).toMatchObject({ code: 0 });
    expect(await system.orgsaga(['cancel', run, '--keep', '--yes'])).toMatchObject({ code: 0 });
    const watched = await system.orgsaga(['watch', run, '--json']);
    expect(reportOf(watched, 5)).toMatchObject({
      state: 'Cancelled',
      deadLetters: [{ item: 'kept/repo-003' }],
    });
    expect(watched.stderr).toContain(`orgsaga dead-letters retry --run ${run} --all`);
    const done = { code: 0, succeeded: ['kept/repo-001'], refused: [] };
    expect(await retriedBothWays('kept/repo-001', run)).toMatchObject([done, done]);
    mendOther?.();
    expect(await dlq('retry', '--run', run, '--all')).toMatchObject({ code: 0 });
    expect(reportOf(await system.orgsaga(['watch', run, '--json']), 3)).toMatchObject({ deadLetters: [] });
    const last = { code: 0, succeeded: ['kept/repo-003'], refused: [] };
    expect(await retriedBothWays('kept/repo-003', run)).toMatchObject([last, last]);
  });
});
