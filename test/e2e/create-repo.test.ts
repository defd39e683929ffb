import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { organization } from '../support/organization.js';
import {
  byHand,
  create,
  expectAudited,
  expectMade,
  fresh,
  openIssues,
  reportOf,
  STEPS,
} from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';

describe('create-repo, with real processes', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ seed: [organization('acme', 2)] });
  });
  afterAll(() => system?.stop());

  it('makes all of it', async () => {
    const [name, before, mark] = [fresh(), system.dump('acme'), system.mark()];
    const report = reportOf(await create(system, name).ended, 0);
    expect(report).toMatchObject({ state: 'Committed', totals: { repositories: 1, committed: 1 } });
    expect(report.steps.map(({ name: step }) => step)).toEqual([
      ...STEPS.map(([step]) => step),
      'duplicates',
    ]);
    expectMade(system, name, before);
    expectAudited(system, report.run, mark);
    const creations = system.since(mark).filter((e) => e.type === 'effect' && e.kind === 'repository.create');
    expect(creations).toHaveLength(1);
    const status = await system.orgsaga(['status', report.run, '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ kind: 'create-repo', state: 'Committed' });
    const runs = await system.orgsaga(['runs', '--json']);
    expect(JSON.parse(runs.stdout)).toMatchObject([{ run: report.run, kind: 'create-repo' }]);
  });

  it('takes a 404 for no answer while the repository is new', async () => {
    const [name, before, mark] = [fresh(), system.dump('acme'), system.mark()];
    const unseen = { kind: 'status', status: 404, body: { message: 'Not Found' } } as const;
    const rules = [
      { match: { method: 'GET', path: '/repos/*/*' }, skip: 2, times: 1, ...unseen },
      { match: { method: 'PUT', path: '/repos/*/*/branches/*/protection' }, times: 1, ...unseen },
      { match: { method: 'PUT', path: '/orgs/*/teams/*/repos/**' }, times: 1, ...unseen },
      { match: { method: 'POST', path: '/repos/*/*/issues' }, times: 1, ...unseen },
    ].map((rule) => system.github.faults.add(rule));
    const report = reportOf(await create(system, name, '--no-graphql').ended, 0);
    const struck = system.github.faults.list().map(({ struck: times }) => times);
    for (const rule of rules) system.github.faults.remove(rule);
    expect(struck).toEqual([1, 1, 1, 1]);
    expectMade(system, name, before);
    expectAudited(system, report.run, mark);
  });

  it.each(STEPS)('refused at %s leaves everything as it was', async (step, match, skip) => {
    const [name, before, mark] = [fresh(), system.dump('acme'), system.mark()];
    const id = system.github.faults.add({
      match,
      skip,
      kind: 'status',
      status: 422,
      body: { message: 'No.' },
    });
    const report = reportOf(await create(system, name).ended, 3);
    system.github.faults.remove(id);
    expect(report).toMatchObject({ state: 'RolledBack', totals: { repositories: 1, rolledBack: 1 } });
    expect(report.reason).toContain(step);
    expect(system.dump('acme')).toEqual(before);
    expectAudited(system, report.run, mark);
  });

  it.each(STEPS)('applied and lost at %s ends well, once', async (_, match, skip) => {
    const [name, before, mark] = [fresh(), system.dump('acme'), system.mark()];
    const id = system.github.faults.add({ match, skip, when: 'after', kind: 'reset', times: 1 });
    const report = reportOf(await create(system, name).ended, 0);
    system.github.faults.remove(id);
    expect(report.state).toBe('Committed');
    expectMade(system, name, before);
    expectAudited(system, report.run, mark);
  });

  it.each(STEPS)(
    'applied and never answered at %s is looked up and counts as done',
    async (_, match, skip) => {
      const [name, before, mark] = [fresh(), system.dump('acme'), system.mark()];
      const id = system.github.faults.add({ match, skip, when: 'after', kind: 'status', status: 502 });
      const { run } = reportOf(await create(system, name).ended, 0);
      system.github.faults.remove(id);
      expectMade(system, name, before);
      expectAudited(system, run, mark);
    },
  );

  it('closes an issue of a repository that it took up, whatever somebody has made of its body', async () => {
    const adopt = ['create-repo', 'acme/repo-000', '--adopt', '--issue', 'Write the README'];
    const { run } = reportOf(await system.orgsaga([...adopt, '--yes', '--json']), 0);
    const [first] = openIssues(system, 'repo-000');
    expect(first).toBe('Write the README');
    const number = system.dump('acme').repositories['repo-000']?.threads.length ?? 0;
    await byHand(system, 'PATCH', `/repos/acme/repo-000/issues/${number}`, { body: 'My own words.' });
    const back = reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 0);
    expect(back.conflicts).toEqual([]);
    expect(openIssues(system, 'repo-000')).toEqual([]);
  });
});
