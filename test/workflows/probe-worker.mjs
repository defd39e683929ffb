// `node probe-worker.mjs ADDRESS QUEUE BUNDLE STICKY_MS`: a worker to be killed; prints a line when it polls.
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

const [address, taskQueue, codePath, sticky] = process.argv.slice(2);
Runtime.install({ logger: new DefaultLogger('ERROR') });
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  taskQueue,
  workflowBundle: { codePath },
  stickyQueueScheduleToStartTimeout: Number(sticky),
});
process.stdout.write('polls\n');
await worker.run();
