import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { Config } from '../config.js';

/** A worker's long poll, and a little, milliseconds. */
const POLL_MS = 75_000;

/** When each worker of the task queue last began to poll, epoch milliseconds; one that was killed is among them for a poll's time. */
export async function lastPolls(client: Client, { temporal, taskQueue }: Config): Promise<number[]> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: temporal.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  });
  const lately = Date.now() - POLL_MS;
  return (pollers ?? [])
    .map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000)
    .filter((at) => at > lately);
}
