import { GitHubError } from '../github/errors.js';
import type { StepInput } from '../workflows/contract.js';
import { codeOf, StepError } from './answering.js';
import type { ActivityDeps } from './deps.js';
import {
  isSagaStep,
  madeBy,
  newUntil,
  notYetWhileNew,
  openedBy,
  pinned,
  rememberMade,
  startOf,
  withBranch,
} from './made.js';
import type { StepWork } from './step.js';
import { whicheverTeam } from './whichever-team.js';
import type { MadeContext, WorkOf } from './work-of.js';

/**
 * A step of a saga about a repository that the saga itself makes: its target is looked up in the store, and what it makes is
 * remembered there. Every other step passes unchanged.
 */
export async function inSaga<T>(
  deps: ActivityDeps,
  input: StepInput,
  direction: 'do' | 'undo',
  workOf: WorkOf,
  act: (work: StepWork) => Promise<T>,
): Promise<T> {
  if (!isSagaStep(input)) return whicheverTeam(deps, input, direction, {}, workOf, act);
  const origin = input.change.restore?.origin ?? input.run;
  const made = await madeBy(deps, origin, input.item);
  const until = await newUntil(deps, made, input);
  const target = pinned(input.target, made);
  const startedAt = await startOf(deps, origin);
  const more: MadeContext = {
    made,
    isNew: deps.now() < until,
    ...(startedAt === null ? {} : { startedAt }),
    ...(input.change.kind === 'issue' ? await openedBy(deps, origin, input) : {}),
  };
  let acted = false;
  try {
    const { context } = workOf({ ...input, target }, more);
    const change = await withBranch(context, target, input.change, direction);
    const known = { ...input, target, change };
    const done = await whicheverTeam(deps, known, direction, more, workOf, act);
    acted = true;
    if (change.kind === 'repository' && direction === 'do' && change.after !== null)
      await rememberMade(deps, context, known);
    return done;
  } catch (error) {
    // The step may have been the one that made it.
    const newTill = Math.max(until, await newUntil(deps, made, input));
    const answer = notYetWhileNew(error, newTill, deps.now());
    throw acted && answer === error ? afterAll(error) : answer;
  }
}

/** A refusal to show what was made says nothing of the making: the step stands done, and has to be undone. */
function afterAll(error: unknown): unknown {
  return error instanceof GitHubError && ['refused', 'unauthenticated'].includes(error.failure.kind)
    ? new StepError(error.message, 'refused', codeOf(error), true)
    : error;
}
