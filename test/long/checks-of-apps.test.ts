import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { byName as repositoriesOf } from '../../src/dev/github/state/state.js';
import { standardsOf } from '../support/organization.js';
import { byHand } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';
import { refuse, reportOf } from '../support/trial.js';

/** Before, what the file says, whether the branch requires signed commits, and whether the run fails. */
const CASES: readonly [login: string, pattern: string, wanted: string, more: 'signed' | 'fails' | null][] = [
  ['wild-absent', 'rel/*', '{ absent: true }', null],
  ['wild-none', 'rel/*', '{ required_status_checks: null }', null],
  ['wild-others', 'rel/*', '{ required_status_checks: { contexts: [other] } }', null],
  ['wild-fails', 'rel/*', '{ required_status_checks: null }', 'fails'],
  ['main-absent', 'main', '{ absent: true }', null],
  ['main-none', 'main', '{ required_status_checks: null }', null],
  ['signed-absent', 'main', '{ absent: true }', 'signed'],
  ['signed-none', 'main', '{ required_status_checks: null }', 'signed'],
];

const rule = {
  enforce_admins: false,
  required_pull_request_reviews: null,
  restrictions: null,
  required_status_checks: { strict: true, checks: [{ context: 'ci', app_id: 1 }] },
};

/** GraphQL ties a check to an app by an id that only a rule which names the app tells. */
describe('a check that is tied to an app, which no rule names any more', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      seed: CASES.map(([login, pattern]) => ({
        login,
        repositories: [{ name: 'one', settings: { has_wiki: true }, branch_protection: { [pattern]: rule } }],
      })),
    });
    const { state } = system.github;
    const app = state.addApp('our-ci');
    const repositories = CASES.flatMap(([login]) => repositoriesOf(state.organization(login)));
    for (const { protections } of repositories)
      for (const { required_status_checks } of protections.values())
        for (const check of required_status_checks?.checks ?? []) check.app_id = app.id;
  });
  afterEach(() => system.github.faults.clear());
  afterAll(() => system?.stop());

  it.each(CASES)('comes back: %s', async (login, pattern, wanted, more) => {
    if (more === 'signed')
      await byHand(system, 'POST', `/repos/${login}/one/branches/main/protection/required_signatures`, {});
    const protections = () => system.dump(login).repositories['one']?.branch_protection;
    const before = protections();
    if (more === 'fails') refuse(system, 'PATCH', `/repos/${login}/one`);
    const lines = [
      'repositories:',
      '  - match: ["*"]',
      '    settings: { has_wiki: false }',
      `    branch_protection: { "${pattern}": ${wanted} }`,
    ];
    const file = system.write(`${login}.yaml`, standardsOf(login, ...lines));
    const flags = ['--yes', '--allow-removals', '--json'];
    const applied = await system.orgsaga(['apply', '-f', file, ...flags]);
    const report = reportOf(applied, more === 'fails' ? 5 : 0);
    expect(report).toMatchObject({ parked: [] });
    if (more !== 'fails') {
      expect(protections()).not.toEqual(before);
      reportOf(await system.orgsaga(['rollback', report.run, '--yes', '--json']), 0);
    }
    expect(protections()).toEqual(before);
  });
});
