import type { LetterSelection } from '../api.js';
import type { DeadLetter, LettersAnswer, ParkedItem } from '../workflows/contract.js';
import { itemOfWorkflowId } from '../workflows/ids.js';
import { CliError, UsageError } from './errors.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { oneLine } from './theme.js';

/**
 * Which dead letters a command means: named items, or all, of one run or of every run.
 * @throws UsageError where nothing, or both, is said
 */
export function selectionOf(
  items: readonly string[],
  run: string | undefined,
  all: boolean,
): LetterSelection {
  if (items.length === 0 && !all && run === undefined)
    throw new UsageError('Say which: item names (owner/name), --run RUN, or --all.');
  if (items.length > 0 && all) throw new UsageError('Say either item names or --all, not both.');
  const wrong = items.filter((item) => !/^[^/\s]+\/\S+$/.test(item));
  if (wrong.length > 0) throw new UsageError(`${wrong.join(', ')}: an item is written owner/name.`);
  return { items: [...new Set(items)], ...(run === undefined ? {} : { run }) };
}

/** The one dead letter of an item, or of a workflow id; names fold case as GitHub's do. @throws CliError where there is none, or more than one */
export function findLetter(letters: readonly DeadLetter[], item: string): DeadLetter {
  const found = letters.filter(
    (letter) => letter.item.toLowerCase() === item.toLowerCase() || letter.workflowId === item,
  );
  const [letter] = found;
  if (letter === undefined)
    throw new CliError(
      `There is no dead letter ${item}. Those there are: orgsaga dead-letters list`,
      EXIT.error,
    );
  if (new Set(found.map(({ run }) => run)).size < found.length)
    throw new UsageError(
      `${item} is the name of several; say which by its id: ${found.map(({ workflowId }) => workflowId).join(', ')}`,
    );
  if (found.length > 1)
    throw new UsageError(
      `${item} waits in several runs; say which by --run: ${found.map(({ run }) => run).join(', ')}`,
    );
  return letter;
}

export function noteRefused(out: Output, refused: LettersAnswer['refused']): void {
  for (const { item, reason } of refused)
    out.notes(`${out.noteTheme.yellow('refused')}  ${oneLine(item)}: ${oneLine(reason)}`);
}

export function noteParked(out: Output, parked: readonly ParkedItem[]): void {
  for (const { item, step, reason, workflowId } of parked) {
    const run = itemOfWorkflowId(workflowId)?.run ?? 'RUN';
    out.notes(
      `${out.noteTheme.red('parked')}  ${oneLine(item)}  ${oneLine(step)}: ${oneLine(reason)}`,
      `  orgsaga resolve ${run} ${step} retry --item ${item}`,
    );
  }
}
