import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../src/dev/ports.js';
import { organization, standards } from '../support/organization.js';
import { type System, startSystem } from '../support/system.js';
import { reportOf, Trial } from '../support/trial.js';

const REPOSITORIES = 24;
const LATENCY_MS = 30;
/** So long that a run is not over when a command has started. */
const SLOW_MS = 1_000;
/** So long that an undo is not over when a command has started, and short enough that each step of it ends in one activity. */
const UNHURRIED_MS = 400;
/** A worker learns by what it has under way when the first answers come, at most `lanes.concurrent`. */
const MOST_TO_LEARN = 100;

interface Status {
  limits: { core: { remaining: number } | null; error: string | null }[];
  breakers: { lane: string; state: string; order: { kind: string; actor: string; reason: string } | null }[];
  workers: { worker: string; inFlight: number; breakers: Record<string, { state: string }> }[];
  transitions: { lane: string; from: string; to: string; worker: string; reason: string }[];
}

const until = (holds: () => Promise<boolean>): Promise<unknown> =>
  vi.waitFor(async () => expect(await holds()).toBe(true), { timeout: 150_000, interval: 100 });

describe('the circuit breaker round GitHub', { timeout: 300_000 }, () => {
  let system: System;
  let metrics: string;
  /** How often this test itself has asked GitHub for its limits. */
  let looks = 0;
  beforeAll(async () => {
    const logins = ['isolated', 'cancelled', 'outage'];
    system = await startSystem({
      seed: logins.map((login) => organization(login, REPOSITORIES)),
      workers: 1,
      latencyMs: LATENCY_MS,
    });
    metrics = `127.0.0.1:${await freePort()}`;
    await system.startWorker({ ORGSAGA_METRICS_ADDRESS: metrics });
  });
  afterEach(() => system.github.faults.clear());
  afterAll(() => system?.stop());

  const apply = (login: string) =>
    system.start(['apply', '-f', system.write(`${login}.yaml`, standards(login)), '--yes', '--json']);
  const github = async (...args: string[]): Promise<Status> => {
    looks += args[0] === 'status' ? 1 : 0;
    const ran = await system.orgsaga(['github', ...args, '--json']);
    expect([ran.code, ran.stderr.replaceAll(/(No worker|The limits).*\n/g, '')]).toEqual([0, '']);
    return JSON.parse(ran.stdout) as Status;
  };
  const newestRun = async (): Promise<string> => {
    const runs = JSON.parse((await system.orgsaga(['runs', '--json'])).stdout) as { run: string }[];
    return runs[0]?.run ?? '';
  };
  const status = async (run: string): Promise<string> => (await system.orgsaga(['status', run])).stdout;
  const asked = (mark: number): number =>
    system.since(mark).filter((entry) => entry.type === 'request' && entry.path !== '/rate_limit').length;
  const served = async (): Promise<string> => (await fetch(`http://${metrics}/metrics`)).text();

  it('is shut by a person for every worker, also for one that starts then, and opened again', async () => {
    const trial = new Trial(system, 'isolated');
    const running = apply('isolated');
    await trial.effects(20);
    system.github.setLatency(SLOW_MS);
    await github('isolate', '--reason', 'an incident');
    // Those that were on their way.
    await until(async () => {
      const { workers } = await github('status');
      const isShut = workers.every(({ breakers }) => breakers['write']?.state === 'isolated');
      return workers.length === 2 && isShut && workers.every(({ inFlight }) => inFlight === 0);
    });
    system.github.setLatency(LATENCY_MS);
    const mark = system.mark();
    looks = 0;
    await system.workers.shift()?.kill();
    await system.startWorker();
    const run = await newestRun();
    await until(async () =>
      /the circuit breaker of the (write|read) lane is isolated by ada .*\(an incident\)/.test(
        await status(run),
      ),
    );
    const { breakers, limits } = await github('status');
    expect(breakers).toMatchObject(
      ['read', 'write', 'content'].map((lane) => ({
        lane,
        state: 'isolated',
        order: { kind: 'isolate', actor: 'ada', reason: 'an incident' },
      })),
    );
    expect(limits).toMatchObject([{ token: 'default', error: null }]);
    // No probe of a worker either.
    expect(system.since(mark).filter(({ type }) => type === 'request')).toHaveLength(looks);
    expect(await served()).toMatch(/github_circuit_breaker_state\{lane="write",token="default"\} 3/);

    await github('reset');
    const report = reportOf(await running.ended, 0);
    expect(report).toMatchObject({ state: 'Committed', totals: { committed: REPOSITORIES } });
    expect(trial.findings(report)).toEqual([]);
    const { transitions } = await github('status');
    const write = transitions.filter(({ lane }) => lane === 'write').map(({ from, to }) => `${from} ${to}`);
    expect(write).toEqual(expect.arrayContaining(['isolated closed', 'closed isolated']));
    expect(await served()).toMatch(
      /transitions\{from="closed",lane="write",to="isolated",token="default"\} 1/,
    );
  });

  it('is told of where an undo waits for it, too', async () => {
    const before = system.dump('cancelled');
    const running = apply('cancelled');
    await new Trial(system, 'cancelled').effects(REPOSITORIES);
    const run = await newestRun();
    system.github.setLatency(UNHURRIED_MS);
    await system.orgsaga(['cancel', run, '--yes']);
    await until(async () => (await status(run)).includes('undoing what was done to cancelled'));
    await github('isolate', '--reason', 'an incident');
    system.github.setLatency(LATENCY_MS);
    await until(async () =>
      /under way[^]*cancelled\/\S+ {2}waiting: the circuit breaker of the \w+ lane is isolated by ada/.test(
        await status(run),
      ),
    );
    await github('reset');
    expect(reportOf(await running.ended, 3)).toMatchObject({ state: 'Cancelled' });
    expect(system.dump('cancelled')).toEqual(before);
  });

  it('opens in an outage, is learned anew by a worker that starts then, and costs no repository anything', async () => {
    const trial = new Trial(system, 'outage');
    const running = apply('outage');
    await trial.effects(10);
    system.github.faults.add({ match: {}, kind: 'status', status: 503 });
    const isOpen = async (): Promise<boolean> =>
      (await github('status')).breakers.some(({ state }) => state === 'open' || state === 'half-open');
    await until(isOpen);
    expect((await github('status')).limits).toMatchObject([
      { core: null, error: expect.stringContaining('503') },
    ]);
    await Promise.all(system.workers.splice(0).map((worker) => worker.kill()));
    const before = await github('status');
    const mark = system.mark();
    await system.startWorker();
    await until(async () => {
      const { transitions } = await github('status');
      const known = new Set(before.transitions.map(({ worker }) => worker));
      return transitions.some(({ worker, to }) => !known.has(worker) && to === 'half-open');
    });
    expect(asked(mark)).toBeLessThanOrEqual(MOST_TO_LEARN);
    system.github.faults.clear();
    const report = reportOf(await running.ended, 0);
    expect(report).toMatchObject({
      state: 'Committed',
      totals: { committed: REPOSITORIES, deadLettered: 0 },
    });
    expect(trial.findings(report)).toEqual([]);
    const { transitions } = await github('status');
    expect(transitions.find(({ to }) => to === 'closed')?.reason).toBe('GitHub is well again');
  });
});
