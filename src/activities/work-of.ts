import type { OperationContext } from '../github/operations/operation.js';
import type { StepInput } from '../workflows/contract.js';
import type { StepWork } from './step.js';

/** What an operation is told beside what every step tells it. */
export type MadeContext = Pick<
  OperationContext,
  'made' | 'isNew' | 'opened' | 'keepIssue' | 'startedAt' | 'absent' | 'key' | 'team'
>;

/** The work of one step, made when its target is known. */
export type WorkOf = (
  input: StepInput,
  context: MadeContext,
) => { work: StepWork; context: OperationContext };
