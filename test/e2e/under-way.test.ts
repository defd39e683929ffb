import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunStatus } from '../../src/workflows/contract.js';
import { reportOf } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';

/** Each write by itself, so that one item waits and the other does not. */
const ALONE = ['apply', '--no-graphql', '--yes', '--json', '--detach'];

describe('the status of a run that is under way', { timeout: 60_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      seed: [{ login: 'acme', repositories: [{ name: 'api' }, { name: 'web' }] }],
    });
  });
  afterAll(() => system?.stop());

  it('names the items and what holds each up', async () => {
    const text = `version: 1\norganizations:\n  - login: acme\n    repositories: [{ match: ['*'], labels: [{ name: p1, color: ff0000 }] }]\n`;
    const labels = { match: { method: 'POST', path: '/repos/acme/api/labels' } } as const;
    const fault = system.github.faults.add({ ...labels, kind: 'status', status: 502, when: 'before' });
    const file = system.write('acme.yaml', text);
    const { run } = reportOf(await system.orgsaga([...ALONE, '-f', file]), 0);
    const look = async (): Promise<RunStatus> =>
      JSON.parse((await system.orgsaga(['status', run, '--json'])).stdout);
    await system.until('a wait is told', async () => {
      const [first] = (await look()).underWay ?? [];
      return typeof first?.waiting === 'string';
    });
    // Those of items that have ended count already.
    await system.until(
      'what the other item wrote is counted',
      async () => (await look()).requests.mutating === 1,
    );
    const { stdout } = await system.orgsaga(['status', run]);
    expect(stdout).toMatch(/under way[^\n]*\n[^\n]*acme\/api {2}waiting: .*(label|breaker|502)/);
    system.github.faults.remove(fault);
    const ended = reportOf(await system.orgsaga(['watch', run, '--json']), 0);
    expect(ended).not.toHaveProperty('underWay');
  });
});
