import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrganizationDump } from '../support/organization.js';
import { type System, startSystem } from '../support/system.js';
import { type ApplyReport, reportOf } from '../support/trial.js';

const LOGINS = ['plain', 'letters', 'superseded', 'stuck'] as const;
type Login = (typeof LOGINS)[number];

const standards = (login: Login, onFailure: 'rollback' | 'checkpoint'): string => `version: 1
organizations:
  - login: ${login}
    settings: { default_repository_permission: read }
    repositories:
      - match: ['*']
        settings: { has_wiki: false }
    on_failure: ${onFailure}
    dead_letter: { max_retries: 1, deadline: 1h }
`;

/** What the file is about: the organisation's own value, and that of its repository `settings`. */
function held({ settings, repositories }: OrganizationDump): unknown[] {
  return [settings['default_repository_permission'], repositories['settings']?.settings['has_wiki']];
}
const BEFORE = ['write', true];
const AFTER = ['read', false];

describe('an organisation with a repository called settings', { timeout: 180_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      seed: LOGINS.map((login) => ({
        login,
        settings: { default_repository_permission: 'write' },
        repositories: [{ name: 'settings', settings: { has_wiki: true } }],
      })),
    });
  });
  afterAll(() => system?.stop());

  const apply = async (login: Login, code: number, onFailure: 'rollback' | 'checkpoint' = 'rollback') => {
    const file = system.write(`${login}.yaml`, standards(login, onFailure));
    return reportOf(await system.orgsaga(['apply', '-f', file, '--yes', '--json']), code);
  };
  const rollBack = async (run: string): Promise<ApplyReport> =>
    reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 0);
  const now = (login: Login) => held(system.dump(login));
  const refuse = (path: string): string =>
    system.github.faults.add({
      match: { method: 'PATCH', path },
      kind: 'status',
      status: 403,
      body: { message: 'Must have admin rights.' },
    });

  it('is applied, rolled back, and brought forward again, both of them', async () => {
    const { run, totals } = await apply('plain', 0);
    expect(totals).toMatchObject({ repositories: 1, committed: 1 });
    expect(now('plain')).toEqual(AFTER);
    const back = await rollBack(run);
    expect(now('plain')).toEqual(BEFORE);
    await rollBack(back.run);
    expect(now('plain')).toEqual(AFTER);
  });

  it('has two dead letters of one name, and a retry by that name takes both', async () => {
    const faults = ['/orgs/letters', '/repos/letters/settings'].map(refuse);
    const { run, deadLetters } = await apply('letters', 5, 'checkpoint');
    expect(deadLetters.map(({ workflowId = '' }) => workflowId).toSorted()).toEqual([
      `${run}/letters/settings`,
      `${run}/letters:settings`,
    ]);
    const retry = () => system.orgsaga(['dead-letters', 'retry', 'letters/settings', '--run', run, '--json']);
    // One of them can be done by now: the other one stays, and is told.
    for (const id of faults.splice(0, 1)) system.github.faults.remove(id);
    const half = await retry();
    expect(half.code, half.stderr).toBe(5);
    expect(JSON.parse(half.stdout)).toMatchObject({
      succeeded: ['letters/settings'],
      failed: [{ workflowId: `${run}/letters/settings` }],
    });
    expect(now('letters')).toEqual(['read', true]);
    for (const id of faults) system.github.faults.remove(id);
    const rest = await retry();
    expect(rest.code, rest.stderr).toBe(0);
    expect(now('letters')).toEqual(AFTER);
    await rollBack(run);
    expect(now('letters')).toEqual(BEFORE);
  });

  it('keeps the dead letter of the one when another run puts the other one right', async () => {
    const [settings = ''] = ['/orgs/superseded', '/repos/superseded/settings'].map(refuse);
    const { run, deadLetters } = await apply('superseded', 5, 'checkpoint');
    expect(deadLetters).toHaveLength(2);
    system.github.faults.remove(settings);
    await apply('superseded', 5, 'checkpoint');
    const listed = await system.orgsaga(['dead-letters', 'list', '--run', run, '--json']);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ workflowId: `${run}/superseded/settings` }]);
  });

  it('is put back as a whole when its repository cannot be', async () => {
    const { run } = await apply('stuck', 0);
    const fault = refuse('/repos/stuck/settings');
    const report = reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 5);
    expect(report.deadLetters.map(({ workflowId }) => workflowId)).toEqual([`${report.run}/stuck/settings`]);
    expect(now('stuck')).toEqual(['write', false]);
    system.github.faults.remove(fault);
    const retried = await system.orgsaga(['dead-letters', 'retry', '--run', report.run, '--all', '--json']);
    expect(retried.code, retried.stderr).toBe(0);
    expect(now('stuck')).toEqual(BEFORE);
  });
});
