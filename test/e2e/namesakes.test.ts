import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { organization, standardsOf } from '../support/organization.js';
import { byHand } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';
import { reportOf } from '../support/trial.js';

describe('a repository that got the name of another since it was planned', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ seed: ['gathered', 'rest'].map((login) => organization(login, 2)) });
  });
  afterEach(() => system.github.faults.clear());
  afterAll(() => system?.stop());

  it.each([
    ['gathered', 'rulesets', []],
    ['rest', 'files', ['--no-graphql']],
  ] as const)('gets none of its %s writes: %s', async (login, kind, flags) => {
    system.write('CODEOWNERS', '* @acme/developers\n');
    const parts = {
      rulesets:
        '    rulesets: [{ name: tags, target: tag, enforcement: active, conditions: { ref_name: { include: ["~ALL"], exclude: [] } }, rules: [{ type: deletion }] }]',
      files: '    files: [{ path: .github/CODEOWNERS, from: CODEOWNERS, via: commit }]',
    };
    const text = standardsOf(
      login,
      'repositories:',
      '  - { match: [repo-000], settings: { has_wiki: false } }',
      '  - match: [repo-001]',
      parts[kind],
    );
    const patch = { method: 'PATCH', path: `/repos/${login}/repo-000` };
    // Its answer takes so long that the other is renamed, and another made, before anything of it is asked for.
    system.github.faults.add({ match: patch, kind: 'delay', when: 'after', ms: 2_500, times: 1 });
    const mark = system.mark();
    const file = system.write(`${login}.yaml`, text);
    const running = system.start([
      'apply',
      '-f',
      file,
      '--yes',
      '--json',
      '--strategy',
      'sequential',
      ...flags,
    ]);
    await system.until('the first repository is written', () =>
      system
        .since(mark)
        .some((entry) => entry.type === 'request' && entry.method === 'PATCH' && entry.path === patch.path),
    );
    await byHand(system, 'PATCH', `/repos/${login}/repo-001`, { name: 'moved' });
    await byHand(system, 'POST', `/orgs/${login}/repos`, { name: 'repo-001', auto_init: true });
    const before = structuredClone(system.dump(login).repositories);
    const { run, deadLetters } = reportOf(await running.ended, 5);
    expect(deadLetters).toMatchObject([{ item: `${login}/repo-001` }]);
    const { 'repo-001': namesake, moved } = system.dump(login).repositories;
    expect({ namesake, moved }).toEqual({ namesake: before['repo-001'], moved: before['moved'] });
    reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 0);
    expect(system.dump(login).repositories['repo-001']).toEqual(before['repo-001']);
  });
});
