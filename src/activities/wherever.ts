import { isRefused } from '../github/errors.js';
import type { Absent } from '../github/operations/absent.js';
import { refused } from '../github/operations/target.js';
import { movedInWords } from '../github/operations/whereabouts.js';
import { whereIs } from '../github/read/index.js';
import { unforced } from '../standards/inverse.js';
import type { Change, Target } from '../standards/model.js';
import type { StepInput } from '../workflows/contract.js';
import type { ActivityDeps } from './deps.js';
import { madeBy } from './made.js';
import type { StepWork } from './step.js';
import type { MadeContext, WorkOf } from './work-of.js';

/** GitHub's 404 does not tell the two apart. */
const GONE = "deleted, or moved to where the workers' token does not see it";

/**
 * Does a step's work, and where that takes back what was done to a repository which has another name by now, under that name: the id
 * proves that it is the same one. In one that has left the organisation what was done is left, and told. Of one that is gone nothing is
 * left to take back where the run had made it; else a rollback, or the undo of one, tells it as a conflict, and an undo waits for a person. Going
 * forward, a plan for a name that means something else is refused.
 */
export async function whereverItIs<T>(
  deps: Pick<ActivityDeps, 'store'>,
  input: StepInput,
  direction: 'do' | 'undo',
  more: MadeContext,
  workOf: WorkOf,
  act: (work: StepWork) => Promise<T>,
): Promise<T> {
  const { work, context } = workOf(input, more);
  const { target, change } = input;
  // Nothing can be forced on what is not there.
  const instead = (found: Absent): Promise<T> =>
    act(workOf({ ...input, change: unforced(change) }, { ...more, absent: found }).work);
  try {
    return await act(work);
  } catch (error) {
    const takesBack = direction === 'undo' || change.restore !== undefined;
    if (!takesBack || !isPinned(target) || !(isRefused(error, 301) || isRefused(error, 404))) throw error;
    const now = await whereIs(context.github, target);
    if (now === null) {
      if (goesBack(change, direction) && (await isMadeByRun(deps, input)))
        return instead({ found: goalOf(change, direction), why: GONE });
      if (change.restore === undefined) throw waits(target);
      return instead(conflict(GONE));
    }
    if (now.toLowerCase() === `${target.owner}/${target.name}`.toLowerCase()) throw error;
    const [owner = '', name = ''] = now.split('/');
    return owner.toLowerCase() === target.owner.toLowerCase()
      ? act(workOf({ ...input, target: { ...target, name } }, more).work)
      : instead(conflict(movedInWords(target, now)));
  }
}

const waits = ({ owner, name }: Target) =>
  refused(404, `${owner}/${name} has been ${GONE}; skip it, or retry once it is there again under its id`);

const isPinned = ({ id, name }: Target): boolean => id !== 0 && name !== '';

const conflict = (why: string): Absent => ({ found: { changed: [why] }, why });

/** Whether a step goes back to before the run that made the repository. What was in a repository went with it: it stands as then, when there was none. */
const goesBack = ({ restore }: Change, direction: 'do' | 'undo'): boolean =>
  restore === undefined ? direction === 'undo' : (direction === 'do') === restore.reversed;

const goalOf = ({ before, after }: Change, direction: 'do' | 'undo') => (direction === 'do' ? after : before);

async function isMadeByRun(
  deps: Pick<ActivityDeps, 'store'>,
  { run, item, change, target }: StepInput,
): Promise<boolean> {
  const made = await madeBy(deps, change.restore?.origin ?? run, item);
  return made !== null && made.id === target.id;
}
