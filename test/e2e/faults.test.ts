import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRule } from '../../src/dev/github/index.js';
import { strikes, uncertainAnswers } from '../support/chaos.js';
import { organization, standards } from '../support/organization.js';
import { type System, startSystem } from '../support/system.js';
import { reportOf, Trial } from '../support/trial.js';

const REPOSITORIES = 20;
describe('faults of GitHub, with real processes', { timeout: 180_000, retry: 0 }, () => {
  let system: System;
  beforeAll(async () => {
    const logins = ['uncertain', 'rest-only', 'secondary', 'primary'];
    system = await startSystem({ seed: logins.map((login) => organization(login, REPOSITORIES)) });
  });
  afterEach(() => system.github.faults.clear());
  afterAll(() => system?.stop());

  const apply = (login: string) =>
    system.start(['apply', '-f', system.write(`${login}.yaml`, standards(login)), '--yes', '--json']);
  const struck = (): number => Object.values(strikes(system)).reduce((sum, times) => sum + times, 0);

  it('whose outcome nobody knows end well, and nothing is done twice', async () => {
    const trial = new Trial(system, 'uncertain');
    for (const rule of uncertainAnswers(7)) system.github.faults.add(rule);
    const report = reportOf(await apply('uncertain').ended, 0);
    const seen = strikes(system);
    expect(
      Object.values(seen).filter((times) => times === 0),
      JSON.stringify(seen),
    ).toEqual([]);
    system.github.faults.clear();
    expect(report).toMatchObject({ state: 'Committed', totals: { committed: REPOSITORIES } });
    expect(trial.findings(report)).toEqual([]);
  });

  it('whose outcome nobody knows end well on a host that has no GraphQL', async () => {
    const trial = new Trial(system, 'rest-only');
    system.github.faults.add({ match: { path: '/graphql' }, kind: 'status', status: 404 });
    // One repository fails for good, so that its protection is undone too.
    system.github.faults.add({
      match: { method: 'PUT', path: '/orgs/rest-only/teams/platform/repos/rest-only/repo-003' },
      kind: 'status',
      status: 422,
    });
    for (const rule of uncertainAnswers(11)) system.github.faults.add(rule);
    const report = reportOf(await apply('rest-only').ended, 5);
    expect(report).toMatchObject({
      state: 'AwaitingOperator',
      totals: { committed: REPOSITORIES - 1, deadLettered: 1, parked: 0 },
    });
    expect(trial.findings(report)).toEqual([]);
  });

  const limits: Record<string, () => Pick<FaultRule, 'headers' | 'body'>> = {
    secondary: () => ({
      headers: { 'retry-after': '3' },
      body: { message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' },
    }),
    primary: () => ({
      headers: {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Math.ceil(Date.now() / 1_000) + 8),
      },
      body: { message: 'API rate limit exceeded for user ID 1.' },
    }),
  };

  it.each(Object.entries(limits))('of the %s rate limit are waited for', async (kind, answer) => {
    const trial = new Trial(system, kind);
    const strike = { kind: 'status', status: 403, skip: 20, times: 1 } as const;
    system.github.faults.add({ match: { method: 'PUT' }, ...strike, ...answer() });
    const report = reportOf(await apply(kind).ended, 0);
    expect(struck()).toBe(1);
    system.github.faults.clear();
    expect(report).toMatchObject({
      state: 'Committed',
      deadLetters: [],
      totals: { committed: REPOSITORIES },
    });
    expect(trial.findings(report)).toEqual([]);
  });
});
