import { readFileSync } from 'node:fs';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { modelActivities } from './activities.js';
import type { Outside } from './contract.js';

/**
 * A worker in a process of its own, to be killed: `TEMPORAL_ADDRESS`, `MODEL_QUEUE`, `MODEL_BUNDLE` (a file) and
 * `MODEL_WORLD` (where the world listens) say what it works on. Prints one line when it polls, and ends with its parent.
 */
const env = (name: string): string => process.env[name] ?? '';

process.once('disconnect', () => process.exit(1));

async function post<T>(path: string, body: object): Promise<T> {
  const response = await fetch(`${env('MODEL_WORLD')}/${path}`, {
    method: 'POST',
    body: JSON.stringify({ ...body, pid: process.pid }),
  });
  return (await response.json()) as T;
}

const outside: Outside = {
  attempt: (attempted) => post('attempt', attempted),
  parked: (parked) => post('parked', parked),
};

const logger = new DefaultLogger('ERROR');
Runtime.install({ logger, telemetryOptions: { logging: { filter: 'error', forward: {} } } });
const connection = await NativeConnection.connect({ address: env('TEMPORAL_ADDRESS') });
const worker = await Worker.create({
  connection,
  taskQueue: env('MODEL_QUEUE'),
  workflowBundle: { code: readFileSync(env('MODEL_BUNDLE'), 'utf8') },
  activities: modelActivities(outside),
  // What a killed worker had in its cache is soon another's.
  stickyQueueScheduleToStartTimeout: 500,
});
const running = worker.run();
process.stdout.write('ready\n');
await running;
