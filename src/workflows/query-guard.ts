import type {
  ActivateInput,
  WorkflowInterceptorsFactory,
  WorkflowInternalsInterceptor,
} from '@temporalio/workflow';

/** What a query is told that came too early; the client asks again. */
export const ASK_AGAIN = 'the workflow has something to do first: ask again';

/** Packed with the workflows: every workflow has a guard of its own. */
export const interceptors: WorkflowInterceptorsFactory = () => ({ internals: [queryGuard()] });

/**
 * Keeps a query from moving its workflow on. A worker that a query reaches, and that does not have the workflow in memory, is
 * given the history as it is by then. That may end in events that no workflow task has taken up; the SDK (1.24) runs the
 * workflow on by them, at the time of the last task, keeps it in memory, and sends what it decided with the next task. No
 * replay decides the same, and the workflow stands still for ever (docs/decisions/0012). The guard fails such a step: the
 * query is refused with {@link ASK_AGAIN}, the worker forgets the workflow, and the task finds it as the history has it.
 */
function queryGuard(): WorkflowInternalsInterceptor {
  let last: Step | null = null;
  return {
    activate(input, next) {
      if (!isQuery(input)) {
        const step = stepOf(input);
        const early = input.activation.isReplaying !== true && isBetweenTasks(last, step);
        last = step;
        if (early) throw new Error(ASK_AGAIN);
      }
      next(input);
    },
  };
}

/** How far a workflow has come: when the task began that it is in, how large the history was then, and how many events it knows. */
export interface Step {
  time: string;
  bytes: string;
  events: number;
}

/**
 * Whether a step goes on by events that belong to no task. A task begins at a time and with a history of its own, of which one may
 * not have moved where the server's clock was put back; steps within one know its events.
 */
export const isBetweenTasks = (before: Step | null, step: Step): boolean =>
  before !== null &&
  step.time === before.time &&
  step.bytes === before.bytes &&
  step.events !== before.events;

const isQuery = ({ activation: { jobs } }: ActivateInput): boolean =>
  jobs?.every(({ queryWorkflow }) => queryWorkflow !== null && queryWorkflow !== undefined) === true;

const stepOf = ({ activation: { timestamp, historySizeBytes, historyLength } }: ActivateInput): Step => ({
  time: `${String(timestamp?.seconds)}.${String(timestamp?.nanos)}`,
  bytes: String(historySizeBytes),
  events: historyLength ?? 0,
});
