import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/dev/github/random.js';
import { organization, standards } from '../support/organization.js';
import { type System, startSystem } from '../support/system.js';
import { reportOf, Trial } from '../support/trial.js';

const REPOSITORIES = 16;
const SEEDS = [1, 2];
/** An organisation of that size takes a good hundred writes. */
const WRITES = 100;

describe('kill -9', { timeout: 180_000 }, () => {
  let system: System;
  beforeAll(async () => {
    const logins = [...SEEDS.map((seed) => `seed-${seed}`), 'both', 'server', 'terminated'];
    system = await startSystem({
      seed: logins.map((login) => organization(login, REPOSITORIES)),
      workers: 2,
      latencyMs: 30,
    });
  });
  afterAll(() => system?.stop());

  const apply = (login: string, ...flags: string[]) =>
    system.start([
      'apply',
      '-f',
      system.write(`${login}.yaml`, standards(login)),
      '--yes',
      '--json',
      ...flags,
    ]);

  it.each(SEEDS)('of one of two workers at an instant drawn by seed %i', async (seed) => {
    const trial = new Trial(system, `seed-${seed}`);
    const random = seededRandom(seed);
    const running = apply(trial.login);
    await trial.effects(1 + Math.floor(random() * WRITES));
    await system.workers.shift()?.kill();
    const report = reportOf(await running.ended, 0);
    expect(report).toMatchObject({ state: 'Committed', totals: { committed: REPOSITORIES } });
    expect(trial.findings(report)).toEqual([]);
    await system.startWorker();
  });

  it('of both workers, and one is started again', async () => {
    const trial = new Trial(system, 'both');
    const running = apply(trial.login);
    await trial.effects(40);
    await Promise.all(system.workers.splice(0).map((worker) => worker.kill()));
    const seen = trial.writes();
    await system.startWorker();
    const report = reportOf(await running.ended, 0);
    expect(seen).toBeLessThan(trial.writes());
    expect(trial.findings(report)).toEqual([]);
  });

  it('of the Temporal server, which is started again on its file', async () => {
    const trial = new Trial(system, 'server');
    const running = apply(trial.login);
    await trial.effects(30);
    await system.killServer();
    await running.says(/server is lost/);
    await system.restartServer();
    const report = reportOf(await running.ended, 0);
    expect(report).toMatchObject({ state: 'Committed', totals: { committed: REPOSITORIES } });
    expect(trial.findings(report)).toEqual([]);
  });

  it('leaves no lock behind: a run that was terminated is succeeded by another once its repositories are done', async () => {
    const trial = new Trial(system, 'terminated');
    const first = apply(trial.login);
    await trial.effects(30);
    const said = await first.says(/Run (\S+)/);
    const run = /Run (\S+)/.exec(said)?.[1] ?? '';
    const { workflow } = await system.client();
    await workflow.getHandle(run).terminate('by the test');
    const ended = await first.ended;
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('Apply the file again');
    const report = reportOf(await apply(trial.login, '--wait').ended, 0);
    expect(trial.findings(report)).toEqual([]);
  });
});
