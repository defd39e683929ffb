import { setTimeout } from 'node:timers/promises';
import { ApplicationFailure, Context } from '@temporalio/activity';
import { type Answer, FAILURE_TYPES, type FailureDetail } from '../../src/transaction/answer.js';
import type { Done, Undone } from '../../src/transaction/engine.js';
import type { Outside, ParkedInput } from './contract.js';
import type { CallInput } from './trace.js';
import type { Direction, Reply } from './world.js';

/** The activities of the model's steps: each attempt asks the world what becomes of it, and answers as ours do. */
export function modelActivities(outside: Outside) {
  const attempt =
    (direction: Direction) =>
    async ({ step, call }: CallInput): Promise<Answer<Done & Undone>> => {
      const { workflowId } = executionOf();
      return answerTo(await outside.attempt({ workflowId, direction, step, call }), step);
    };
  return {
    do: attempt('do'),
    undo: attempt('undo'),
    parked: ({ step, nth }: ParkedInput) =>
      outside.parked({ workflowId: executionOf().workflowId, step, nth }),
  };
}

function executionOf(): { workflowId: string } {
  const { workflowExecution } = Context.current().info;
  if (workflowExecution === undefined) throw new Error('the activity belongs to no workflow');
  return workflowExecution;
}

async function answerTo(reply: Reply, step: string): Promise<Answer<Done & Undone>> {
  const { attempt, startToCloseTimeoutMs } = Context.current().info;
  switch (reply.type) {
    case 'done': {
      const conflicts = reply.conflict ? [{ step, field: '', before: 0, wrote: 1, found: 2 }] : [];
      return { status: 'done', value: { effect: reply.effect, conflicts }, usage: {} };
    }
    case 'notYet':
      return { status: 'notYet', waitMs: 5, reason: 'closed', usage: {}, failures: attempt - 1 };
    case 'silent':
      // Temporal has given it to another attempt before this one answers.
      await setTimeout(2 * startToCloseTimeoutMs);
      throw new Error('too late');
    case 'failed': {
      const kind = reply.refused ? 'refused' : 'unavailable';
      const detail: FailureDetail = { mayBeApplied: reply.mayBeApplied, code: 'test', usage: {} };
      throw ApplicationFailure.create({
        message: kind,
        type: FAILURE_TYPES[kind],
        nonRetryable: reply.refused,
        details: [detail],
      });
    }
  }
}
