import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BUILDKITE, onboarding, standing, startWorld, type World } from '../support/onboarding.js';
import type { Ran } from '../support/program.js';
import { fresh, type Report, reportOf } from '../support/repository-creation.js';

/** Buildkite's own rule would make another slug of such a name than lower case alone. */
const named = (name: string): string => onboarding(name, `${BUILDKITE}\n      name: ${name}--ci`);

describe('onboard with a pipeline whose name its slug does not repeat', { timeout: 120_000 }, () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterEach(() => {
    for (const server of [world.buildkite, world.grafana, world.slack]) server.clearFaults();
    world.buildkite.pipelines.clear();
  });
  afterAll(() => world?.stop());

  const onboard = (name: string): Promise<Ran> => {
    const file = world.system.write(`${name}.yaml`, named(name));
    return world.system.orgsaga(['onboard', '-f', file, '--yes', '--json']);
  };
  const loseAnswer = (): void =>
    world.buildkite.fault({ kind: 'reset', method: 'POST', applied: true, times: 1 });
  const refuseMessage = (): void =>
    world.slack.fault({
      kind: 'status',
      status: 200,
      path: /postMessage/,
      body: { ok: false, error: 'not_in_channel' },
    });

  it('takes back one whose making was not answered, when a later step is refused', async () => {
    const [name, before] = [fresh(), world.system.dump('acme')];
    loseAnswer();
    refuseMessage();
    const report = reportOf(await onboard(name), 3);
    expect(report).toMatchObject({ state: 'RolledBack', totals: { rolledBack: 1 } });
    expect(world.system.dump('acme')).toEqual(before);
    expect(standing(world)).toMatchObject({ pipelines: [], folders: 0 });
  });

  it('takes back by a rollback one whose making was not answered', async () => {
    const [name, before] = [fresh(), world.system.dump('acme')];
    loseAnswer();
    const { run } = reportOf(await onboard(name), 0);
    expect(standing(world).pipelines).toEqual([`acme-ci/${name}-ci`]);
    reportOf(await world.system.orgsaga(['rollback', run, '--yes', '--json']), 0);
    expect(world.system.dump('acme')).toEqual(before);
    expect(standing(world)).toMatchObject({ pipelines: [], folders: 0 });
  });

  it('parks where Buildkite refuses to delete it, and says which', async () => {
    const [name, before] = [fresh(), world.system.dump('acme')];
    refuseMessage();
    world.buildkite.fault({ kind: 'status', method: 'DELETE', status: 403, body: { message: 'No.' } });
    const report = reportOf(await onboard(name), 5) as Report & { parked: object[] };
    const pipeline = { field: 'buildkite', before: null, wrote: { slug: `${name}-ci` } };
    expect(report).toMatchObject({
      state: 'Parked',
      parked: [{ step: 'create_ci_pipeline', left: [pipeline] }],
    });
    const { stdout } = await world.system.orgsaga(['status', report.run]);
    expect(stdout).toMatch(/left: buildkite stands, \{.*; to be taken away/);
    expect(standing(world).pipelines).toEqual([`acme-ci/${name}-ci`]);
    world.buildkite.clearFaults();
    const resolve = ['resolve', report.run, 'create_ci_pipeline', 'retry', '--json'];
    reportOf(await world.system.orgsaga(resolve), 3);
    expect(world.system.dump('acme')).toEqual(before);
    expect(standing(world)).toMatchObject({ pipelines: [], folders: 0 });
  });
});
