import { Client, Connection } from '@temporalio/client';
import type proto from '@temporalio/proto';
import { DefaultLogger, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { ASK_AGAIN } from '../../../src/workflows/query-guard.js';
import type { Stage } from './stage.js';

export interface Kept {
  workflowId: string;
  history: proto.temporal.api.history.v1.IHistory;
}

const logger = new DefaultLogger('ERROR', () => undefined);

/** Histories of workflows that began since, open ones too; also of children that visibility does not show yet. */
export async function historiesOf(stage: Stage, since: Date): Promise<Kept[]> {
  const connection = await Connection.connect({ address: stage.address });
  try {
    const { workflow } = new Client({ connection });
    const left: Execution[] = [];
    for await (const { workflowId, runId } of workflow.list({
      query: `StartTime >= "${since.toISOString()}"`,
    }))
      left.push({ workflowId, runId });
    const kept = new Map<string, Kept>();
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const { workflowId, runId } = next;
      if (kept.has(runId)) continue;
      const history = await workflow.getHandle(workflowId, runId).fetchHistory();
      kept.set(runId, { workflowId, history });
      left.push(...childrenIn(history));
    }
    return [...kept.values()];
  } finally {
    await connection.close();
  }
}

interface Execution {
  workflowId: string;
  runId: string;
}

const childrenIn = ({ events }: Kept['history']): Execution[] =>
  (events ?? []).flatMap((event) => {
    const begun = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution;
    return typeof begun?.workflowId === 'string' && typeof begun.runId === 'string'
      ? [{ workflowId: begun.workflowId, runId: begun.runId }]
      : [];
  });

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
  // A history that ends in events of no task fits up to them: there the guard refuses to go on.
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories))
    if (error !== undefined && !error.message.includes(ASK_AGAIN))
      lines.push(`${workflowId}: ${error.message.slice(0, 2_000)}`);
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
