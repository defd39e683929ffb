import type { WorkflowExecutionDescription } from '@temporalio/client';
import {
  NO_REQUESTS,
  NO_TOTALS,
  type RunKind,
  type RunState,
  type RunStatus,
  WORKFLOWS,
} from '../workflows/contract.js';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.js';

const FROM_OUTSIDE: readonly string[] = ['TERMINATED', 'FAILED', 'TIMED_OUT'];

/** How a workflow that is a run was ended from outside, for a person; null where it was not. By the server's word for its status. */
export const endedFromOutside = (status: string): string | null =>
  FROM_OUTSIDE.includes(status) ? `ended from outside (${status.toLowerCase()})` : null;

/** Where such a run stands: it says so no more itself, so by what of it waits for a person. */
export function stateFromOutside(parked: boolean, deadLetters: boolean): RunState {
  if (parked) return 'Parked';
  return deadLetters ? 'AwaitingOperator' : 'Cancelled';
}

/**
 * The status of a run that was ended from outside between two of its tasks, and so answers no query any more: what the server
 * knows of it. Its figures, and who asked for it, nobody can tell.
 */
export function untold(described: WorkflowExecutionDescription): RunStatus {
  const { workflowId, startTime, closeTime, typedSearchAttributes } = described;
  const organization = typedSearchAttributes.get(SEARCH_ATTRIBUTES.org);
  return {
    run: workflowId,
    kind: kindOf(described),
    organizations: organization === undefined ? [] : [organization],
    actor: '',
    state: 'Cancelled',
    phase: '',
    reason: null,
    refusal: null,
    totals: { ...NO_TOTALS },
    requests: { ...NO_REQUESTS },
    startedAt: startTime.toISOString(),
    durationMs: (closeTime ?? startTime).getTime() - startTime.getTime(),
    deadLetters: [],
    parked: [],
    conflicts: [],
    skipped: [],
    notes: ['It was ended in the middle of its work, so its figures are not known.'],
    pages: [],
    deadline: null,
  };
}

function kindOf({ type, workflowId }: WorkflowExecutionDescription): RunKind {
  if (type === WORKFLOWS.apply) return 'apply';
  if (type === WORKFLOWS.rollback) return 'rollback';
  return workflowId.startsWith('onboard-') ? 'onboard' : 'create-repo';
}
