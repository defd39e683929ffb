import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Rule, startSimulatedServer } from '../../src/dev/connectors/server.js';
import { readAudit } from '../support/checker.js';
import {
  ACTIONS,
  expectNoSecrets,
  onboarding,
  standing,
  startWorld,
  type World,
} from '../support/onboarding.js';
import type { Ran } from '../support/program.js';
import { fresh, type Report, reportOf } from '../support/repository-creation.js';
import { contentsOf } from '../support/stored.js';

const NOTHING = { pipelines: [], folders: 0, dashboards: 0, rules: 0, messages: [] };
const STEPS = ['create_github_repo', 'create_ci_pipeline', 'setup_monitoring', 'notify_team'];

/** The same with a step of the connector of the documentation. */
const registered = (name: string): string => `${onboarding(name)}  - name: register
    uses: service-catalogue
    with: { title: 'Payments of \${steps.create_github_repo.full_name}', tier: gold }
`;

describe('onboard over four systems, with real processes', { timeout: 120_000 }, () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterEach(() => {
    world.system.github.faults.clear();
    for (const server of [world.buildkite, world.grafana, world.slack]) server.clearFaults();
    world.buildkite.pipelines.clear();
    for (const kept of [world.grafana.folders, world.grafana.dashboards, world.grafana.rules]) kept.clear();
    world.slack.messages.length = 0;
  });
  afterAll(() => world?.stop());

  const onboard = (name: string, text = onboarding(name), ...more: string[]): Promise<Ran> => {
    const file = world.system.write(`${name}.yaml`, text);
    return world.system.orgsaga(['onboard', '-f', file, '--yes', '--json', ...more]);
  };

  /** Refuses, in the system of that step, the request by which it begins or goes on. */
  const refuse = (step: string): void => {
    const rule: Rule = { kind: 'status', status: 422, body: { message: 'No.' } };
    if (step === 'create_github_repo')
      world.system.github.faults.add({
        match: { method: 'PUT', path: '/orgs/*/teams/*/repos/**' },
        kind: 'status',
        status: 422,
        body: { message: 'No.' },
      });
    if (step === 'create_ci_pipeline') world.buildkite.fault({ ...rule, method: 'POST' });
    if (step === 'setup_monitoring') world.grafana.fault({ ...rule, method: 'POST', path: /alert-rules/ });
    if (step === 'notify_team')
      world.slack.fault({
        ...rule,
        status: 200,
        path: /postMessage/,
        body: { ok: false, error: 'not_in_channel' },
      });
  };

  it('makes all of it, and tells the team with what the steps brought about', async () => {
    const name = fresh();
    const report = reportOf(await onboard(name), 0);
    expect(report).toMatchObject({ state: 'Committed', totals: { repositories: 1, committed: 1 } });
    expect(report.steps.map(({ name: step }) => step)).toEqual([
      'create_github_repo',
      'create_github_repo/protection',
      'teams/developers',
      'create_github_repo/description',
      ...STEPS.slice(1),
    ]);
    const [uid = ''] = [...world.grafana.dashboards.keys()];
    expect(standing(world)).toEqual({
      pipelines: [`acme-ci/${name}`],
      folders: 1,
      dashboards: 1,
      rules: 1,
      messages: [`Ready: ${world.system.github.url}/acme/${name}, ${world.grafana.url}/d/${uid}`],
    });
    const { workflow } = await world.system.client();
    const history = await workflow.getHandle(report.run).fetchHistory();
    expectNoSecrets(JSON.stringify(history));
    expectNoSecrets(contentsOf(world.system.store));
    expectNoSecrets(world.system.log());
  });

  it.each(STEPS)('refused at %s takes back all that was done before', async (step) => {
    const [name, before] = [fresh(), world.system.dump('acme')];
    refuse(step);
    const report = reportOf(await onboard(name), 3);
    expect(report).toMatchObject({ state: 'RolledBack', totals: { repositories: 1, rolledBack: 1 } });
    expect(report.reason).toContain(step === 'create_github_repo' ? 'teams/developers' : step);
    expect(world.system.dump('acme')).toEqual(before);
    expect(standing(world)).toEqual(NOTHING);
  });

  it('takes back the message too, by an edit', async () => {
    const [name, before] = [fresh(), world.system.dump('acme')];
    const text = `${onboarding(name)}  - name: another_pipeline
    uses: buildkite
    with: { organization: acme-ci, name: another, configuration: 'steps: []' }
`;
    world.buildkite.fault({ kind: 'status', status: 422, body: { message: 'No.' }, method: 'POST', skip: 1 });
    const report = reportOf(await onboard(name, text), 3);
    const undone = report.steps.filter(({ state }) => state === 'undone').map(({ name: one }) => one);
    expect(undone).toContain('notify_team');
    expect(world.system.dump('acme')).toEqual(before);
    expect(standing(world)).toEqual({ ...NOTHING, messages: [expect.stringMatching(/^Withdrawn/)] });
    expect(world.slack.messages).toMatchObject([{ edited: true }]);
    const inOrder = readAudit(world.system.store, 'acme')
      .filter((row) => row.run === report.run && row.direction === 'undo' && row.outcome === 'applied')
      .map(({ kind, key }) => `${kind} ${key}`);
    expect(inOrder).toEqual([
      'connector slack',
      'connector grafana',
      'connector buildkite',
      'repository_settings ',
      'team_repository developers',
      'branch_protection main',
      'repository ',
    ]);
  });

  it('with GitHub Actions: the workflow, the required check, and neither of them after a failure', async () => {
    const [name, other] = [fresh(), fresh()];
    const text = onboarding(name, ACTIONS);
    reportOf(await onboard(name, text), 0);
    const made = world.system.dump('acme').repositories[name];
    expect(JSON.stringify(made)).toContain('.github/workflows/ci.yml');
    expect(made?.branch_protection['main']).toMatchObject({
      required_status_checks: { checks: [{ context: 'test' }] },
      required_pull_request_reviews: { required_approving_review_count: 1 },
    });
    const before = world.system.dump('acme');
    refuse('notify_team');
    const report = reportOf(await onboard(other, onboarding(other, ACTIONS)), 3);
    expect(report.reason).toContain('notify_team');
    expect(world.system.dump('acme')).toEqual(before);
  });

  it('lost its worker while a pipeline was made: it is made once', async () => {
    const name = fresh();
    world.buildkite.fault({ kind: 'hang', method: 'POST', applied: true, ms: 1_200, times: 1 });
    const file = world.system.write(`${name}.yaml`, onboarding(name));
    const running = world.system.start(['onboard', '-f', file, '--yes', '--json']);
    await world.system.until('a pipeline', () => world.buildkite.pipelines.size === 1);
    await world.system.workers.shift()?.kill();
    await world.system.startWorker(world.env);
    const report: Report = reportOf(await running.ended, 0);
    expect(report.state).toBe('Committed');
    const sent = world.buildkite.seen.filter(
      ({ method, body }) => method === 'POST' && (body as { name?: string }).name === name,
    );
    expect(sent).toHaveLength(1);
    expect(standing(world).pipelines).toEqual([`acme-ci/${name}`]);
    expect(standing(world).messages).toHaveLength(1);
  });

  it('cancelled while a pipeline is made takes back what it did', async () => {
    const [name, before] = [fresh(), world.system.dump('acme')];
    world.buildkite.fault({ kind: 'hang', method: 'POST', applied: true, ms: 1_200, times: 1 });
    const file = world.system.write(`${name}.yaml`, onboarding(name));
    const running = world.system.start(['onboard', '-f', file, '--yes', '--json']);
    await world.system.until('a pipeline', () => world.buildkite.pipelines.size === 1);
    const run = /Run (\S+)/.exec(await running.says(/Run (\S+)/))?.[1] ?? '';
    await world.system.orgsaga(['cancel', run, '--yes']);
    const report = reportOf(await running.ended, 3);
    expect(report).toMatchObject({ state: 'Cancelled', totals: { rolledBack: 1 } });
    expect(world.system.dump('acme')).toEqual(before);
    expect(standing(world)).toEqual(NOTHING);
  });

  it('is rolled back as a whole later', async () => {
    const [name, before] = [fresh(), world.system.dump('acme')];
    const { run } = reportOf(await onboard(name), 0);
    const back = reportOf(await world.system.orgsaga(['rollback', run, '--yes', '--json']), 0);
    expect(back.state).toBe('Committed');
    expect(world.system.dump('acme')).toEqual(before);
    expect(standing(world)).toEqual({ ...NOTHING, messages: [expect.stringMatching(/^Withdrawn/)] });
  });

  it('leaves a dashboard that somebody has changed, and says so', async () => {
    const name = fresh();
    const { run } = reportOf(await onboard(name), 0);
    const [uid] = [...world.grafana.dashboards.keys()];
    const kept = world.grafana.dashboards.get(uid ?? '');
    if (kept !== undefined) kept.dashboard['version'] = 2;
    const back = reportOf(await world.system.orgsaga(['rollback', run, '--yes', '--json']), 5);
    expect(back.conflicts).toMatchObject([{ step: 'setup_monitoring' }, { step: 'setup_monitoring' }]);
    expect(standing(world)).toMatchObject({ pipelines: [], folders: 1, dashboards: 1, rules: 0 });
    // Force leaves it too, and nobody is told to try that again.
    const forced = await world.system.orgsaga(['rollback', run, '--yes', '--force']);
    expect([forced.code, forced.stdout]).toEqual([5, expect.stringContaining('conflicts (2)')]);
    expect(forced.stderr).not.toContain('--force');
    expect(standing(world)).toMatchObject({ folders: 1, dashboards: 1 });
  });

  it('takes up a repository that is there, with --adopt only, and never deletes it', async () => {
    const [name] = Object.keys(world.system.dump('acme').repositories);
    const text = onboarding(name ?? '').replace('\n  teams:', '\n  branch_protection: false\n  teams:');
    const before = world.system.dump('acme');
    const refused = reportOf(await onboard('there', text), 1);
    expect(refused).toMatchObject({ state: 'Refused', reason: expect.stringContaining('--adopt') });
    refuse('notify_team');
    reportOf(await onboard('there', text, '--adopt'), 3);
    expect(world.system.dump('acme')).toEqual(before);
    world.slack.clearFaults();
    const other = text.replace('\n  teams:', '\n  visibility: internal\n  teams:');
    const unlike = reportOf(await onboard('there', other, '--adopt'), 1);
    expect(unlike.reason).toContain('internal is asked for; --adopt does not change');
    reportOf(await onboard('there', text, '--adopt'), 0);
    expect(world.slack.messages[0]?.text).toContain(`/acme/${name ?? ''}`);
  });

  it('is refused by the worker before anything is done where a variable is missing', async () => {
    const [name, before] = [fresh(), world.system.dump('acme')];
    await world.system.workers.shift()?.kill();
    await world.system.startWorker({ ...world.env, SLACK_BOT_TOKEN: null });
    const report = reportOf(await onboard(name), 2);
    expect(report).toMatchObject({ state: 'Refused' });
    expect(report.reason).toContain('SLACK_BOT_TOKEN');
    expect(world.system.dump('acme')).toEqual(before);
    expect(standing(world)).toEqual(NOTHING);
    await world.system.workers.shift()?.kill();
    await world.system.startWorker(world.env);
  });

  it('works with the connector of the documentation, which is a file of its own', async () => {
    const entries = new Map<string, object>();
    const catalogue = await startSimulatedServer('catalogue-token', ({ method, path, body }) => {
      if (method === 'PUT') entries.set(path, body);
      const found = entries.get(path);
      if (method === 'DELETE') entries.delete(path);
      return found === undefined ? { status: 404 } : { status: 200, body: found };
    });
    const config = join(world.system.directory, 'orgsaga.config.yaml');
    const before = readFileSync(config, 'utf8');
    const module = resolve(import.meta.dirname, '../../examples/connectors/service-catalogue.js');
    try {
      const [name, other] = [fresh(), fresh()];
      const unknown = await onboard(name, registered(name));
      expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('service-catalogue') });
      writeFileSync(config, `${before}connectors: [${JSON.stringify(module)}]\n`);
      // The worker that is there was started without it.
      const refused = reportOf(await onboard(name, registered(name)), 2);
      expect(refused.reason).toContain('the worker has no connector service-catalogue; it has buildkite');
      await world.system.workers.shift()?.kill();
      await world.system.startWorker({
        ...world.env,
        CATALOGUE_URL: catalogue.url,
        CATALOGUE_TOKEN: 'catalogue-token',
      });
      reportOf(await onboard(name, registered(name)), 0);
      expect([...entries.values()]).toMatchObject([{ title: `Payments of acme/${name}`, tier: 'gold' }]);
      world.slack.fault({
        kind: 'status',
        status: 200,
        path: /postMessage/,
        body: { ok: false, error: 'no_text' },
      });
      const moved = registered(other).replace(
        /( {2}- name: notify_team[^]*?)( {2}- name: register[^]*)$/,
        '$2$1',
      );
      reportOf(await onboard(other, moved), 3);
      expect(entries.size).toBe(1);
    } finally {
      writeFileSync(config, before);
      await catalogue.close();
      await world.system.workers.shift()?.kill();
      await world.system.startWorker(world.env);
    }
  });
});
