import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  isCancellation,
  setHandler,
  sleep,
  Trigger,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { fairnessOf, UNDO_PRIORITY } from '../policies/priority.js';
import type { Target } from '../standards/model.js';
import { beginChild, LONGEST_PAUSE } from './begin-child.js';
import {
  type CompensateInput,
  type DeadLetterDetail,
  type ItemInput,
  type ItemResult,
  itemParkedSignal,
  NO_REQUESTS,
  type Settled,
  settledOf,
  stillThereSignal,
  WORKFLOWS,
} from './contract.js';
import { compensateWorkflowId, itemWorkflowId } from './ids.js';
import { tell } from './parent.js';
import { searchAttributesOf } from './search-attributes.js';
import { tolerant } from './tolerant.js';

const FAILED_ONLY = WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY;

/**
 * The items under one workflow. Children are abandoned when their parent is terminated, so that no repository is left
 * half done, and asked to compensate themselves when it is cancelled. One that parks counts as settled at once.
 */
export class ItemChildren {
  /** Workflow ids of those that are under way. */
  readonly running = new Set<string>();
  private readonly parked = new Map<string, Trigger<Settled>>();

  constructor() {
    setHandler(
      itemParkedSignal,
      tolerant('itemParked', (parked) => {
        // An item that parks a second time is nobody's to wait for any more.
        this.parked.get(parked.workflowId)?.resolve({ outcome: 'parked', parked });
      }),
    );
  }

  /** Runs one item's transaction to its end. @throws Temporal's CancelledFailure where it was cancelled before it began */
  async apply(input: ItemInput, reuse: WorkflowIdReusePolicy = FAILED_ONLY): Promise<Settled> {
    const workflowId = itemWorkflowId(input.run, input.kind, input.item);
    return this.settle(workflowId, input, async () => {
      const child = await beginChild<(argument: ItemInput) => Promise<ItemResult>>(WORKFLOWS.item, {
        ...childOptions('item', workflowId, input),
        workflowIdReusePolicy: reuse,
        args: [input],
        staticSummary: summaryOf(input),
      });
      return child.result();
    });
  }

  /**
   * As {@link apply}, of an item that a parent which was ended from outside had begun: that is waited for, and what it has done is
   * found to be right.
   */
  async applyAfter(input: ItemInput): Promise<Settled> {
    for (let pause = 1_000; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const settled = await this.apply(input, WorkflowIdReusePolicy.ALLOW_DUPLICATE);
      // Only one that is under way keeps another of its id from being begun.
      if (!(settled.outcome === 'inSync' && settled.elsewhere === true)) return settled;
      await sleep(pause);
    }
  }

  /**
   * Undoes one committed item. Ended from outside, its undo is begun again: what is not undone must not pass for undone. One that goes on
   * since another parent began it, which was ended from outside, is waited for.
   */
  async compensate(input: CompensateInput): Promise<Settled> {
    const workflowId = compensateWorkflowId(itemWorkflowId(input.run, input.kind, input.item));
    for (let pause = 1_000; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const settled = await this.compensateOnce(workflowId, input);
      const isAnothers = settled.outcome === 'inSync' && settled.elsewhere === true;
      // Only one that is under way, or has ended well, keeps another of its id from being begun.
      if (isAnothers && !(await tell(workflowId, stillThereSignal))) return undone(input);
      if (!isAnothers && settled.outcome !== 'deadLettered') return settled;
      await sleep(pause);
    }
  }

  private compensateOnce(workflowId: string, input: CompensateInput): Promise<Settled> {
    return this.settle(workflowId, input, async () => {
      const child = await beginChild<(argument: CompensateInput) => Promise<ItemResult>>(
        WORKFLOWS.compensate,
        {
          ...childOptions('compensation', workflowId, input),
          args: [input],
          staticSummary: `Undo ${input.item}`,
        },
      );
      return child.result();
    });
  }

  private async settle(
    workflowId: string,
    input: CompensateInput,
    work: () => Promise<ItemResult>,
  ): Promise<Settled> {
    // A Trigger is rejected when its scope is cancelled, and then nobody would wait for what the child still undoes.
    const parked = await CancellationScope.nonCancellable(async () => ({ trigger: new Trigger<Settled>() }));
    this.parked.set(workflowId, parked.trigger);
    this.running.add(workflowId);
    try {
      const result = work().then(settledOf);
      // Whichever loses the race may still fail later, with nobody left to hear it.
      result.catch(() => undefined);
      return await Promise.race([result, parked.trigger]);
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return takenUpElsewhere(input);
      const detail = isCancellation(error) ? null : deadLetterOf(error, workflowId, input);
      if (detail === null) throw error;
      return { outcome: 'deadLettered', detail };
    } finally {
      this.running.delete(workflowId);
      if (this.parked.get(workflowId) === parked.trigger) this.parked.delete(workflowId);
    }
  }
}

function childOptions(kind: 'item' | 'compensation', workflowId: string, input: CompensateInput) {
  return {
    workflowId,
    workflowIdReusePolicy: FAILED_ONLY,
    priority: { ...(kind === 'compensation' ? UNDO_PRIORITY : {}), ...fairnessOf(input.organization) },
    typedSearchAttributes: searchAttributesOf(kind, input.organization, input.run, 'Running'),
  };
}

function summaryOf(input: ItemInput): string {
  const steps = input.planned?.changes.map(({ step }) => step).join(', ');
  return steps === undefined ? `${input.item}: retry` : `${input.item}: ${steps}`.slice(0, 200);
}

/** By a compensation of which nothing more is known. */
function undone({ item, kind }: CompensateInput): Settled {
  const outcome = 'rolledBack';
  const result: ItemResult = { item, kind, outcome, target: null, conflicts: [], requests: NO_REQUESTS };
  return { outcome, result };
}

/** The item's newest workflow has not failed: somebody retried it past this run, so it is no dead letter any more. */
function takenUpElsewhere({ item, kind }: CompensateInput): Settled {
  const outcome = 'inSync';
  const result: ItemResult = { item, kind, outcome, target: null, conflicts: [], requests: NO_REQUESTS };
  return { outcome, result, elsewhere: true };
}

/** What a failed child left behind; null where the failure is not the item's own. */
function deadLetterOf(error: unknown, workflowId: string, input: CompensateInput): DeadLetterDetail | null {
  if (
    error instanceof ChildWorkflowFailure &&
    error.cause instanceof ApplicationFailure &&
    error.cause.type === 'DeadLetter'
  ) {
    return (error.cause.details?.[0] as DeadLetterDetail | undefined) ?? null;
  }
  if (!(error instanceof ChildWorkflowFailure)) return null;
  const at = new Date().toISOString();
  const why = error.cause?.message ?? error.message;
  return {
    letter: {
      item: input.item,
      run: input.run,
      step: 'workflow',
      reason: `its workflow ended from outside (${why}); look at what it left before a retry`,
      attempts: 1,
      firstFailedAt: at,
      lastFailedAt: at,
      workflowId,
      finishedSteps: [],
    },
    kind: input.kind,
    target: null satisfies Target | null,
    requests: NO_REQUESTS,
    conflicts: [],
  };
}
