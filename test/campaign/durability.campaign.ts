import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/dev/github/random.js';
import { type Killing, strikes, uncertainAnswers, whileKilling } from '../support/chaos.js';
import { organization, standards } from '../support/organization.js';
import type { Ran } from '../support/program.js';
import { type System, startSystem } from '../support/system.js';
import { poison, reportOf, Trial } from '../support/trial.js';

/** Another campaign with `ORGSAGA_SEED=4711 npm run test:durability`; a seed repeats its faults, not the instants of two processes. */
const FIRST_SEED = Number(process.env['ORGSAGA_SEED'] ?? 1);
const SEEDS = [0, 1, 2].map((offset) => FIRST_SEED + offset);
const REPOSITORIES = 40;

interface Campaign extends Killing {
  /** Of the faults that leave an outcome open: 0 none, 1 about 15 % of all writes. */
  faults: number;
}

const CAMPAIGNS: Record<string, Campaign> = {
  'kills of workers': { workers: true, server: false, faults: 0 },
  'kills of the server': { workers: false, server: true, faults: 0 },
  'unknown outcomes': { workers: false, server: false, faults: 1 },
  'all at once': { workers: true, server: true, faults: 0.5 },
};

const login = (kind: string, seed: number): string => `${kind}-${seed}`;

/** Said at once: a campaign is long, and its failures are shown in the end only. */
function judge(trial: Trial, report: ReturnType<typeof reportOf>): void {
  const found = trial.findings(report);
  for (const finding of found) process.stdout.write(`${trial.login}: ${finding}\n`);
  expect(found).toEqual([]);
}

describe.each(Object.entries(CAMPAIGNS))('durability under %s', (name, campaign) => {
  let system: System;
  beforeAll(async () => {
    const logins = SEEDS.flatMap((seed) => ['apply', 'cancel', 'redrive'].map((kind) => login(kind, seed)));
    system = await startSystem({
      seed: logins.map((one) => organization(one, REPOSITORIES)),
      workers: 2,
      latencyMs: 40,
    });
  });
  afterAll(() => system?.stop());

  const write = (trial: Trial): string => system.write(`${trial.login}.yaml`, standards(trial.login));
  const run = (...args: string[]): Promise<Ran> => system.orgsaga(args);

  /** Whatever was left by bad luck is retried without faults, until nothing is. */
  async function settled(ran: Ran): Promise<ReturnType<typeof reportOf>> {
    system.github.faults.clear();
    const report = reportOf(ran, ran.code === 5 ? 5 : 0);
    if (ran.code === 0) return report;
    reportOf(await run('dlq', 'retry', '--run', report.run, '--all', '--json'), 0);
    return reportOf(await run('watch', report.run, '--json'), 0);
  }

  async function disturbed(seed: number, work: Promise<Ran>): Promise<Ran> {
    if (campaign.faults > 0)
      for (const rule of uncertainAnswers(seed, campaign.faults)) system.github.faults.add(rule);
    const { result, kills } =
      campaign.workers || campaign.server
        ? await whileKilling(system, seed, campaign, work)
        : { result: await work, kills: 0 };
    const faults = JSON.stringify(strikes(system));
    process.stdout.write(`${name}, seed ${seed}: ${kills} kills, faults ${faults}, exit ${result.code}\n`);
    return result;
  }

  it.each(SEEDS)('an apply ends as if nothing had been, seed %i', async (seed) => {
    const trial = new Trial(system, login('apply', seed));
    const report = await settled(await disturbed(seed, run('apply', '-f', write(trial), '--yes', '--json')));
    expect(report).toMatchObject({ state: 'Committed', totals: { committed: REPOSITORIES } });
    judge(trial, report);
  });

  it.each(SEEDS)('a cancel at any instant leaves everything as it was, seed %i', async (seed) => {
    const trial = new Trial(system, login('cancel', seed));
    const random = seededRandom(seed);
    const { stdout } = await run('apply', '-f', write(trial), '--yes', '--json', '--detach');
    const { run: id } = JSON.parse(stdout) as { run: string };
    await trial.effects(1 + Math.floor(random() * 250));
    const cancel = async (): Promise<Ran> => {
      const asked = await Promise.all([1, 2].map(() => run('cancel', id, '--yes', '--json')));
      expect(asked).toMatchObject([{ code: 0 }, { code: 0 }]);
      return run('watch', id, '--json');
    };
    const ran = await disturbed(seed, cancel());
    system.github.faults.clear();
    const report = reportOf(ran, 3);
    expect(report).toMatchObject({ state: 'Cancelled' });
    judge(trial, report);
  });

  it.each(SEEDS)('dead letters are worked through, seed %i', async (seed) => {
    const trial = new Trial(system, login('redrive', seed));
    const poisoned = ['repo-001', 'repo-003', 'repo-004', 'repo-006'];
    for (const repository of poisoned) poison(system, trial.login, repository);
    const report = reportOf(await run('apply', '-f', write(trial), '--yes', '--json'), 5);
    expect(report).toMatchObject({ totals: { deadLettered: poisoned.length } });
    judge(trial, report);
    system.github.faults.clear();
    const retry = async (): Promise<Ran> => {
      const asked = await Promise.all(
        [1, 2].map(() => run('dlq', 'retry', '--run', report.run, '--all', '--json')),
      );
      for (const { code, stderr } of asked) expect([0, 5], stderr).toContain(code);
      return run('watch', report.run, '--json');
    };
    const ended = await settled(await disturbed(seed, retry()));
    expect(ended).toMatchObject({ state: 'Committed', totals: { committed: REPOSITORIES } });
    judge(trial, ended);
  });
});
