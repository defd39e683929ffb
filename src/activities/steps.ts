import { operations } from '../github/operations/index.js';
import type { OperationContext } from '../github/operations/operation.js';
import { CHANGE_KINDS } from '../standards/model.js';
import type { StepInput } from '../workflows/contract.js';
import { STEP_ACTIVITIES } from '../workflows/step-names.js';
import { answering, StepError } from './answering.js';
import type { ActivityDeps } from './deps.js';
import { documentOf } from './documents.js';
import type { DoActivity, UndoActivity } from './interface.js';
import { StepWork } from './step.js';

/** The do and the undo of every kind of change, by the names that the Web UI shows. */
export function stepActivities(deps: ActivityDeps): Record<string, DoActivity | UndoActivity> {
  const activities: Record<string, DoActivity | UndoActivity> = {};
  for (const kind of CHANGE_KINDS) {
    const names = STEP_ACTIVITIES[kind];
    activities[names.do] = (input: StepInput) =>
      answering(deps.settings, 'do', () => workOf(deps, input).do());
    activities[names.undo] = (input: StepInput) =>
      answering(deps.settings, 'undo', () => workOf(deps, input).undo());
  }
  return activities;
}

function workOf(deps: ActivityDeps, input: StepInput): StepWork {
  const context: OperationContext = {
    github: deps.github(input.organization, { graphql: input.graphql }),
    run: input.run,
    content: (from) => contentOf(deps, input.run, from),
  };
  return new StepWork(deps, operations[input.change.kind], context, input);
}

async function contentOf(deps: ActivityDeps, run: string, from: string): Promise<Buffer> {
  const file = (await documentOf(deps, run)).files[from];
  if (file === undefined)
    throw new StepError(`the run brought no file ${from}`, 'refused', 'not_found', false);
  return Buffer.from(file.base64, 'base64');
}
