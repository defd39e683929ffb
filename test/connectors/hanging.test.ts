import { setTimeout as pause } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SimulatedServer, startSimulatedServer } from '../../src/dev/connectors/server.js';
import { rejection, scheduled } from '../activities/support.js';
import { type Bench, bench, ITEM, ORGANIZATION, RUN, settle } from './bench.js';
import { OwnSystem } from './own.js';

const STEP = 'the_step';
/** The bench's activities last a second, of which a tenth is for the records. */
const LASTS_MS = 1_000;
/** And on a busy machine a timer may come late. */
const LATE_MS = 1_000;
const never = (): Promise<never> => new Promise(() => {});

const timed = async (act: () => Promise<unknown>) => {
  const began = Date.now();
  const failure = await rejection(act());
  expect(Date.now() - began).toBeLessThan(LASTS_MS + LATE_MS);
  return failure;
};

describe('a connector that does not answer', { timeout: 5_000 }, () => {
  let own: OwnSystem;
  let server: SimulatedServer;
  let at: Bench;
  beforeEach(async () => {
    own = new OwnSystem();
    server = await startSimulatedServer('', () => ({ status: 200, body: {} }));
    at = await bench({ OWN_URL: server.url }, 'own', {}, { connector: own.connector });
  });
  afterEach(async () => {
    await at.close();
    await server.close();
  });
  const outcomes = async (): Promise<unknown[]> =>
    (await at.records(STEP)).map(({ direction, outcome }) => [direction, outcome]);

  it('to forward is an unknown outcome, which is then looked for', async () => {
    own.connector.forward = never;
    const failure = await timed(() => at.run(STEP));
    expect(failure).toMatchObject({ type: 'Unavailable', details: [{ mayBeApplied: true }] });
    expect(failure.message).toMatch(/^own: forward did not answer within 0\.[89] s/);
    expect(await outcomes()).toEqual([['do', 'unknown']]);
    expect(await at.run(STEP)).toMatchObject({ status: 'notYet' });
    own.found = { state: 'ours', result: { number: 1 } };
    settle(at);
    expect(await at.run(STEP)).toMatchObject({ status: 'done' });
    expect(await outcomes()).toEqual([['do', 'applied']]);
  });

  it('to inspect says nothing of the step, and nothing is sent', async () => {
    own.connector.inspect = never;
    const failure = await timed(() => at.run(STEP));
    expect(failure).toMatchObject({ type: 'Unavailable', details: [{ mayBeApplied: false }] });
    expect(failure.message).toMatch(/^own: inspect did not answer within 0\.[89] s/);
    expect(await outcomes()).toEqual([]);
  });

  it('to compensate is an unknown outcome, and it is undone when it answers again', async () => {
    await at.run(STEP);
    const answers = { ...own.connector };
    own.connector.compensate = never;
    const failure = await timed(() => at.undo(STEP));
    expect(failure).toMatchObject({ type: 'Unavailable', details: [{ mayBeApplied: true }] });
    expect(failure.message).toMatch(/^own: compensate did not answer within 0\.[89] s/);
    Object.assign(own.connector, answers);
    settle(at);
    expect(await at.undo(STEP)).toMatchObject({ status: 'done' });
    expect(own.undone).toMatchObject([{ result: { number: 1 } }]);
  });

  it.each(['resolves', 'rejects'])('has no say any more when it %s later, and sends nothing', async (how) => {
    let late: Promise<unknown> = Promise.resolve();
    own.connector.forward = async ({ http }) => {
      await pause(LASTS_MS);
      late = http.send({ method: 'POST', path: '/late' });
      await late.catch(() => undefined);
      if (how === 'rejects') throw new Error('later');
      return { number: 7 };
    };
    await timed(() => at.run(STEP));
    await pause(LASTS_MS / 2);
    await expect(late).rejects.toThrow('given up');
    expect(server.seen).toEqual([]);
    expect(await at.store.getStepResult(RUN, ITEM, STEP)).toBeNull();
    expect(await outcomes()).toEqual([['do', 'unknown']]);
  });

  it('is not waited for when the worker is shut down, nor is what it has sent', async () => {
    const lasts = 30_000;
    await at.close();
    at = await bench({ OWN_URL: server.url }, 'own', {}, { connector: own.connector, startToCloseMs: lasts });
    server.fault({ kind: 'hang', ms: 10_000 });
    let sent: Promise<unknown> = Promise.resolve();
    own.connector.forward = async ({ http }) => {
      sent = http.send({ method: 'POST', path: '/sent' });
      await sent.catch(() => undefined);
      return never();
    };
    const environment = new MockActivityEnvironment(
      { ...scheduled(Date.now()), startToCloseTimeoutMs: lasts },
      { logger: new DefaultLogger('ERROR') },
    );
    const { runConnector } = at.activities;
    const asked = {
      run: RUN,
      organization: ORGANIZATION,
      item: ITEM,
      actor: 'ada',
      step: STEP,
      connector: 'own',
      options: {},
      needs: [],
    };
    const ended = rejection(environment.run(async () => runConnector?.(asked)));
    while (server.seen.length === 0) await pause(5);
    environment.cancel('WORKER_SHUTDOWN');
    const shutAt = Date.now();
    const failure = await ended;
    await rejection(sent);
    expect(Date.now() - shutAt).toBeLessThan(LATE_MS);
    expect(failure.message).toMatch(
      /^own: forward had not answered after 0\.\d s when the worker was shut down/,
    );
    expect(await outcomes()).toEqual([['do', 'unknown']]);
  });
});
