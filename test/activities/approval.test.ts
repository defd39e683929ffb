import { describe, expect, it } from 'vitest';
import { onlyApproved } from '../../src/activities/approval.js';
import { identityOf, identityWithoutIds } from '../../src/activities/plan-identity.js';
import { keepTeam } from '../../src/activities/teams.js';
import type { StandardsDocument } from '../../src/standards/document.js';
import type { Change, Json, PlannedItem } from '../../src/standards/model.js';
import type { RecordOutcome } from '../../src/store/store.js';
import { anIntent } from '../support/an-intent.js';
import { aStore, newRun } from './rollback-support.js';

const bench = aStore();
const document = {
  version: 1,
  organizations: [{ login: 'acme', approval: 'required' }],
  files: {},
} as unknown as StandardsDocument;

const change = (step: string, before: Json = 'before', after: Json = 'after'): Change => ({
  ...anIntent().change,
  step,
  before,
  after,
});

const item = (...changes: Change[]): PlannedItem => ({
  item: 'acme/api',
  kind: 'repository',
  target: anIntent().target,
  changes,
});

const [A, B, C] = [change('a'), change('b'), change('c')];

/** A run whose plan for `acme/api` was approved. */
async function approved(...changes: Change[]): Promise<string> {
  const run = newRun();
  await bench.store.savePlanned(run, 1, [identityOf(item(...changes))]);
  await bench.store.saveApproval(run, 'hash', 'lin');
  return run;
}

/** What a try of the run has left of a step. */
async function tried(
  run: string,
  step: Change,
  outcome: RecordOutcome,
  direction: 'do' | 'undo' = 'do',
): Promise<void> {
  await bench.store.acquireLock('acme', run, 'holder');
  const intent = anIntent({ run, step: step.step, change: step, direction });
  const id = await bench.store.intend(intent);
  if (outcome !== 'intended') await bench.store.conclude(id, outcome, {});
  await bench.store.releaseLock('acme', run, 'holder');
}

const refused = async (run: string, ...planned: Change[]): Promise<string | null> => {
  const [judged] = await onlyApproved(bench, document, run, 'acme', [item(...planned)]);
  expect(judged).toMatchObject({ approved: true });
  return judged?.refused ?? null;
};

/** What is approved of them where that is the default branch. */
function on(default_branch: string, ...changes: Change[]): string {
  const planned = item(...changes);
  return identityOf({ ...planned, target: { ...planned.target, default_branch } }).hash;
}

const CHANGED = 'changed since approval';
const GRANTED: Change = { ...change('teams/ops', null, 'push'), kind: 'team_repository', key: 'ops' };

describe('an item of an approved run', () => {
  it('goes on as it was approved, and not otherwise', async () => {
    const run = await approved(A, B);
    expect(await refused(run, A, B)).toBeNull();
    expect(await refused(run, B, A)).toBeNull();
    expect(await refused(run, A)).toBe(CHANGED);
    expect(await refused(run, A, B, C)).toBe(CHANGED);
    expect(await refused(run, A, change('b', 'theirs'))).toBe(CHANGED);
  });

  it('is another one where its files would go to another default branch, unless it gives that itself', () => {
    const file: Change = { ...change('files/CODEOWNERS'), kind: 'file' };
    const moves: Change = {
      ...change('settings', { default_branch: 'main' }, { default_branch: 'dev' }),
      kind: 'repository_settings',
    };
    expect(on('dev', file)).not.toBe(on('main', file));
    expect(on('dev', file)).toBe(on('dev', file));
    expect(on('dev', A)).toBe(on('main', A));
    expect(on('dev', moves, file)).toBe(on('main', moves, file));
  });

  it('is another one where a team of its plan is', async () => {
    const run = await approved({ ...GRANTED, team: 7 });
    expect(await refused(run, { ...GRANTED, team: 7 })).toBeNull();
    expect(await refused(run, { ...GRANTED, team: 8 })).toBe(CHANGED);
    const team: PlannedItem = { ...item(change('members/ada')), item: 'acme/teams/ops', kind: 'team' };
    const namesake = { ...team, target: { ...team.target, id: team.target.id + 1 } };
    expect(identityOf(namesake).hash).not.toBe(identityOf(team).hash);
  });

  it('is the same whether its plan has the ids of teams or is from before they were kept', async () => {
    const run = await approved(GRANTED);
    const hash = identityWithoutIds(item(GRANTED));
    await bench.store.savePlanned(run, 1, [{ ...identityOf(item(GRANTED)), hash }]);
    expect(await refused(run, { ...GRANTED, team: 5 })).toBeNull();
    expect(await refused(run, { ...GRANTED, team: 5, after: 'admin' })).toBe(CHANGED);
  });

  it('may use a team that the run has made, and no other one of its name', async () => {
    const run = await approved(GRANTED);
    const create = { item: 'acme:teams/ops/create', hash: 'ids of its making', changes: 1 };
    await bench.store.savePlanned(run, 1, [create]);
    const judged = async (team: number) => {
      const planned: PlannedItem = { ...item(change('settings')), item: 'acme/teams/ops', kind: 'team' };
      const there = { ...planned, target: { ...planned.target, id: team } };
      const [one] = await onlyApproved(bench, document, run, 'acme', [there]);
      return [await refused(run, { ...GRANTED, team }), one?.refused ?? null];
    };
    // Somebody else has made it, and the run's own making has failed.
    expect(await judged(8)).toEqual([CHANGED, CHANGED]);
    await keepTeam(bench, run, { org: anIntent().target.owner, slug: 'ops', id: 7 });
    expect(await judged(7)).toEqual([null, null]);
    expect(await judged(8)).toEqual([CHANGED, CHANGED]);
  });

  it('is the repository of its id: a namesake that was made since was not approved', async () => {
    const run = await approved(A);
    const namesake = { ...item(A), target: { ...anIntent().target, id: 8, node_id: 'R_8' } };
    const [judged] = await onlyApproved(bench, document, run, 'acme', [namesake]);
    expect(judged?.refused).toBe(CHANGED);
  });

  it('goes on with what is left when finished steps were kept', async () => {
    const run = await approved(A, B, C);
    await tried(run, A, 'applied');
    await tried(run, B, 'refused');
    expect(await refused(run, B, C)).toBeNull();
    // An answer was lost, and the value is as wanted.
    await tried(run, C, 'unknown');
    expect(await refused(run, B)).toBeNull();
    expect(await refused(run, B, C)).toBeNull();
  });

  it('is refused where somebody has changed a finished step, also back to what it was', async () => {
    const run = await approved(A, B);
    await tried(run, A, 'applied');
    expect(await refused(run, change('a', 'theirs'), B)).toBe(CHANGED);
    expect(await refused(run, A, B)).toBe(CHANGED);
  });

  it('is refused where what is left is not as it was approved', async () => {
    const run = await approved(A, B);
    await tried(run, A, 'applied');
    expect(await refused(run, change('b', 'theirs'))).toBe(CHANGED);
    expect(await refused(run, B, C)).toBe(CHANGED);
  });

  it('does not count steps that were undone, or that were never begun', async () => {
    const run = await approved(A, B);
    expect(await refused(run, B)).toBe(CHANGED);
    await tried(run, A, 'applied');
    await tried(run, A, 'applied', 'undo');
    expect(await refused(run, B)).toBe(CHANGED);
    expect(await refused(run, A, B)).toBeNull();
  });

  it('is not approved where the run has no approval', async () => {
    expect(await refused(newRun(), A)).toBe('not approved');
  });
});
