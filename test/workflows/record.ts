import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { expect } from 'vitest';
import {
  approveUpdate,
  cancelUpdate,
  resolveUpdate,
  retryUpdate,
  WORKFLOWS,
} from '../../src/workflows/contract.js';
import type { drift } from '../../src/workflows/drift.js';
import { ITEMS_IN_A_RUN } from '../../src/workflows/items-pages.js';
import { committedRun } from '../time-skipping/committed-run.js';
import { type FakeWorld, organizationSettings, repository } from '../time-skipping/fake-world.js';
import { startSaga } from '../time-skipping/saga-runs.js';
import { type Bench, inputOf, TASK_QUEUE } from '../time-skipping/support.js';
import type { Recorded } from './stored.js';

/** By the name under which it is stored: the workflow's id. */
type Ids = Record<string, string>;

/** Plays every workflow type, forward and back, with waits, retries, cancels and people's decisions, and gives the histories. */
export async function record(bench: Bench): Promise<Map<string, Recorded>> {
  const ids: Ids = {};
  for (const scenario of [
    drifted,
    retried,
    many,
    inVain,
    approved,
    undone,
    sideBySide,
    cancelled,
    rolledBack,
    rolledBackSideBySide,
    made,
    parked,
  ])
    Object.assign(ids, await scenario(bench));
  const histories = new Map<string, Recorded>();
  for (const [name, workflowId] of Object.entries(ids)) {
    const history = await bench.environment.client.workflow.getHandle(workflowId).fetchHistory();
    histories.set(name, { workflowId, history: withoutMachine(JSON.parse(historyToJSON(history))) });
  }
  return histories;
}

function quickWorld(bench: Bench): FakeWorld {
  const world = bench.world();
  world.settings.retry.aggressive.base = 100;
  world.settings.retry.conservative.base = 100;
  return world;
}

/** Two pages, a wait, a dead letter that is retried. */
async function retried(bench: Bench): Promise<Ids> {
  const world = quickWorld(bench);
  world.before = [organizationSettings('acme')];
  world.pages = [[repository('acme/api', ['files/a', 'settings'])], [repository('acme/web')]];
  world.fates.set('do acme/api settings', ['refused']);
  world.fates.set('do acme/web settings', [{ notYet: 500 }, 'unavailable', 'ok']);
  const run = await bench.apply(world);
  await run.reaches('AwaitingOperator');
  const letter = await bench.environment.client.workflow.getHandle(`${run.id}/acme/api`).describe();
  await run.handle.executeUpdate(retryUpdate, { args: [{ items: [], actor: 'ada' }] });
  expect((await run.ends()).state).toBe('Committed');
  expect(letter.status.name).toBe('FAILED');
  return {
    'apply-retried': run.id,
    'page-dead-letter': `${run.id}/acme:page-1`,
    'item-retried': `${run.id}/acme/api`,
    'item-waited': `${run.id}/acme/web`,
  };
}

/** Teams and dead letters that are too many for the run's own history. */
async function many(bench: Bench): Promise<Ids> {
  const world = quickWorld(bench);
  const names = Array.from({ length: ITEMS_IN_A_RUN + 1 }, (_, index) => `t${index}`);
  const team = { ...organizationSettings('acme'), kind: 'team' as const };
  world.before = names.map((name) => ({ ...team, item: `acme/teams/${name}/create` }));
  world.pages = [names.map((name) => repository(`acme/${name}`))];
  for (const name of names) world.fates.set(`do acme/${name} settings`, ['refused']);
  const run = await bench.apply(world);
  await run.reaches('AwaitingOperator');
  await run.handle.executeUpdate(retryUpdate, { args: [{ items: [], actor: 'ada' }] });
  expect((await run.ends()).state).toBe('Committed');
  return {
    'apply-items-pages': run.id,
    'items-page-teams': `${run.id}/acme:items-page-1`,
    'items-page-letters': `${run.id}/acme:items-page-2`,
  };
}

/** A dead letter whose retry fails, too, and undoes what it did. */
async function inVain(bench: Bench): Promise<Ids> {
  const world = quickWorld(bench);
  world.pages = [[repository('acme/api', ['files/a', 'settings'])]];
  world.fates.set('do acme/api settings', ['refused', 'refused']);
  const run = await bench.apply(world);
  await run.reaches('AwaitingOperator');
  await run.handle.executeUpdate(retryUpdate, { args: [{ items: [], actor: 'ada' }] });
  const again = bench.environment.client.workflow.getHandle(`${run.id}/acme/api`);
  await expect(again.result()).rejects.toThrow();
  await run.handle.executeUpdate(cancelUpdate, { args: [{ keep: false, actor: 'ada' }] });
  expect((await run.ends()).state).toBe('Cancelled');
  return { 'item-retried-in-vain': `${run.id}/acme/api` };
}

/** A check that finds something, and begins a run for it. */
async function drifted(bench: Bench): Promise<Ids> {
  const world = quickWorld(bench);
  world.before = [organizationSettings('acme')];
  world.pages = [[repository('acme/api')]];
  world.fates.set('untilAtRest', [{ notYet: 500 }, 'ok']);
  const found = await bench.environment.client.workflow.execute<typeof drift>(WORKFLOWS.drift, {
    taskQueue: TASK_QUEUE,
    workflowId: 'drift-acme',
    args: [{ schedule: 'acme', apply: inputOf(world), applies: true }],
  });
  expect(found).toMatchObject({ items: 2, state: 'Committed' });
  return { 'drift-applied': 'drift-acme' };
}

/** A plan that somebody else approves. */
async function approved(bench: Bench): Promise<Ids> {
  const world = quickWorld(bench);
  world.pages = [[repository('acme/api')]];
  const plan = { hash: 'a1', items: 1, changes: 1 };
  world.approval = [plan, plan];
  const run = await bench.apply(world);
  await run.reaches('AwaitingApproval');
  await run.handle.executeUpdate(approveUpdate, { args: [{ actor: 'lin', plan: null }] });
  expect((await run.ends()).state).toBe('Committed');
  return { 'apply-approved': run.id };
}

/** A team that fails, so all is undone. */
async function undone(bench: Bench): Promise<Ids> {
  const world = quickWorld(bench);
  world.pages = [[repository('acme/api')]];
  world.after = [{ ...organizationSettings('acme'), item: 'acme/teams/core', kind: 'team' }];
  world.fates.set('do acme/teams/core settings', 'refused');
  const run = await bench.apply(world);
  expect((await run.ends()).state).toBe('RolledBack');
  return {
    'apply-undone': run.id,
    'undo-page': `${run.id}/acme:undo-page-1`,
    'item-dead-letter': `${run.id}/acme:teams/core`,
    compensate: `${run.id}/acme/api:undo`,
  };
}

/** Two organisations, of which one fails, so both are undone. */
async function sideBySide(bench: Bench): Promise<Ids> {
  const world = quickWorld(bench);
  world.organizations = ['acme', 'zeta'];
  world.pages = [[repository('acme/api'), repository('zeta/api')]];
  world.after = [{ ...organizationSettings('zeta'), item: 'zeta/teams/core', kind: 'team' }];
  world.fates.set('do zeta/teams/core settings', 'refused');
  const run = await bench.apply(world);
  expect((await run.ends()).state).toBe('RolledBack');
  return {
    'apply-side-by-side': run.id,
    'undo-side-by-side': run.id,
    'undo-page-by-kind': `${run.id}/acme:undo-page-1`,
  };
}

/** One repository done, one in the middle, when the run is cancelled. */
async function cancelled(bench: Bench): Promise<Ids> {
  const world = quickWorld(bench);
  world.before = [organizationSettings('acme')];
  world.pages = [[repository('acme/api', ['files/a', 'settings']), repository('acme/web')]];
  world.fates.set('do acme/api settings', { notYet: 60_000 });
  const run = await bench.apply(world);
  await bench.until(() => world.log.includes('do acme/api settings'), 'the step that waits');
  await run.handle.executeUpdate(cancelUpdate, { args: [{ keep: false, actor: 'ada' }] });
  expect((await run.ends()).state).toBe('Cancelled');
  return {
    'apply-cancelled-in-pages': run.id,
    'page-cancelled': `${run.id}/acme:page-1`,
    'item-cancelled': `${run.id}/acme/api`,
  };
}

/** A run that is rolled back after it was committed. */
async function rolledBack(bench: Bench): Promise<Ids> {
  const { world, applied } = await committedRun(bench);
  const run = await bench.rollback(world, applied.id);
  expect((await run.ends()).state).toBe('Committed');
  return {
    rollback: run.id,
    'rollback-page': `${run.id}/acme:page-1`,
    'item-rolled-back': `${run.id}/acme/a`,
  };
}

/** The rollback of two organisations. */
async function rolledBackSideBySide(bench: Bench): Promise<Ids> {
  const world = quickWorld(bench);
  world.organizations = ['acme', 'zeta'];
  world.pages = [[repository('acme/api'), repository('zeta/api')]];
  const applied = await bench.apply(world);
  await applied.ends();
  const run = await bench.rollback(world, applied.id);
  expect((await run.ends()).state).toBe('Committed');
  return { 'rollback-side-by-side': run.id };
}

async function made(bench: Bench): Promise<Ids> {
  quickWorld(bench);
  const run = await startSaga(bench);
  expect((await run.ends()).state).toBe('Committed');
  return { 'saga-committed': run.id };
}

/** A saga that fails in its nested part, and whose compensation waits for a person. */
async function parked(bench: Bench): Promise<Ids> {
  const world = quickWorld(bench);
  world.fates.set('do acme/new issues/1', 'refused');
  world.fates.set('undo acme/new protection', ['refused', 'ok']);
  const run = await startSaga(bench);
  await run.reaches('Parked');
  const asked = { step: 'protection', decision: 'retry' as const, actor: 'lin' };
  await run.handle.executeUpdate(resolveUpdate, { args: [asked] });
  expect((await run.ends()).state).toBe('RolledBack');
  return { 'saga-parked': run.id };
}

/** Without names of the machine and stacks with its paths: replay needs neither. */
function withoutMachine(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMachine);
  if (typeof value === 'string') return /^\d+@/.test(value) ? 'worker' : value;
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== 'stackTrace');
  return Object.fromEntries(
    kept.map(([key, inner]) => [key, key === 'identity' ? 'worker' : withoutMachine(inner)]),
  );
}
