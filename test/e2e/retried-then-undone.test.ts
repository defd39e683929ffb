import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { standardsOf } from '../support/organization.js';
import { type System, startSystem, TOKEN } from '../support/system.js';
import { refuse, reportOf } from '../support/trial.js';

const repositories = ['one', 'two'].map((name) => ({ name, settings: { has_wiki: true } }));

const LABEL = { name: 'fresh', color: '123456' };
const rule = (match: string): string =>
  `repositories: [{ match: ["${match}"], settings: { has_wiki: false }, labels: [${JSON.stringify(LABEL)}] }]`;

/** What a dead letter has done in several tries, and others meanwhile, is undone as one. */
describe('an item that was retried', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      seed: ['rollback', 'cancel', 'again', 'by-hand', 'superseded'].map((login) => ({
        login,
        members: [{ login: 'sam' }],
        repositories,
      })),
    });
  });
  afterEach(() => system.github.faults.clear());
  afterAll(() => system?.stop());

  const apply = (login: string, ...lines: string[]) => {
    const file = system.write(`${login}.yaml`, standardsOf(login, 'on_failure: checkpoint', ...lines));
    return system.orgsaga(['apply', '-f', file, '--yes', '--no-graphql', '--json']);
  };
  const retry = (run: string, ...which: string[]) =>
    system.orgsaga(['dlq', 'retry', '--run', run, ...which, '--json']);
  const cancel = async (run: string) => {
    expect(await system.orgsaga(['cancel', run, '--yes', '--json'])).toMatchObject({ code: 0 });
    return reportOf(await system.orgsaga(['watch', run, '--json']), 3);
  };
  const wiki = (login: string) =>
    Object.values(system.dump(login).repositories).map(({ settings }) => settings['has_wiki']);

  it.each(['rollback', 'cancel'])(
    'leaves no protection that GitHub had made without a team that was not there yet: %s',
    async (login) => {
      const before = system.dump(login);
      refuse(system, 'POST', `/orgs/${login}/teams`);
      refuse(system, 'POST', `/repos/${login}/two/labels`);
      const { run, deadLetters } = reportOf(
        await apply(
          login,
          'repositories:',
          '  - match: [one]',
          '    branch_protection: { $default: { enforce_admins: true, required_status_checks: null, required_pull_request_reviews: null, restrictions: { users: [sam], teams: [zeta] } } }',
          '  - match: [two]',
          '    labels: [{ name: fresh, color: "123456" }]',
          'teams: [{ slug: zeta, description: late, privacy: closed }]',
        ),
        5,
      );
      const reason = expect.stringContaining('GitHub has taken it without some of restrictions') as string;
      expect(deadLetters).toContainEqual(
        expect.objectContaining({ item: `${login}/one`, step: 'protection/main', reason }),
      );
      expect(system.dump(login).repositories['one']?.branch_protection['main']).toBeDefined();
      system.github.faults.clear();
      const isCancelled = login === 'cancel';
      if (isCancelled) refuse(system, 'POST', `/repos/${login}/two/labels`);
      expect(await retry(run, '--all')).toMatchObject({ code: isCancelled ? 5 : 0 });
      const ended = isCancelled
        ? await cancel(run)
        : reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 0);
      expect(ended).toMatchObject({ conflicts: [], parked: [] });
      expect(system.dump(login)).toEqual(before);
    },
  );

  it('and failed again is undone before a team that was made meanwhile, to which it has given access', async () => {
    const login = 'again';
    const before = system.dump(login);
    refuse(system, 'POST', `/orgs/${login}/teams`);
    refuse(system, 'POST', `/repos/${login}/*/labels`);
    const { run } = reportOf(
      await apply(
        login,
        'repositories: [{ match: [one], teams: { zeta: push }, labels: [{ name: fresh, color: "123456" }] }]',
        'teams: [{ slug: zeta, description: late, privacy: closed }]',
      ),
      5,
    );
    system.github.faults.clear();
    refuse(system, 'POST', `/repos/${login}/*/labels`);
    expect(await retry(run, '--all')).toMatchObject({ code: 5 });
    expect(system.dump(login).repositories['one']?.teams).toEqual({ zeta: 'push' });
    expect(await cancel(run)).toMatchObject({ conflicts: [], parked: [], totals: { rolledBack: 1 } });
    expect(system.dump(login)).toEqual(before);
  });

  it('and was right by then counts as undone, with what its first try had done', async () => {
    const login = 'by-hand';
    const labels = `/repos/${login}/*/labels`;
    refuse(system, 'POST', labels);
    const { run } = reportOf(await apply(login, rule('*')), 5);
    system.github.faults.clear();
    await fetch(`${system.github.url}/repos/${login}/one/labels`, {
      method: 'POST',
      headers: { authorization: `bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(LABEL),
    });
    expect(await retry(run, `${login}/one`)).toMatchObject({ code: 0 });
    expect(wiki(login)).toEqual([false, false]);
    const ended = await cancel(run);
    expect(ended.totals).toMatchObject({ repositories: 2, committed: 0, deadLettered: 0, rolledBack: 2 });
    expect(wiki(login)).toEqual([true, true]);
  });

  it('by another run, which put it right, has its finished steps undone with its own run', async () => {
    const login = 'superseded';
    refuse(system, 'POST', `/repos/${login}/*/labels`);
    const { run } = reportOf(await apply(login, rule('*')), 5);
    system.github.faults.clear();
    reportOf(await apply(login, rule('one')), 0);
    const ended = await cancel(run);
    expect(ended.totals).toMatchObject({ committed: 0, deadLettered: 0, rolledBack: 2 });
    expect(wiki(login)).toEqual([true, true]);
  });
});
