import { isRefused } from '../github/operations/target.js';
import { whereIs } from '../github/read/index.js';
import type { Target } from '../standards/model.js';
import type { StepInput } from '../workflows/contract.js';
import type { MadeContext, WorkOf } from './saga-step.js';
import type { StepWork } from './step.js';

/**
 * Does a step's work, and where that takes back what was done to a repository which has another name by now, under that name: the id
 * proves that it is the same one. In one that has left the organisation what was done is left, and told. Going forward, a plan for a name
 * that means something else is refused.
 */
export async function whereverItIs<T>(
  input: StepInput,
  direction: 'do' | 'undo',
  more: MadeContext,
  workOf: WorkOf,
  act: (work: StepWork) => Promise<T>,
): Promise<T> {
  const { work, context } = workOf(input, more);
  try {
    return await act(work);
  } catch (error) {
    const { target, change } = input;
    const takesBack = direction === 'undo' || change.restore !== undefined;
    if (!takesBack || !isPinned(target) || !(isRefused(error, 301) || isRefused(error, 404))) throw error;
    const now = await whereIs(context.github, target);
    if (now === null || now.toLowerCase() === `${target.owner}/${target.name}`.toLowerCase()) throw error;
    const [owner = '', name = ''] = now.split('/');
    const moved =
      owner.toLowerCase() === target.owner.toLowerCase()
        ? workOf({ ...input, target: { ...target, name } }, more)
        : workOf(input, { ...more, elsewhere: now });
    return act(moved.work);
  }
}

const isPinned = ({ id, name }: Target): boolean => id !== 0 && name !== '';
