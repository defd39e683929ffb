import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { githubAccess } from './access.js';
import type { ActivityDeps } from './activities/deps.js';
import { createActivities } from './activities/index.js';
import { isRunAlive } from './alive.js';
import { apiFailure } from './api/failures.js';
import { waitingOf } from './api/parked.js';
import { clientOf } from './client.js';
import { type Config, runSettings, secretsOf } from './config.js';
import { Connectors } from './connectors/connectors.js';
import { loadConnectors } from './connectors/load.js';
import { fairly } from './fairness.js';
import { watchGates } from './gate-watch.js';
import { createLogger, temporalLogger } from './log.js';
import { breakerMetrics, prometheusAt } from './metrics.js';
import { ensureSearchAttributes } from './registration.js';
import { discardItem, dismissLetters, openStateOf, supersedeLetter } from './runs.js';
import { addSecret } from './security/redact.js';
import { openStore } from './store/open.js';

export interface RunningWorker {
  /** Takes no more tasks, ends what is under way, resolves when all is closed. */
  shutdown(): Promise<void>;
  /** Resolves when the worker has ended, rejects when it failed. */
  finished: Promise<void>;
}

/** The workflows, packed by the build: a worker that packs them itself starts three seconds later. */
const BUNDLE = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));

/**
 * A task that finds a poller waiting is handed over at once instead of being stored first. By default two pollers of ten
 * take first tasks, and fifty items that begin at once have one each: this is about a fifth more items a second (npm run bench).
 */
const POLLERS: NonNullable<WorkerOptions['workflowTaskPollerBehavior']> = {
  type: 'autoscaling',
  minimum: 20,
  initial: 20,
  maximum: 100,
};

/** Temporal's own default, milliseconds. */
const STICKY_MS = 10_000;

/** Starts a worker with everything that it needs; nothing else has to be set up first. */
export async function runWorker(config: Config): Promise<RunningWorker> {
  for (const secret of secretsOf(config)) addSecret(secret);
  const log = createLogger(config.logLevel);
  installRuntime(config, log);
  const registry = await loadConnectors(config.connectors);
  const store = await openStore({
    directory: config.home,
    ...(config.databaseUrl === undefined ? {} : { databaseUrl: config.databaseUrl }),
  });
  // As Temporal names a worker, and never the same again after a restart.
  const self = `${process.pid}@${hostname()}-${randomBytes(2).toString('hex')}`;
  const { client, connection, close } = await connect(config);
  await ensureSearchAttributes(client);
  const watch = watchGates({
    store,
    host: config.github.apiUrl,
    worker: self,
    metrics: breakerMetrics(Runtime.instance().metricMeter),
    log,
  });
  const deps: ActivityDeps = {
    store,
    github: githubAccess(config, process.env, { ledger: store, worker: self, watch }),
    settings: runSettings(config),
    connectors: new Connectors({ registry, settings: config }),
    isAlive: (run) => isRunAlive(client, run),
    supersede: (letter, by) => supersedeLetter(client, config, letter, by),
    stateOf: (run) => openStateOf(client, run),
    hasParked: async (run) => (await waitingOf(client, run)).length > 0,
    dismissLetters: (run, discard) => dismissLetters(client, run, discard),
    discard: (letter, discard) => discardItem(client, config, letter, discard),
    now: Date.now,
  };
  const worker = await Worker.create({
    connection,
    namespace: config.temporal.namespace,
    taskQueue: config.taskQueue,
    workflowBundle: { codePath: BUNDLE },
    activities: createActivities(deps),
    interceptors: { activity: [fairly] },
    maxConcurrentActivityTaskExecutions: config.worker.max_concurrent_activities,
    maxConcurrentWorkflowTaskExecutions: config.worker.max_concurrent_workflow_tasks,
    workflowTaskPollerBehavior: POLLERS,
    activityTaskPollerBehavior: POLLERS,
    // A workflow in the memory of a worker that is lost is taken up by another after as long as a silent activity is.
    stickyQueueScheduleToStartTimeout: Math.min(STICKY_MS, config.activity.heartbeat),
    shutdownGraceTime: config.activity.start_to_close,
    ...versioning(config),
  });
  const { token, app, tokens } = config.github;
  if (token === undefined && app === undefined && Object.keys(tokens).length === 0)
    log.warn('no GitHub token is set: every run ends at its first request; set GITHUB_TOKEN and start again');
  const finished = (async () => {
    try {
      await worker.run();
    } finally {
      await close();
      await connection.close();
      await watch.stop();
      await store.close();
    }
  })();
  const { temporal, taskQueue, deployment } = config;
  log.info({ address: temporal.address, taskQueue, ...(deployment && { deployment }) }, 'worker is ready');
  return {
    finished,
    shutdown: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await finished;
    },
  };
}

/**
 * A run and all that it starts stay on the build that began them, so that neither a new build nor a way back to the old one
 * meets a history it cannot replay. Said by the worker, not by the workflows: without a deployment that fails every task.
 */
function versioning({ deployment }: Config): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (deployment === undefined) return {};
  const version = { deploymentName: deployment.name, buildId: deployment.buildId };
  const defaultVersioningBehavior = 'PINNED';
  return { workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior } };
}

/** Both of a worker's connections: one to poll by, one for activities that ask the server. */
async function connect(config: Config) {
  try {
    const opened = await clientOf(config);
    const connection = await NativeConnection.connect(config.temporal);
    return { client: opened.client, connection, close: () => opened.close() };
  } catch (error) {
    throw apiFailure(error, config);
  }
}

function installRuntime({ metricsAddress }: Config, log: ReturnType<typeof createLogger>): void {
  try {
    Runtime.install({
      logger: temporalLogger(log),
      shutdownSignals: [],
      ...(metricsAddress === undefined
        ? {}
        : { telemetryOptions: { metrics: { prometheus: prometheusAt(metricsAddress) } } }),
    });
  } catch {
    // Another worker of this process has installed it already; a process has one.
  }
}
