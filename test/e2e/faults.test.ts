import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRule } from '../../src/dev/github/index.js';
import { organization, standards } from '../support/organization.js';
import { startSystem, type System } from '../support/system.js';
import { reportOf, Trial } from '../support/trial.js';

const REPOSITORIES = 20;
/** Writes over REST; over GraphQL all are POSTs to one path. */
const METHODS = ['PUT', 'PATCH', 'POST'];

/** Each fault on a few of a hundred writes, drawn by seed. A call times out after less than the 4 s of its activity. */
function faults(seed: number): FaultRule[] {
  const kinds: Omit<FaultRule, 'match'>[] = [
    { kind: 'reset', when: 'after', probability: 0.03 },
    { kind: 'status', status: 502, when: 'before', probability: 0.03 },
    { kind: 'status', status: 500, when: 'after', probability: 0.03 },
    { kind: 'malformed', when: 'after', probability: 0.03 },
    { kind: 'delay', when: 'before', ms: 5_000, probability: 0.01 },
    { kind: 'apply-later', ms: 200, apply_ms: 1_500, probability: 0.02 },
  ];
  return METHODS.flatMap((method, row) =>
    kinds.map((kind, column) => ({
      ...kind,
      id: `${kind.kind}-${kind.when ?? ''}-${method}`,
      match: { method },
      seed: seed * 100 + row * 10 + column,
    })),
  );
}

describe('faults of GitHub, with real processes', () => {
  let system: System;
  beforeAll(async () => {
    const logins = ['uncertain', 'secondary', 'primary'];
    system = await startSystem({ seed: logins.map((login) => organization(login, REPOSITORIES)) });
  });
  afterAll(() => system?.stop());

  const apply = (login: string) =>
    system.start(['apply', '-f', system.write(`${login}.yaml`, standards(login)), '--yes', '--json']);
  const struck = (): number => system.github.faults.list().reduce((sum, { struck: times }) => sum + times, 0);

  it('whose outcome nobody knows end well, and nothing is done twice', async () => {
    const trial = new Trial(system, 'uncertain');
    for (const rule of faults(7)) system.github.faults.add(rule);
    const report = reportOf(await apply('uncertain').ended, 0);
    expect(struck()).toBeGreaterThan(5);
    system.github.faults.clear();
    expect(report).toMatchObject({ state: 'Committed', totals: { committed: REPOSITORIES } });
    expect(trial.findings(report)).toEqual([]);
  });

  const limits: Record<string, Pick<FaultRule, 'status' | 'headers' | 'body'>> = {
    secondary: {
      status: 403,
      headers: { 'retry-after': '3' },
      body: { message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' },
    },
    primary: {
      status: 403,
      headers: {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 20),
      },
      body: { message: 'API rate limit exceeded for user ID 1.' },
    },
  };

  it.each(['secondary', 'primary'] as const)('of the %s rate limit are waited for', async (kind) => {
    const trial = new Trial(system, kind);
    const rule: FaultRule = { match: { method: 'PUT' }, kind: 'status', skip: 20, times: 1, ...limits[kind] };
    if (kind === 'primary')
      rule.headers = { ...rule.headers, 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 8) };
    system.github.faults.add(rule);
    const report = reportOf(await apply(kind).ended, 0);
    expect(struck()).toBe(1);
    system.github.faults.clear();
    expect(report).toMatchObject({ state: 'Committed', deadLetters: [], totals: { committed: REPOSITORIES } });
    expect(trial.findings(report)).toEqual([]);
  });
});
