// The SDK downloads a server only on the way to starting it: start it, then end it.
import { TestWorkflowEnvironment } from '@temporalio/testing';

const [kind, version, downloadDir] = process.argv.slice(2);
const server = { executable: { type: 'cached-download', version, downloadDir } };
const environment = await (kind === 'time-skipping'
  ? TestWorkflowEnvironment.createTimeSkipping({ server })
  : TestWorkflowEnvironment.createLocal({ server }));
await environment.teardown();
