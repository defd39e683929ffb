import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

/** The task queue of the bare workflows, beside orgsaga's on the same server. */
const [address, taskQueue] = process.argv.slice(2);
if (address === undefined || taskQueue === undefined)
  throw new Error('usage: bare-worker.js ADDRESS TASK-QUEUE');

Runtime.install({ logger: new DefaultLogger('WARN') });
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('./bare-workflows.js', import.meta.url)),
  activities: { nothing: async () => undefined },
});
const finished = worker.run();
process.stdout.write('ready\n');
await finished;
await connection.close();
