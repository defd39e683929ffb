import { describe, expect, it } from 'vitest';
import type { ActivityDeps } from '../../src/activities/deps.js';
import { sagaActivities } from '../../src/activities/saga.js';
import { NO_TOTALS, type RunState } from '../../src/workflows/contract.js';
import { aStore } from './rollback-support.js';
import { inActivity, SETTINGS } from './support.js';

const bench = aStore();

const target = { owner: 'acme', name: 'api', id: 7, node_id: 'R_7', default_branch: 'main' };
const repository = { organization: 'acme', item: 'acme/api', target } as const;

const supersede = async (): Promise<void> => undefined;

/** Ends a saga on the repository of which an older run has a dead letter; gives the letters that are open after it. */
async function lettersAfter(state: RunState): Promise<string[]> {
  const [older, run] = [`apply-acme-${state}`, `create-repo-acme-${state}`];
  const { store } = bench;
  await store.saveItems([{ run: older, ...repository, kind: 'repository', outcome: 'deadLettered', at: 1 }]);
  const deps = { store, settings: SETTINGS, now: () => 2, supersede } as unknown as ActivityDeps;
  const ended = { run, ...repository, outcome: 'committed', state, totals: NO_TOTALS, ended: true } as const;
  await inActivity(() => sagaActivities(deps).recordSaga(ended));
  const letters = await store.openLetters('acme');
  return letters.map((letter) => letter.run).filter((one) => one === older);
}

describe('the end of a saga', () => {
  it('ends the dead letters that older runs have of its repository', async () => {
    expect(await lettersAfter('Committed')).toEqual([]);
  });

  it('leaves them where it was stopped half-way and kept, which has made nothing right', async () => {
    expect(await lettersAfter('Cancelled')).toEqual(['apply-acme-Cancelled']);
  });
});
