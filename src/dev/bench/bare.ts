import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { bareParent } from './bare-workflows.js';
import { serve } from './processes.js';

const WORKER = fileURLToPath(new URL('./bare-worker.js', import.meta.url));
const TASK_QUEUE = 'bare';
/** As orgsaga does unless it is told otherwise: `batch.concurrency`. */
const AT_ONCE = 50;

/** Temporal alone, with a worker in a process of its own: the ceiling for anything that runs a workflow an item. */
export interface BareTemporal {
  /** Runs that many child workflows with so many empty activities each; resolves with the milliseconds that it took. */
  run(children: number, activities: number): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the worker at a server that is there. @throws Error where it does not come up */
export async function startBare(address: string): Promise<BareTemporal> {
  const worker = await serve(WORKER, [address, TASK_QUEUE], process.env);
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  return {
    async run(children, activities) {
      const startedAt = performance.now();
      await client.workflow.execute<typeof bareParent>('bareParent', {
        taskQueue: TASK_QUEUE,
        workflowId: `bare-${randomUUID()}`,
        args: [children, AT_ONCE, activities],
      });
      return performance.now() - startedAt;
    },
    async stop() {
      await connection.close();
      await worker.stop();
    },
  };
}
