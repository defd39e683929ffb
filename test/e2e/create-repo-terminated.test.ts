import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultMatch } from '../../src/dev/github/faults.js';
import { organization } from '../support/organization.js';
import { create, fresh, reportOf } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';

const MAINTAINERS: FaultMatch = { method: 'PUT', path: '/orgs/*/teams/maintainers/repos/**' };

describe('create-repo that is ended from outside', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ seed: [organization('acme', 2)] });
  });
  afterAll(() => system?.stop());

  it('half-way is taken back by a rollback, and leaves no lock behind', async () => {
    const [name, before, mark] = [fresh(), system.dump('acme'), system.mark()];
    // A closed limit holds it up for as long as a command takes to start.
    const limit = { status: 429, headers: { 'retry-after': '6' }, body: { message: 'secondary rate limit' } };
    system.github.faults.add({ match: MAINTAINERS, kind: 'status', times: 1, ...limit });
    const running = create(system, name);
    await system.until('a team has access', () =>
      system.since(mark).some((entry) => entry.type === 'effect' && entry.kind === 'team_repository.put'),
    );
    const run = /Run (\S+)/.exec(await running.says(/Run (\S+)/))?.[1] ?? '';
    const { workflow } = await system.client();
    await workflow.getHandle(run).terminate('by the test');
    const ended = await running.ended;
    const advice = expect.stringContaining(`orgsaga rollback ${run}`);
    expect([ended.code, ended.stderr]).toEqual([1, advice]);
    const status = reportOf(await system.orgsaga(['status', run, '--json']), 0);
    expect([status.reason, status.steps[0]?.state]).toEqual([advice, 'applied']);
    reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 0);
    expect(system.dump('acme')).toEqual(before);
  });

  it('while it is parked says where, and is taken back by a rollback', async () => {
    const [name, before] = [fresh(), system.dump('acme')];
    const forbidden = { kind: 'status', status: 403 } as const;
    const faults = [
      system.github.faults.add({ match: MAINTAINERS, ...forbidden }),
      system.github.faults.add({
        match: { method: 'DELETE', path: '/repos/*/*/branches/*/protection' },
        ...forbidden,
      }),
      system.github.faults.add({ match: { operation: 'deleteBranchProtectionRule' }, ...forbidden }),
    ];
    const { run } = reportOf(await create(system, name).ended, 5);
    const { workflow } = await system.client();
    await workflow.getHandle(run).terminate('by the test');
    for (const fault of faults) system.github.faults.remove(fault);
    const status = reportOf(await system.orgsaga(['status', run, '--json']), 0);
    expect(status.notes).toEqual([expect.stringMatching(/^was parked at protection: .*403/)]);
    reportOf(await system.orgsaga(['rollback', run, '--yes', '--json', '--wait']), 0);
    expect(system.dump('acme')).toEqual(before);
  });
});
