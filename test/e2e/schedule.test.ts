import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScheduleSummary } from '../../src/api.js';
import { freePort } from '../../src/dev/ports.js';
import type { DriftReport } from '../../src/workflows/drift-contract.js';
import { byHand, reportOf } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';

const standards = (login: string, more = '') => `version: 1
organizations:
  - { login: ${login}, settings: { description: Wanted }, repositories: [{ match: ['*'], settings: { has_wiki: false } }]${more} }
`;
/** Checks that come by themselves would come between those of the test. */
const NEVER = '0 0 29 2 *';

describe('schedules', { timeout: 120_000 }, () => {
  let system: System;
  let metrics: string;
  beforeAll(async () => {
    metrics = `127.0.0.1:${await freePort()}`;
    const repositories = ['api', 'web', 'old'].map((name) => ({ name }));
    system = await startSystem({
      seed: ['looks', 'applies', 'often', 'refused'].map((login) => ({ login, repositories })),
      workers: 0,
    });
    await system.startWorker({ ORGSAGA_METRICS_ADDRESS: metrics });
  });
  afterAll(() => system?.stop());

  const schedule = (...args: string[]) => system.orgsaga(['schedule', ...args, '--json']);
  const create = async (login: string, cron: string, ...flags: string[]) => {
    const file = system.write(`${login}.yaml`, standards(login));
    return schedule('create', '-f', file, '--cron', cron, ...flags);
  };
  const check = async (name: string, code: number) =>
    reportOf(await schedule('run', name), code) as unknown as DriftReport;
  const listed = async (): Promise<ScheduleSummary[]> =>
    reportOf(await schedule('list'), 0) as unknown as ScheduleSummary[];
  const wikis = (login: string) =>
    Object.values(system.dump(login).repositories).map(({ settings }) => settings['has_wiki']);

  it('look, and change nothing: what differs is reported, counted, and the exit code', async () => {
    reportOf(await create('looks', NEVER, '--name', 'nightly', '--time-zone', 'Europe/Berlin'), 0);
    const before = JSON.stringify(system.dump('looks'));
    const found = await check('nightly', 7);
    expect(found).toMatchObject({ schedule: 'nightly', items: 4, changes: 4, run: null });
    expect(found.organizations).toMatchObject([
      {
        login: 'looks',
        repositories: 3,
        error: null,
        named: expect.arrayContaining([{ item: 'looks/api', changes: 1 }]),
      },
    ]);
    expect(JSON.stringify(system.dump('looks'))).toBe(before);
    await system.until('the metric is there', async () =>
      /drift_items\{[^}]*organization="looks"[^}]*\} 4\b/.test(
        await (await fetch(`http://${metrics}/metrics`)).text(),
      ),
    );
    await system.until('the list has it', async () =>
      (await listed()).some(({ name, found: shown }) => name === 'nightly' && shown?.items === 4),
    );
    const [one] = await listed();
    expect(one).toMatchObject({ cron: NEVER, timeZone: 'Europe/Berlin', applies: false, paused: false });
    expect((await schedule('list', '--exit-code')).code).toBe(7);
    expect(JSON.parse((await system.orgsaga(['runs', '--json'])).stdout)).toEqual([]);
  });

  it('with --apply have a run put it right, and find nothing the next time', async () => {
    reportOf(await create('applies', NEVER, '--apply'), 0);
    const found = await check('applies', 0);
    expect(found).toMatchObject({ items: 4, state: 'Committed' });
    expect(wikis('applies')).toEqual([false, false, false]);
    const status = reportOf(await system.orgsaga(['status', found.run ?? '', '--json']), 0);
    expect(status).toMatchObject({ state: 'Committed', actor: 'schedule applies' });
    await byHand(system, 'PATCH', '/repos/applies/api', { has_wiki: true });
    await check('applies', 0);
    expect(wikis('applies')).toEqual([false, false, false]);
    expect(await check('applies', 0)).toMatchObject({ items: 0, run: null });
  });

  it('end with what their run needs of a person', async () => {
    const match = { method: 'PATCH', path: '/repos/refused/old' };
    system.github.faults.add({ match, kind: 'status', status: 403 });
    reportOf(await create('refused', NEVER, '--apply'), 0);
    expect(await check('refused', 5)).toMatchObject({ items: 4, state: 'AwaitingOperator' });
  });

  it('come by themselves, skip while one is under way, pause, go on, and end with a delete', async () => {
    reportOf(await create('often', '* * * * * * *'), 0);
    await system.until('it has been checked', async () =>
      (await listed()).some(({ name, found }) => name === 'often' && found?.items === 4),
    );
    reportOf(await schedule('pause', 'often', '--note', 'for the test'), 0);
    await system.until('the list has it', async () =>
      (await listed()).some(
        ({ name, paused, note }) => name === 'often' && paused && note === 'for the test',
      ),
    );
    reportOf(await schedule('resume', 'often'), 0);
    reportOf(await schedule('delete', 'often'), 0);
    await system.until('it is gone', async () => (await listed()).every(({ name }) => name !== 'often'));
  });

  it('refuse what cannot be: a name that is taken, a cron that is none, a schedule that is not there', async () => {
    reportOf(await create('looks', NEVER, '--name', 'taken'), 0);
    const again = await create('looks', NEVER, '--name', 'taken');
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('--replace')]);
    const wrong = await create('looks', 'every day', '--name', 'taken', '--replace');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('does not take this schedule')]);
    reportOf(await create('looks', '@hourly', '--name', 'taken', '--replace'), 0);
    await system.until('the list has it', async () =>
      (await listed()).some(({ name, cron }) => name === 'taken' && cron === '@hourly'),
    );
    for (const command of ['run', 'pause', 'resume', 'delete']) {
      const missing = await schedule(command, 'nobody');
      expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('no schedule nobody')]);
    }
    expect((await create('looks', NEVER, '--time-zone', 'Mars/Olympus')).code).toBe(2);
  });
});
