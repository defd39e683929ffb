import { absent } from '../github/operations/absent.js';
import { operations } from '../github/operations/index.js';
import { keyed } from '../github/operations/keyed.js';
import type { Operation, OperationContext } from '../github/operations/operation.js';
import { isObject } from '../standards/json.js';
import { CHANGE_KINDS, type StepKind } from '../standards/model.js';
import type { StepInput } from '../workflows/contract.js';
import { STEP_ACTIVITIES } from '../workflows/step-names.js';
import { answering, StepError } from './answering.js';
import type { ActivityDeps } from './deps.js';
import { documentOf } from './documents.js';
import type { DoActivity, UndoActivity } from './interface.js';
import { RestoreWork } from './restore-step.js';
import { inSaga } from './saga-step.js';
import { StepWork } from './step.js';
import { keepTeam } from './teams.js';
import type { MadeContext, WorkOf } from './work-of.js';

/** The do and the undo of every kind of change, by the names that the Web UI shows. */
export function stepActivities(deps: ActivityDeps): Record<string, DoActivity | UndoActivity> {
  const activities: Record<string, DoActivity | UndoActivity> = {};
  for (const kind of CHANGE_KINDS) {
    const names = STEP_ACTIVITIES[kind];
    activities[names.do] = (input: StepInput) =>
      answering(deps.settings, 'do', () =>
        inSaga(deps, input, 'do', workIn(deps, 'do'), (work) => work.do()),
      );
    activities[names.undo] = (input: StepInput) =>
      answering(deps.settings, 'undo', () =>
        inSaga(deps, input, 'undo', workIn(deps, 'undo'), (work) => work.undo()),
      );
  }
  return activities;
}

/** Kinds whose marks prove which run made what; a label's are on the issues that carry it. */
const MARKED: readonly StepKind[] = ['team', 'team_settings', 'repository', 'issue', 'label'];

const workIn =
  (deps: ActivityDeps, direction: 'do' | 'undo'): WorkOf =>
  (input, more) => {
    const { restore, kind } = input.change;
    if (kind === 'connector')
      throw new StepError('a connector step has activities of its own', 'refused', 'invalid', false);
    const origin = restore?.origin ?? input.run;
    const context: OperationContext = {
      github: deps.github(input.organization, { graphql: input.graphql }),
      // What is taken back carries the mark of the run that made it, and its files came with that run.
      run: MARKED.includes(kind) ? origin : input.run,
      content: (from) => contentOf(deps, origin, from),
      keepTeam: (id) => keepTeam(deps, origin, { org: input.target.owner, slug: input.change.key, id }),
      ...(kind === 'branch_protection' ? { apps: keptApps(deps, origin, input) } : {}),
      ...(direction === 'undo' || restore !== undefined ? { takesBack: origin } : {}),
      ...more,
    };
    const Work = restore === undefined ? StepWork : RestoreWork;
    const operation = operationFor(operations[kind], more);
    return { context, work: new Work(deps, operation, context, input) };
  };

/** Under this name after its step's the store has what a protection's checks are tied to. */
const APPS = ': apps';

const keptApps = (
  { store }: Pick<ActivityDeps, 'store'>,
  run: string,
  { item, change: { step } }: StepInput,
): NonNullable<OperationContext['apps']> => ({
  kept: async () => {
    const kept = await store.getStepResult(run, item, `${step}${APPS}`);
    return isObject(kept) ? kept : {};
  },
  keep: (ids) => store.saveStepResult(run, item, `${step}${APPS}`, ids),
});

function operationFor(operation: Operation, { absent: gone, key }: MadeContext): Operation {
  if (gone !== undefined) return absent(operation, gone);
  return key === undefined ? operation : keyed(operation, key);
}

async function contentOf(deps: ActivityDeps, run: string, from: string): Promise<Buffer> {
  const file = (await documentOf(deps, run)).files[from];
  if (file === undefined)
    throw new StepError(`the run brought no file ${from}`, 'refused', 'not_found', false);
  return Buffer.from(file.base64, 'base64');
}
