import { Client, Connection } from '@temporalio/client';
import type proto from '@temporalio/proto';
import { DefaultLogger, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { Stage } from './stage.js';

export interface Kept {
  workflowId: string;
  history: proto.temporal.api.history.v1.IHistory;
}

const logger = new DefaultLogger('ERROR', () => undefined);

/** Histories of workflows that began since, open ones too. */
export async function historiesOf(stage: Stage, since: Date): Promise<Kept[]> {
  const connection = await Connection.connect({ address: stage.address });
  try {
    const { workflow } = new Client({ connection });
    const kept: Kept[] = [];
    for await (const { workflowId, runId } of workflow.list({
      query: `StartTime >= "${since.toISOString()}"`,
    }))
      kept.push({ workflowId, history: await workflow.getHandle(workflowId, runId).fetchHistory() });
    return kept;
  } finally {
    await connection.close();
  }
}

/**
 * Replays each history: also one that no worker took up again may hold what the code does not do. Gives what does not fit,
 * a line each.
 */
export async function misfits(
  workflowBundle: WorkflowBundleOption,
  histories: readonly Kept[],
): Promise<string[]> {
  quietly();
  const lines: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories))
    if (error !== undefined) lines.push(`${workflowId}: ${error.message.slice(0, 2_000)}`);
  return lines;
}

/** That a history is refused is asked for here. */
function quietly(): void {
  try {
    Runtime.install({ logger });
  } catch {
    // A round before has installed it.
  }
}
