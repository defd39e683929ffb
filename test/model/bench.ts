import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import type { RunSettings } from '../../src/config.js';
import { findTemporalCli } from '../../src/dev/tools.js';
import { resolveUpdate } from '../../src/workflows/contract.js';
import { SETTINGS } from '../time-skipping/fake-world.js';
import { modelActivities } from './activities.js';
import type { ModelInput, Outside } from './contract.js';
import type { Limits } from './model.js';
import type { Scenario } from './scenario.js';
import type { Traced } from './trace.js';
import type { Sabotage } from './transaction.js';
import { World } from './world.js';

/** Milliseconds after which an attempt that is not answered is given to another one. */
const START_TO_CLOSE = 1_000;

/** How often, and every how many milliseconds, a person who waits for others looks again. */
const LOOKS = 500;
const LOOK_EVERY = 10;

const settings: RunSettings = {
  ...SETTINGS,
  retry: {
    aggressive: { max_retries: 2, base: 5, factor: 1, max: 5 },
    conservative: { max_retries: 2, base: 5, factor: 1, max: 5 },
  },
  activity: { start_to_close: START_TO_CLOSE, heartbeat: START_TO_CLOSE, settle: 0, read_lag: 10_000 },
};

/** Attempts that one call may take under these settings; an undo gets three times the retries. */
export const LIMITS: Limits = { do: 3, undo: 7 };

/** The model's transactions on a real Temporal server; the world is in this process. */
export class ModelBench implements Outside {
  private readonly worlds = new Map<string, World>();
  private readonly cancelled = new Set<string>();
  private readonly together = new Map<string, number>();
  private started = 0;

  private constructor(
    readonly environment: TestWorkflowEnvironment,
    private readonly bundle: WorkflowBundleWithSourceMap,
  ) {}

  /** The workflows' bundle, for workers elsewhere. */
  get code(): string {
    return this.bundle.code;
  }

  static async start(): Promise<ModelBench> {
    const logger = new DefaultLogger('ERROR');
    Runtime.install({ logger, telemetryOptions: { logging: { filter: 'error', forward: {} } } });
    const workflowsPath = fileURLToPath(new URL('./workflow.ts', import.meta.url));
    const bundle = await bundleWorkflowCode({ workflowsPath, logger });
    const executable = { type: 'existing-path' as const, path: findTemporalCli() };
    return new ModelBench(await TestWorkflowEnvironment.createLocal({ server: { executable } }), bundle);
  }

  /** Runs work while a worker of this process polls a queue. */
  async withWorker<T>(taskQueue: string, work: () => Promise<T>): Promise<T> {
    const worker = await Worker.create({
      connection: this.environment.nativeConnection,
      taskQueue,
      workflowBundle: this.bundle,
      activities: modelActivities(this),
      shutdownForceTime: 5_000,
    });
    return worker.runUntil(work());
  }

  /** Runs a scenario to its end; its person decides when `together` undos have been tried. */
  async run(
    taskQueue: string,
    scenario: Scenario,
    { sabotage, together = 0 }: { sabotage?: Sabotage | undefined; together?: number } = {},
  ): Promise<{ world: World; seen: Traced }> {
    const world = new World(scenario);
    this.started += 1;
    const workflowId = `model-${this.started}`;
    this.worlds.set(workflowId, world);
    this.together.set(workflowId, together);
    const { tree, attempts, checkpoint } = scenario;
    const seen = await this.environment.client.workflow.execute<(input: ModelInput) => Promise<Traced>>(
      'modelTransaction',
      {
        taskQueue,
        workflowId,
        args: [{ tree, attempts, checkpoint, settings, pauseMs: 5, sabotage }],
        workflowTaskTimeout: '2s',
        workflowExecutionTimeout: '100s',
      },
    );
    return { world, seen };
  }

  async attempt({ workflowId, direction, step, call }: Parameters<Outside['attempt']>[0]) {
    const world = this.world(workflowId);
    if (direction === 'do' && step === world.scenario.cancelAt && !this.cancelled.has(workflowId)) {
      this.cancelled.add(workflowId);
      await this.environment.client.workflow.getHandle(workflowId).cancel();
    }
    return world.attempt(direction, step, call);
  }

  async parked({ workflowId, step, nth }: Parameters<Outside['parked']>[0]): Promise<void> {
    const world = this.world(workflowId);
    const undos = (): number => world.log.filter(({ direction }) => direction === 'undo').length;
    const together = this.together.get(workflowId) ?? 0;
    for (let look = 0; undos() < together && look < LOOKS; look += 1) await setTimeout(LOOK_EVERY);
    await this.environment.client.workflow.getHandle(workflowId).executeUpdate(resolveUpdate, {
      args: [{ step, decision: world.decision(step, nth), actor: 'ada' }],
      updateId: `${step}-${nth}`,
    });
  }

  stop(): Promise<void> {
    return this.environment.teardown();
  }

  private world(workflowId: string): World {
    const world = this.worlds.get(workflowId);
    if (world === undefined) throw new Error(`there is no world for ${workflowId}`);
    return world;
  }
}
