import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { ItemResult } from '../workflows/contract.js';
import { compensateWorkflowId, itemOfWorkflowId, itemWorkflowId } from '../workflows/ids.js';
import { rollbacksOf, standingOf } from './rollback.js';

/** What became of an item that is no dead letter: `done`, or why it is not, for a person. */
export type Became = 'done' | { reason: string };

/** Ids of a run's rollbacks, oldest first, and the one that holds. */
interface Rollbacks {
  all: string[];
  standing: string | undefined;
}

/**
 * One look at what became of items, a few or many: each run's rollbacks are asked for once. It is not kept for later, when others
 * may have begun.
 */
export class Aftermath {
  private readonly rollbacks = new Map<string, Promise<Rollbacks>>();

  constructor(private readonly client: Client) {}

  /** How an item's newest workflow completed, and whether that still holds; null where it has not completed. */
  async becameOf(workflowId: string): Promise<Became | null> {
    const handle = this.client.workflow.getHandle(workflowId);
    if ((await statusAt(this.client, workflowId)) !== 'COMPLETED') return null;
    return this.becameBy(workflowId, (await handle.result()) as ItemResult);
  }

  /** What became of an item whose workflow completed so: what was done may have been taken back since. */
  async becameBy(workflowId: string, { outcome, discarded }: ItemResult): Promise<Became> {
    switch (outcome) {
      case 'discarded':
        return {
          reason: `discarded by ${discarded?.actor ?? 'somebody'}: ${discarded?.reason ?? 'no reason'}`,
        };
      case 'cancelled':
        return { reason: 'it was cancelled before it was begun' };
      case 'rolledBack':
        return { reason: 'it was cancelled before it was done, and undone' };
      case 'committed':
      case 'inSync': {
        const reason = await this.takenBack(workflowId);
        return reason === null ? 'done' : { reason };
      }
    }
  }

  /** By whom an item that was done has been taken back, or is being: by its own run, or by a rollback of that. */
  private async takenBack(workflowId: string): Promise<string | null> {
    const known = itemOfWorkflowId(workflowId);
    if (known === null) return null;
    const { run, kind, item } = known;
    const undo = await statusAt(this.client, compensateWorkflowId(workflowId));
    if (undo !== null)
      return `run rolled back: ${run} ${undo === 'COMPLETED' ? 'took it back' : 'is taking it back'}`;
    const { all, standing } = await this.rollbacksOf(run);
    if (standing !== undefined) return `run rolled back by ${standing}`;
    // One that was stopped with --keep, or from outside, has put back a part of the items.
    for (const rollback of all) {
      if ((await this.becameOf(itemWorkflowId(rollback, kind, item))) === 'done')
        return `put back by ${rollback}`;
    }
    return null;
  }

  private rollbacksOf(run: string): Promise<Rollbacks> {
    const known = this.rollbacks.get(run) ?? this.askFor(run);
    this.rollbacks.set(run, known);
    return known;
  }

  private async askFor(of: string): Promise<Rollbacks> {
    const all = await rollbacksOf(this.client, of);
    return { all: all.map(({ run }) => run), standing: await standingOf(this.client, all) };
  }
}

/** How its newest execution stands; null where the server knows no such workflow. */
export async function statusAt(client: Client, workflowId: string): Promise<string | null> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
