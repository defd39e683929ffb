import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byHand, reportOf } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';

const standards = `version: 1
organizations:
  - login: acme
    teams: [{ slug: newt, description: New, privacy: closed }]
    repositories: [{ match: [api], settings: { has_wiki: false }, teams: { newt: push } }, { match: [stuck], settings: { has_wiki: false } }]
`;

describe('a team that a run has made and others use', { timeout: 60_000 }, () => {
  let system: System;
  beforeAll(async () => {
    const repositories = ['api', 'stuck', 'theirs'].map((name) => ({ name }));
    system = await startSystem({ seed: [{ login: 'acme', repositories }] });
  });
  afterAll(() => system?.stop());

  it('is left, and told, when the run is cancelled', async () => {
    // Its letter keeps the run open.
    const match = { method: 'PATCH', path: '/repos/acme/stuck' };
    system.github.faults.add({ match, kind: 'status', status: 403 });
    const file = system.write('acme.yaml', standards);
    const { run } = reportOf(await system.orgsaga(['apply', '-f', file, '--yes', '--json']), 5);
    await byHand(system, 'PUT', '/orgs/acme/teams/newt/repos/acme/theirs', { permission: 'admin' });
    expect(await system.orgsaga(['cancel', run, '--yes', '--json'])).toMatchObject({ code: 0 });
    const ended = reportOf(await system.orgsaga(['watch', run, '--json']), 5);
    expect(ended).toMatchObject({
      state: 'Cancelled',
      conflicts: [{ step: 'team', found: { changed: ['acme/theirs'] } }],
    });
    const { repositories } = system.dump('acme');
    expect([repositories['api']?.teams, repositories['theirs']?.teams]).toEqual([{}, { newt: 'admin' }]);
    expect(repositories['api']?.settings['has_wiki']).toBe(true);
  });
});
