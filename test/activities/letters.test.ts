import { expect, it } from 'vitest';
import type { ActivityDeps } from '../../src/activities/deps.js';
import { runActivities } from '../../src/activities/run.js';
import { anIntent } from '../support/an-intent.js';
import { aStore, newRun } from './rollback-support.js';
import { inActivity, SETTINGS } from './support.js';

const bench = aStore();

/** Runs with a dead letter of one repository, of which `by` then has it right; those whose letters are ended by that. */
async function superseded(
  by: { run: string; kind: string; of?: string },
  letters: string[],
): Promise<string[]> {
  const organization = newRun();
  const [item, target] = [`${organization}/api`, anIntent().target];
  const ended: string[] = [];
  const supersede: ActivityDeps['supersede'] = async ({ run }) => void ended.push(run);
  const deps = { store: bench.store, settings: SETTINGS, now: () => 2, supersede } as ActivityDeps;
  const { run, kind, of } = by;
  const record = { organizations: [organization], actor: 'lin', document: null, startedAt: 1, endedAt: null };
  const options = of === undefined ? {} : { of };
  await bench.store.saveRun({ ...record, run, kind, options, state: 'Running', totals: null });
  for (const letter of letters)
    await bench.store.saveItems([
      {
        run: letter,
        organization,
        item,
        kind: 'repository',
        target,
        outcome: 'deadLettered',
        at: 1,
      },
    ]);
  const items = [{ item, kind: 'repository', target, outcome: 'committed' } as const];
  await inActivity(() => runActivities(deps).recordOutcomes({ run, organization, items }));
  return ended;
}

it('dead letters are ended by a later run that has their items right', async () => {
  const [older, run] = [newRun(), newRun()];
  expect(await superseded({ run, kind: 'apply' }, [older, run])).toEqual([older]);
});

it('by a rollback only those of earlier rollbacks of the same run, which wanted the same', async () => {
  const [of, other] = [newRun(), newRun()];
  const run = `${of}-rollback-2`;
  const letters = [of, other, `${of}-rollback`, `${other}-rollback`, run];
  expect(await superseded({ run, kind: 'rollback', of }, letters)).toEqual([`${of}-rollback`]);
});
