import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { updateRepository } from '../../src/dev/github/state/repositories.js';
import { byName as repositoriesOf } from '../../src/dev/github/state/state.js';
import { organization, standards } from '../support/organization.js';
import { type System, startSystem } from '../support/system.js';
import { poison, reportOf, Trial } from '../support/trial.js';

/** `repo-001` lacks its settings, topics, protection, three teams and a label. */
const POISONED = 'repo-001';
const CHECKPOINT = ['on_failure: checkpoint', 'dead_letter: { max_retries: 2, deadline: 1h }'];

/** The checker calls it mixed: all is as wanted but what the letter says. */
const onlyProtectionLeft = (login: string): unknown =>
  expect.stringMatching(
    new RegExp(
      `^mixed: ${login}/${POISONED} .* and from wanted in (branch_protection\\.main\\.[a-z_.]+(, )?)+$`,
    ),
  );

describe('on_failure: checkpoint, with real processes', { timeout: 180_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      seed: ['named', 'killed', 'approved', 'drifted', 'taken', 'cancelled'].map((login) =>
        organization(login, 6),
      ),
    });
  });
  afterAll(() => system?.stop());

  const file = (login: string) => system.write(`${login}.yaml`, standards(login, ...CHECKPOINT));
  const apply = (login: string) => system.start(['apply', '-f', file(login), '--yes', '--json']);
  const retry = (run: string) => system.orgsaga(['dlq', 'retry', '--run', run, '--all', '--json']);
  /** What was written to the poisoned repository since. */
  const written = (login: string, mark: number): unknown[] =>
    system
      .since(mark)
      .filter((entry) => entry.type === 'effect')
      .filter((effect) => effect.repository === `${login}/${POISONED}`)
      .map(({ kind }) => kind);

  const somebodySetsWiki = (login: string, has_wiki: boolean): void => {
    const { state } = system.github;
    const repository = repositoriesOf(state.organization(login)).find(({ name }) => name === POISONED);
    if (repository === undefined) throw new Error(`no ${POISONED}`);
    updateRepository(state.writer(null, null, true), repository, { has_wiki });
  };

  it('names the finished steps in the letter, again when a retry fails, and repeats none of them', async () => {
    const trial = new Trial(system, 'named');
    const mend = poison(system, 'named', POISONED);
    const report = reportOf(await apply('named').ended, 5);
    const [letter] = report.deadLetters as unknown as {
      item: string;
      step: string;
      finishedSteps: string[];
      firstFailedAt: string;
    }[];
    expect(letter).toMatchObject({ item: `named/${POISONED}`, step: 'protection/main' });
    expect(letter?.finishedSteps.length).toBeGreaterThanOrEqual(4);
    expect(letter?.finishedSteps).not.toContain('protection/main');
    expect(system.dump('named').repositories[POISONED]?.topics).toEqual(['managed']);
    expect(trial.findings(report)).toEqual([onlyProtectionLeft(trial.login)]);

    const early = await retry(report.run);
    expect(early.code, early.stderr).toBe(5);
    const { finishedSteps, firstFailedAt } = letter ?? {};
    expect(JSON.parse(early.stdout).failed).toMatchObject([{ finishedSteps, firstFailedAt }]);

    mend();
    const mark = system.mark();
    const retried = await retry(report.run);
    expect(retried.code, retried.stderr).toBe(0);
    expect(written('named', mark)).toEqual(['branch_protection.put']);
    const ended = reportOf(await system.orgsaga(['watch', report.run, '--json']), 0);
    expect(trial.findings(ended)).toEqual([]);
  });

  it('does a finished step again that somebody has changed since', async () => {
    const login = 'drifted';
    const mend = poison(system, login, POISONED);
    const report = reportOf(await apply(login).ended, 5);
    mend();
    somebodySetsWiki(login, true);
    const mark = system.mark();
    const retried = await retry(report.run);
    expect(retried.code, retried.stderr).toBe(0);
    expect(new Set(written(login, mark))).toEqual(new Set(['branch_protection.put', 'repository.update']));
    expect(system.dump(login).repositories[POISONED]?.settings).toMatchObject({ has_wiki: false });
  });

  it.each([
    ['rollback', 'taken'],
    ['cancel', 'cancelled'],
  ] as const)(
    'and takes it back as a whole by %s: that to what they left, the rest to what was before',
    async (by, login) => {
      const { settings: before } = system.dump(login).repositories[POISONED] ?? {};
      const mend = poison(system, login, POISONED);
      // Another letter keeps the run open, so that it can be cancelled.
      const mendOther = by === 'cancel' ? poison(system, login, 'repo-004') : mend;
      const { run } = reportOf(await apply(login).ended, 5);
      mend();
      somebodySetsWiki(login, true);
      const retried = await system.orgsaga(['dlq', 'retry', `${login}/${POISONED}`, '--run', run, '--json']);
      expect(retried.code, retried.stderr).toBe(0);
      expect(system.dump(login).repositories[POISONED]?.settings).not.toEqual(before);
      const back = await system.orgsaga([by, run, '--yes', '--json']);
      expect(back.code, back.stderr).toBe(0);
      if (by === 'cancel') reportOf(await system.orgsaga(['watch', run, '--json']), 3);
      mendOther();
      expect(system.dump(login).repositories[POISONED]?.settings).toEqual({ ...before, has_wiki: true });
    },
  );

  it('goes on as it was approved, and not over what somebody has changed since', async () => {
    const login = 'approved';
    const trial = new Trial(system, login);
    const mend = poison(system, login, POISONED);
    const text = standards(login, 'approval: required', ...CHECKPOINT);
    const asked = await system.orgsaga(['apply', '-f', system.write('a.yaml', text), '--yes', '--json']);
    const { run } = reportOf(asked, 5);
    expect(await system.orgsaga(['approve', run], { ORGSAGA_ACTOR: 'lin' })).toMatchObject({ code: 0 });
    const report = reportOf(await system.orgsaga(['watch', run, '--json']), 5);
    expect(report.deadLetters).toMatchObject([{ step: 'protection/main' }]);
    mend();
    somebodySetsWiki(login, true);
    const refused = await retry(run);
    expect(refused.code, refused.stderr).toBe(5);
    expect(JSON.parse(refused.stdout).failed).toMatchObject([{ reason: 'changed since approval' }]);

    somebodySetsWiki(login, false);
    const mark = system.mark();
    const retried = await retry(run);
    expect(retried.code, retried.stderr).toBe(0);
    expect(written(login, mark)).toEqual(['branch_protection.put']);
    const ended = reportOf(await system.orgsaga(['watch', run, '--json']), 0);
    expect(trial.findings(ended)).toEqual([]);
  });

  it('goes on between its steps when the worker is killed, in the run and in the retry', async () => {
    const trial = new Trial(system, 'killed');
    const mend = poison(system, 'killed', POISONED);
    system.github.setLatency(30);
    const running = apply('killed');
    await trial.effects(15);
    await system.workers.shift()?.kill();
    await system.startWorker();
    const report = reportOf(await running.ended, 5);
    expect(report).toMatchObject({ state: 'AwaitingOperator', totals: { deadLettered: 1, committed: 5 } });
    expect(trial.findings(report)).toEqual([onlyProtectionLeft(trial.login)]);
    mend();
    const mark = system.mark();
    const retrying = retry(report.run);
    await system.until('the retry to write', () => system.since(mark).length > 0);
    await system.workers.shift()?.kill();
    await system.startWorker();
    const retried = await retrying;
    system.github.setLatency(0);
    expect(retried.code, retried.stderr).toBe(0);
    expect(written('killed', mark)).toEqual(['branch_protection.put']);
    const ended = reportOf(await system.orgsaga(['watch', report.run, '--json']), 0);
    expect(trial.findings(ended)).toEqual([]);
  });
});
