import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askingAgain } from '../../src/client.js';
import { findTemporalCli } from '../../src/dev/tools.js';
import { ASK_AGAIN, isBetweenTasks } from '../../src/workflows/query-guard.js';
import { INTERCEPTORS } from '../time-skipping/support.js';
import { bundled } from './bundled.js';

const WORKER = fileURLToPath(new URL('./probe-worker.mjs', import.meta.url));
const TASK_QUEUE = 'probe';
/** How long the server keeps tasks for a worker that is gone, milliseconds. */
const STICKY_MS = 3_000;

/** Decides by the clock, as workflows may: a clock that stands between two tasks decides otherwise. */
const PROBE = `
import { condition, defineQuery, defineSignal, setHandler, sleep, upsertMemo } from '@temporalio/workflow';
export async function probe() {
  const begun = Date.now();
  let signals = 0;
  setHandler(defineQuery('signals'), () => signals);
  setHandler(defineSignal('signal'), () => { signals += 1; });
  await condition(() => signals > 0);
  if (Date.now() - begun > ${STICKY_MS / 2}) upsertMemo({ is: 'late' });
  else await sleep(1);
  await condition(() => signals > 1);
}`;

describe('a query that finds a workflow between two tasks', { timeout: 120_000, retry: 2 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'orgsaga-probe-'));
  const workers: ReturnType<typeof spawn>[] = [];
  let environment: TestWorkflowEnvironment;
  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const executable = { type: 'existing-path' as const, path: findTemporalCli() };
    environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
  });
  afterAll(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await environment?.teardown();
    rmSync(directory, { recursive: true, force: true });
  });

  /** A worker process with that bundle; resolves when it polls. */
  async function startWorker(codePath: string) {
    const { address } = environment;
    const args = [WORKER, address, TASK_QUEUE, codePath, String(STICKY_MS)];
    const worker = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    workers.push(worker);
    await once(createInterface(worker.stdout), 'line');
    return worker;
  }

  /**
   * The worker that has the workflow in memory is killed; a query comes, then a signal. Another worker is given the query while
   * the signal's task still waits for the one that is gone.
   */
  async function caughtBetween(guard: string[], asksAgain: boolean) {
    const name = String(workers.length);
    const bundle = await bundled(PROBE, guard);
    const codePath = join(directory, `${name}.js`);
    writeFileSync(codePath, bundle.code);
    const first = await startWorker(codePath);
    const interceptors = asksAgain ? { workflow: [askingAgain] } : {};
    const client = new Client({ connection: environment.connection, interceptors });
    const handle: WorkflowHandle = await client.workflow.start('probe', {
      taskQueue: TASK_QUEUE,
      workflowId: `probe-${name}`,
    });
    await handle.query('signals');
    first.kill('SIGKILL');
    await once(first, 'exit');
    const answer = handle.query<number>('signals').catch((error: Error) => error.message);
    // The server takes the query before it hears of the signal, or else it would answer by the signal's task.
    await handle.describe();
    await handle.signal('signal');
    const second = await startWorker(codePath);
    const answered = await answer;
    await handle.signal('signal');
    await handle.result();
    second.kill('SIGKILL');
    const history = await handle.fetchHistory();
    const misfit = await Worker.runReplayHistory({ workflowBundle: bundle }, history, handle.workflowId).then(
      () => null,
      (error: Error) => error.message,
    );
    return { answered, misfit };
  }

  it('moves it on, to where no replay follows, without the guard: the SDK’s fault is still there', async () => {
    const { misfit } = await caughtBetween([], false);
    expect(misfit).toContain('TMPRL1100');
  });

  it('is refused by the guard, and the workflow goes on as its history has it', async () => {
    const { answered, misfit } = await caughtBetween(INTERCEPTORS, false);
    expect(answered).toBe(ASK_AGAIN);
    expect(misfit).toBeNull();
  });

  it('is asked again by our client, and answered', async () => {
    const { answered, misfit } = await caughtBetween(INTERCEPTORS, true);
    expect(answered).toBe(1);
    expect(misfit).toBeNull();
  });
});

describe('a step', () => {
  const task = { time: '1.5', bytes: '400', events: 3 };
  it.each([
    ['is the first', null, task, false],
    ['is of a task of its own', task, { time: '2.5', bytes: '900', events: 8 }, false],
    [
      'is of a task that the server’s clock gives no later time',
      task,
      { ...task, bytes: '900', events: 8 },
      false,
    ],
    ['goes on within its task', task, { ...task }, false],
    ['goes on by events that no task has', task, { ...task, events: 6 }, true],
  ])('%s', (_, before, step, between) => {
    expect(isBetweenTasks(before, step)).toBe(between);
  });
});
