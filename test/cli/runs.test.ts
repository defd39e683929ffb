import type { Client } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { listRuns } from '../../src/api/runs.js';
import { fakeDeps, letter, orgsaga, RUN } from './support/fakes.js';
import { clientWith, type Known } from './support/server.js';

const row = (workflowId: string, day: number, name = 'COMPLETED', state = 'Committed') => ({
  workflowId,
  type: 'apply',
  status: { name },
  typedSearchAttributes: {
    get: ({ name: key }: { name: string }) => (key === 'OrgsagaState' ? state : undefined),
  },
  startTime: new Date(Date.UTC(2025, 0, day)),
  ...(name === 'RUNNING' ? {} : { closeTime: new Date(Date.UTC(2025, 1, day)) }),
});

const ids = (all: string[]) => all.map((workflowId) => ({ workflowId }));

/** A server on which the run was terminated while it was at work; items that once failed, and those that are parked. */
function terminated(known: Record<string, Known>, failed: string[], parked: string[]): Client {
  const listed = (query: string) => {
    if (query.includes('"Parked"')) return ids(parked);
    if (query.includes('"Failed"')) return ids(failed);
    return [row(RUN, 1, 'TERMINATED', 'Running'), row('run-2', 2, 'RUNNING', 'Running')];
  };
  return clientWith(known, { listed });
}

describe('the list of runs', () => {
  it('cuts after sorting, so that it has the newest', async () => {
    const listed = [3, 9, 1, 7].map((day) => row(`run-${day}`, day));
    const runs = await listRuns(clientWith({}, { listed }), { limit: 2 });
    expect(runs.map(({ run }) => run)).toEqual(['run-9', 'run-7']);
  });

  const ITEM = `${RUN}/acme/a`;
  const dead = { [ITEM]: { letter: letter('acme/a') } };
  const done = { [ITEM]: { outcome: 'discarded' } };

  it.each([
    ['nothing waits', terminated({}, [], []), 'Cancelled'],
    ['its dead letters were discarded', terminated(done, [ITEM], []), 'Cancelled'],
    ['a dead letter waits', terminated(dead, [ITEM], []), 'AwaitingOperator'],
    ['a compensation waits too', terminated(dead, [ITEM], [`${RUN}/acme/b`]), 'Parked'],
  ])(
    'tells of one that was ended from outside, of which %s, what its status tells',
    async (_, client, state) => {
      const [open, ended] = await listRuns(client, {});
      expect(open).toMatchObject({ state: 'Running', closedAt: null });
      expect(open).not.toHaveProperty('phase');
      expect(ended).toMatchObject({ run: RUN, state, phase: 'ended from outside (terminated)' });
      const runs = async () => (ended === undefined ? [] : [ended]);
      const { stdout } = await orgsaga(['runs'], fakeDeps({ client: { runs } }));
      expect(stdout).toContain(`${state}, ended from outside (terminated)`);
    },
  );
});
