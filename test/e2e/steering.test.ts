import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { organization, standards } from '../support/organization.js';
import { contentsOf } from '../support/stored.js';
import { type System, startSystem, TOKEN } from '../support/system.js';
import { poison, reportOf, Trial } from '../support/trial.js';

const LOGINS = ['parked', 'skipped', 'approved', 'drifted', 'refused', 'keyed'];

describe('steering a run, with real processes', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ seed: LOGINS.map((login) => organization(login, 4)) });
  });
  afterAll(() => system?.stop());

  const apply = (login: string, more: string[] = [], ...flags: string[]) => [
    'apply',
    '-f',
    system.write(`${login}.yaml`, standards(login, ...more)),
    '--yes',
    '--json',
    ...flags,
  ];

  /** Somebody else changes a repository. */
  async function setWiki(login: string, has_wiki: boolean): Promise<void> {
    const answer = await fetch(`${system.github.url}/repos/${login}/repo-001`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ has_wiki }),
    });
    expect(answer.status).toBe(200);
  }

  /** A run of which one repository fails and cannot be undone, and what mends GitHub. */
  async function parkedRun(login: string) {
    const cure = poison(system, login, 'repo-000');
    const fault = system.github.faults.add({
      match: { method: 'PATCH', path: `/repos/${login}/repo-000` },
      kind: 'status',
      status: 403,
      body: { message: 'Must have admin rights to Repository.' },
      skip: 1,
    });
    const report = reportOf(await system.orgsaga(apply(login)), 5);
    const mend = (): void => {
      system.github.faults.remove(fault);
      cure();
    };
    return { report, mend };
  }

  it('shows what a compensation has left, and a retry after the cause is mended ends it', async () => {
    const trial = new Trial(system, 'parked');
    const { report, mend } = await parkedRun('parked');
    const { run } = report;
    expect(report).toMatchObject({ state: 'Parked', totals: { committed: 3, parked: 1 } });
    const shown = await system.orgsaga(['status', run]);
    expect(shown.stdout).toContain('left: allow_merge_commit as written, false; to put back: true');
    expect(shown.stderr + shown.stdout).toContain(`orgsaga resolve ${run} settings retry`);

    const wrong = await system.orgsaga(['resolve', run, 'topics', 'retry']);
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.stderr).toContain('settings of parked/repo-000');
    expect(await system.orgsaga(['resolve', run, 'settings', 'undo'])).toMatchObject({ code: 2 });

    // Still refused: it parks again, and says so.
    const again = await system.orgsaga(['resolve', run, 'settings', 'retry', '--json']);
    expect(reportOf(again, 5)).toMatchObject({ state: 'Parked' });
    mend();
    const resolved = await system.orgsaga(['resolve', run, 'settings', 'retry', '--json']);
    // The undo is complete, and the repository is a dead letter.
    const settled = reportOf(resolved, 5);
    expect(settled).toMatchObject({ parked: [], totals: { deadLettered: 1, parked: 0 } });
    expect(system.dump('parked').repositories['repo-000']).toEqual(trial.before.repositories['repo-000']);
    expect(await system.orgsaga(['resolve', run, 'settings', 'retry'])).toMatchObject({ code: 1 });
    expect(await system.orgsaga(['dlq', 'retry', '--run', run, '--all', '--json'])).toMatchObject({
      code: 0,
    });
    const ended = reportOf(await system.orgsaga(['watch', run, '--json']), 0);
    expect(trial.findings(ended)).toEqual([]);
  });

  it('names what a skipped compensation leaves as a conflict, which a rollback takes back', async () => {
    const { repositories } = system.dump('skipped');
    const { report, mend } = await parkedRun('skipped');
    const skipped = await system.orgsaga([
      'resolve',
      report.run,
      'skipped/repo-000 settings',
      'skip',
      '--json',
    ]);
    mend();
    const settled = reportOf(skipped, 5) as unknown as { conflicts: object[]; parked: object[] };
    expect(settled.parked).toEqual([]);
    expect(settled.conflicts).toContainEqual({
      item: 'skipped/repo-000',
      step: 'settings',
      field: 'has_wiki',
      before: true,
      wrote: false,
      found: false,
    });
    expect(system.dump('skipped').repositories).not.toEqual(repositories);
    reportOf(await system.orgsaga(['rollback', report.run, '--yes', '--json']), 0);
    expect(system.dump('skipped').repositories).toEqual(repositories);
  });

  it('waits for somebody else to approve, and applies what was approved', async () => {
    const trial = new Trial(system, 'approved');
    const waiting = await system.orgsaga(apply('approved', ['approval: required']));
    const report = reportOf(waiting, 5) as unknown as { run: string; plan: { hash: string; items: number } };
    const { run, plan } = report;
    expect(report).toMatchObject({ state: 'AwaitingApproval', plan: { items: 8, approvedBy: null } });
    expect(waiting.stderr).toContain(`orgsaga approve ${run}`);
    expect(trial.writes()).toBe(0);
    // The lock is free meanwhile.
    const other = reportOf(await system.orgsaga(apply('approved', ['approval: required'])), 5);
    expect(await system.orgsaga(['cancel', other.run, '--yes'])).toMatchObject({ code: 0 });

    const own = await system.orgsaga(['approve', run], { ORGSAGA_ACTOR: 'Ada' });
    expect(own).toMatchObject({ code: 1 });
    expect(own.stderr).toContain('somebody else');
    const stale = await system.orgsaga(['approve', run, '--plan', 'f00'], { ORGSAGA_ACTOR: 'lin' });
    expect(stale).toMatchObject({ code: 1 });
    const given = await system.orgsaga(['approve', run, '--plan', plan.hash, '--json'], {
      ORGSAGA_ACTOR: 'lin',
    });
    expect(JSON.parse(given.stdout)).toMatchObject({ run, plan: { hash: plan.hash, approvedBy: 'lin' } });
    const twice = await system.orgsaga(['approve', run], { ORGSAGA_ACTOR: 'eve' });
    expect(twice).toMatchObject({ code: 1 });
    expect(twice.stderr).toContain('approved by lin already');
    const ended = reportOf(await system.orgsaga(['watch', run, '--json']), 0);
    expect(ended).toMatchObject({ state: 'Committed', totals: { committed: 4 } });
    expect(trial.findings(ended)).toEqual([]);
  });

  it('applies nothing where the plan has changed since', async () => {
    const { run } = reportOf(await system.orgsaga(apply('drifted', ['approval: required'])), 5);
    await setWiki('drifted', false);
    const mark = system.mark();
    const before = system.dump('drifted');
    const given = await system.orgsaga(['approve', run, '--json'], { ORGSAGA_ACTOR: 'lin' });
    expect(given).toMatchObject({ code: 0 });
    const report = reportOf(await system.orgsaga(['watch', run, '--json']), 1);
    expect(report).toMatchObject({ state: 'Refused' });
    expect(report.reason).toContain('changed since it was approved');
    expect(system.since(mark).filter(({ type }) => type === 'effect')).toEqual([]);
    expect(system.dump('drifted')).toEqual(before);
  });

  it('can be cancelled while it waits, and approves nothing that waits for nobody', async () => {
    const trial = new Trial(system, 'refused');
    const { run } = reportOf(await system.orgsaga(apply('refused', ['approval: required'])), 5);
    expect(await system.orgsaga(['cancel', run, '--yes'])).toMatchObject({ code: 0 });
    const report = reportOf(await system.orgsaga(['watch', run, '--json']), 3);
    expect(report).toMatchObject({ state: 'Cancelled' });
    const late = await system.orgsaga(['approve', run], { ORGSAGA_ACTOR: 'lin' });
    expect(late).toMatchObject({ code: 1 });
    expect(late.stderr).toContain('waits for no approval');
    expect(await system.orgsaga(['approve', 'apply-nobody-1'])).toMatchObject({ code: 1 });
    expect(trial.writes()).toBe(0);
  });

  it('starts one run for a request key, also when Temporal has forgotten it', async () => {
    const trial = new Trial(system, 'keyed');
    const key = 'ghp_looks-like-a-secret';
    const first = reportOf(await system.orgsaga(apply('keyed', [], '--key', key)), 0);
    expect(trial.findings(first)).toEqual([]);
    const again = reportOf(await system.orgsaga(apply('keyed', [], '--key', key)), 0);
    expect(again.run).toBe(first.run);

    await system.forget(first.run);
    // Somebody else changes the organisation meanwhile: a run would write it again.
    await setWiki('keyed', true);
    const writes = trial.writes();
    const late = reportOf(await system.orgsaga(apply('keyed', [], '--key', key)), 0);
    expect(late).toMatchObject({ state: 'Committed', totals: first.totals });
    expect(late.reason).toContain('nothing was done again');
    const other = await system.orgsaga(apply('keyed', ['on_failure: checkpoint'], '--key', key));
    expect(other).toMatchObject({ code: 1 });
    expect(trial.writes()).toBe(writes);

    expect(contentsOf(system.store).includes(key)).toBe(false);
  });
});
