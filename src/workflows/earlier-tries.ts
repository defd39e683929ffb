import type { Target } from '../standards/model.js';
import type { Usage } from '../transaction/answer.js';
import type { Journal } from '../transaction/journal.js';
import { ask, PERSISTENT } from './ask.js';
import type { ItemInput } from './contract.js';
import { journalOf } from './item-steps.js';

/**
 * What earlier tries of a dead letter had done and nobody has undone, as the store has it: steps that were kept, or those of a workflow that
 * somebody ended. The steps of this try, which undoes them itself, are left out; the target is null where nothing was begun.
 */
export async function earlierTries(
  input: ItemInput,
  own: Journal,
  usage: Usage,
): Promise<{ target: Target | null; journal: Journal }> {
  const { run, item, kind, settings } = input;
  const { target, changes } = await ask(
    'loadChanges',
    { run, item, kind, owing: true },
    { summary: `What stands of ${item}`, settings, usage, retry: PERSISTENT },
  );
  const mine = new Set(own.map(({ step }) => step));
  const earlier = changes.filter(({ step }) => !mine.has(step));
  return { target, journal: target === null ? [] : journalOf(earlier, input, target) };
}
