import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { organization, standards, wanted } from '../support/organization.js';
import { STANDING_MS, type System, startSystem } from '../support/system.js';
import { type ApplyReport, reportOf, Trial } from '../support/trial.js';

const REPOSITORIES = 40;

describe('apply, with real processes', { timeout: 180_000 }, () => {
  let system: System;
  beforeAll(async () => {
    const few = ['rest', 'twice', 'detached', 'keyed'].map((login) => organization(login, 6));
    system = await startSystem({ seed: [organization('acme', REPOSITORIES), ...few] });
  });
  afterAll(() => system?.stop());

  const fileFor = (login: string): string => system.write(`${login}.yaml`, standards(login));
  const apply = (login: string, ...flags: string[]) => [
    'apply',
    '-f',
    fileFor(login),
    '--yes',
    '--json',
    ...flags,
  ];

  it('changes what differs, and nothing when asked again', async () => {
    const trial = new Trial(system, 'acme');
    const report = reportOf(await system.orgsaga(apply('acme')), 0);
    expect(report).toMatchObject({
      state: 'Committed',
      totals: { committed: REPOSITORIES },
      deadLetters: [],
    });
    expect(trial.findings(report, { undisturbed: true })).toEqual([]);

    const mark = system.mark();
    const again = reportOf(await system.orgsaga(apply('acme')), 0);
    expect(again).toMatchObject({ totals: { inSync: REPOSITORIES, committed: 0 } });
    const entries = system.since(mark);
    expect(entries.filter(({ type }) => type === 'effect')).toEqual([]);
    expect(entries.length).toBeLessThanOrEqual(REPOSITORIES / 50 + 10);
    expect(again.requests).toMatchObject({ mutating: 0 });
    expect(again.requests.rest + again.requests.graphql).toBe(entries.length);
  });

  it('ends the same with REST alone', async () => {
    const trial = new Trial(system, 'rest');
    const report = reportOf(await system.orgsaga(apply('rest', '--no-graphql')), 0);
    expect(trial.findings(report, { undisturbed: true })).toEqual([]);
    const paths = system.since(trial.mark).flatMap((entry) => (entry.type === 'request' ? [entry.path] : []));
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.filter((path) => path === '/graphql')).toEqual([]);
  });

  it('lets one run write to an organisation: another is refused, or waits', async () => {
    const trial = new Trial(system, 'twice');
    system.github.setLatency(150);
    const first = system.start(apply('twice'));
    await trial.effects(1);
    system.github.setLatency(STANDING_MS);
    const refused = await system.orgsaga(apply('twice', '--key', 'queued'));
    // A run that was refused has not used up its key.
    const waiting = system.start(apply('twice', '--key', 'queued', '--wait'));
    await system.until('the second run waits', async () => {
      const { stdout } = await system.orgsaga(['runs', '--org', 'twice', '--json']);
      return (JSON.parse(stdout) as unknown[]).length === 3;
    });
    system.github.setLatency(0);
    const done = reportOf(await first.ended, 0);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ state: 'Refused' });
    expect(refused.stderr).toContain(done.run);
    const queued = reportOf(await waiting.ended, 0);
    expect(queued).toMatchObject({ state: 'Committed', totals: { inSync: 6, committed: 0 } });
    const again = reportOf(await system.orgsaga(apply('twice', '--key', 'queued')), 0);
    expect(again).toMatchObject({ run: queued.run, state: 'Committed' });
    expect(trial.findings(done, { undisturbed: true })).toEqual([]);
  });

  it('goes on after Ctrl-C, which says how to come back', async () => {
    const trial = new Trial(system, 'detached');
    system.github.setLatency(100);
    const running = system.start(['apply', '-f', fileFor('detached'), '--yes']);
    await trial.effects(1);
    running.signal('SIGINT');
    const { code, stderr } = await running.ended;
    system.github.setLatency(0);
    expect(code).toBe(130);
    const run = /orgsaga watch (\S+)/.exec(stderr)?.[1] ?? '';
    expect(stderr).toContain(`orgsaga cancel ${run}`);
    const report = reportOf(await system.orgsaga(['watch', run, '--json']), 0);
    expect(trial.findings(report, { undisturbed: true })).toEqual([]);
  });

  it('starts one run for one request key, and refuses the key for another request', async () => {
    const trial = new Trial(system, 'keyed');
    const both = await Promise.all([1, 2].map(() => system.orgsaga(apply('keyed', '--key', 'nightly'))));
    const [one, two] = both.map((ran) => reportOf(ran, 0)) as [ApplyReport, ApplyReport];
    expect(one.run).toBe(two.run);
    expect(trial.findings(one, { undisturbed: true })).toEqual([]);
    const other = system.write('other.yaml', standards('keyed', 'on_failure: checkpoint'));
    const refused = await system.orgsaga(['apply', '-f', other, '--yes', '--json', '--key', 'nightly']);
    expect(reportOf(refused, 1)).toMatchObject({ run: null, state: 'Refused' });
    expect(refused.stderr).toContain(one.run);
    const runs = JSON.parse((await system.orgsaga(['runs', '--org', 'keyed', '--json'])).stdout);
    expect(runs).toHaveLength(1);
  });

  it('leaves alone what the file does not name', () => {
    const { repositories } = system.dump('acme');
    expect(repositories['repo-001']?.branch_protection['main']).toMatchObject({
      allow_deletions: true,
      required_pull_request_reviews: { dismiss_stale_reviews: true, required_approving_review_count: 1 },
    });
    expect(Object.keys(wanted(system.dump('acme')).repositories)).toHaveLength(REPOSITORIES);
  });
});
