import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import type { Activities } from '../../src/activities/interface.js';
import { findTemporalCli, findTimeSkippingServer } from '../../src/dev/tools.js';
import {
  type ApplyInput,
  isAtRest,
  type RunState,
  type RunStatus,
  type StepInput,
  statusQuery,
  WORKFLOWS,
} from '../../src/workflows/contract.js';
import type { RollbackInput } from '../../src/workflows/rollback-contract.js';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/search-attributes.js';
import { STEP_ACTIVITIES } from '../../src/workflows/step-names.js';
import { FakeWorld } from './fake-world.js';
import { connectorActivitiesOf, sagaActivitiesOf } from './saga-world.js';

export const TASK_QUEUE = 'test';
const KEYWORD = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
/** Virtual time that passes between two looks at a workflow, milliseconds. */
const LOOK_EVERY = 100;

export interface Bench {
  environment: TestWorkflowEnvironment;
  /** A new world, under whose activities the next runs are. */
  world(): FakeWorld;
  /** Starts a run of `world`. */
  apply(world: FakeWorld, options?: Partial<ApplyInput['options']> & { key?: string }): Promise<Run>;
  /** Starts the rollback of a run of `world`. */
  rollback(world: FakeWorld, of: string, asked?: Partial<RollbackInput>): Promise<Run>;
  /** Lets virtual time pass until it holds. */
  until(holds: () => boolean | Promise<boolean>, what?: string): Promise<void>;
}

export class Run {
  constructor(
    readonly id: string,
    readonly handle: WorkflowHandle<() => Promise<RunStatus>>,
    private readonly bench: Bench,
  ) {}

  status(): Promise<RunStatus> {
    return this.handle.query(statusQuery);
  }

  async reaches(...states: RunState[]): Promise<RunStatus> {
    let last = await this.status();
    await this.bench.until(
      async () => {
        last = await this.status();
        return states.includes(last.state);
      },
      `${this.id} to be ${states.join(' or ')}`,
    );
    return last;
  }

  /** The end, with time skipped; checks what holds of every run at rest. */
  async ends(): Promise<RunStatus> {
    const status = await this.handle.result();
    expectPartition(status);
    return status;
  }
}

/** G3: every repository is in exactly one of the others. */
export function expectPartition({ state, totals }: RunStatus): void {
  const { repositories, ...others } = totals;
  expect(isAtRest(state)).toBe(true);
  expect({ state, repositories }).toEqual({
    state,
    repositories: Object.values(others).reduce((sum, one) => sum + one, 0),
  });
  for (const count of Object.values(totals)) expect(count).toBeGreaterThanOrEqual(0);
}

/** The time-skipping server: its time passes at once wherever a test waits for a workflow's end. */
export const timeSkipping = (): Bench => benchOn(timeSkippingServer);

/** On a busy machine the server, a Java program, may not be up within the 5 s that the SDK gives it. */
const STARTS = 4;

export async function timeSkippingServer(): Promise<TestWorkflowEnvironment> {
  const executable = { type: 'existing-path' as const, path: findTimeSkippingServer() };
  for (let start = 1; ; start += 1) {
    try {
      return await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
    } catch (error) {
      if (start === STARTS) throw error;
    }
  }
}

/** The dev server, for what the time-skipping one does not do: it tells no parent of a terminated child. */
export const devServer = (): Bench =>
  benchOn(() => {
    const executable = { type: 'existing-path' as const, path: findTemporalCli() };
    return TestWorkflowEnvironment.createLocal({ server: { executable } });
  });

/** Milliseconds: for one test, whose time is skipped, and for a server to end that no longer answers. */
const TEST_MS = 40_000;
const CLOSE_MS = 10_000;

/** One server, one bundle and one worker for a file of tests, which run one after the other. */
function benchOn(start: () => Promise<TestWorkflowEnvironment>): Bench {
  let environment: TestWorkflowEnvironment;
  let worker: Worker;
  let running: Promise<void>;
  let runs = 0;
  const worlds = new Map<string, FakeWorld>();
  let newest = new FakeWorld();
  const worldOf = (run: string): FakeWorld => worlds.get(run) ?? newest;

  let workflowBundle: WorkflowBundle;

  const open = async (): Promise<void> => {
    environment = await start();
    // Its list of search attributes is not implemented, so what a worker does at its start cannot be asked of it.
    await environment.connection.operatorService.addSearchAttributes({
      namespace: environment.namespace ?? 'default',
      searchAttributes: Object.fromEntries(
        Object.values(SEARCH_ATTRIBUTES).map(({ name }) => [name, KEYWORD]),
      ),
    });
    worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue: TASK_QUEUE,
      workflowBundle,
      activities: activitiesOf(worldOf),
      shutdownGraceTime: 0,
      shutdownForceTime: 5_000,
      stickyQueueScheduleToStartTimeout: 600_000,
    });
    running = worker.run().catch(() => undefined);
  };
  const close = async (): Promise<void> => {
    if (worker?.getState() === 'RUNNING') worker.shutdown();
    await running;
    await environment?.teardown();
  };

  beforeAll(async () => {
    vi.setConfig({ testTimeout: TEST_MS });
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    workflowBundle = await bundleWorkflowCode({
      workflowsPath: WORKFLOWS_PATH,
      workflowInterceptorModules: INTERCEPTORS,
      logger: new DefaultLogger('ERROR'),
    });
    await open();
  });

  // A test that fails may leave the server's time locked, and the next ones would wait for it in vain.
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    await Promise.race([close(), setTimeout(CLOSE_MS, undefined, { ref: false })]);
    await open();
  });

  afterAll(close);

  const bench: Bench = {
    get environment() {
      return environment;
    },
    world() {
      newest = new FakeWorld();
      return newest;
    },
    async apply(world, { key, ...options } = {}) {
      runs += 1;
      const id = `apply-acme-${runs}`;
      worlds.set(id, world);
      world.time = () => environment.currentTimeMs();
      const handle = await environment.client.workflow.start(WORKFLOWS.apply, {
        taskQueue: TASK_QUEUE,
        workflowId: id,
        args: [inputOf(world, options, key ?? null)],
      });
      return new Run(id, handle, bench);
    },
    async rollback(world, of, asked = {}) {
      const id = `${of}-rollback`;
      worlds.set(id, world);
      const handle = await environment.client.workflow.start(WORKFLOWS.rollback, {
        taskQueue: TASK_QUEUE,
        workflowId: id,
        args: [{ of, actor: 'lin', force: false, wait: false, ...asked }],
      });
      return new Run(id, handle, bench);
    },
    async until(holds, what = 'it') {
      for (let look = 0; look < 300; look += 1) {
        if (await holds()) return;
        await environment.sleep(LOOK_EVERY);
      }
      throw new Error(`waited in vain for ${what}`);
    },
  };
  return bench;
}

export const WORKFLOWS_PATH = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
/** What the build packs with the workflows. */
export const INTERCEPTORS = [fileURLToPath(new URL('../../src/workflows/query-guard.ts', import.meta.url))];

export function inputOf(
  world: FakeWorld,
  options: Partial<ApplyInput['options']> = {},
  key: string | null = null,
): ApplyInput {
  const organizations = world.organizations.map((login) => ({ login }));
  return {
    document: { version: 1, organizations, files: {} } as unknown as ApplyInput['document'],
    hash: 'hash',
    actor: 'ada',
    key,
    options: {
      strategy: 'parallel',
      concurrency: null,
      graphql: true,
      allowRemovals: false,
      wait: false,
      ...options,
    },
  };
}

/** Activities under the names that workflows use; each works in the world of its run. */
export function activitiesOf(worldOf: (run: string) => FakeWorld) {
  const names = Object.keys(new FakeWorld().activities()) as (keyof Activities)[];
  const asked = names.map((name) => [
    name,
    (input: { run: string }) => (worldOf(input.run).activities()[name] as (input: unknown) => unknown)(input),
  ]);
  const steps = Object.values(STEP_ACTIVITIES).flatMap(({ do: forward, undo }) => [
    [forward, (input: StepInput) => worldOf(input.run).step('do', input)],
    [undo, (input: StepInput) => worldOf(input.run).step('undo', input)],
  ]);
  const sagas = (['openSaga', 'checkSaga', 'recordSaga'] as const).map((name) => [
    name,
    (input: { run: string }) => sagaActivitiesOf(worldOf(input.run))[name](input as never),
  ]);
  const connectors = Object.entries(connectorActivitiesOf(worldOf));
  return Object.fromEntries([...asked, ...steps, ...sagas, ...connectors]) as Record<
    string,
    (input: never) => Promise<unknown>
  >;
}
