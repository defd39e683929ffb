import type { DeadLetter } from '../../workflows/contract.js';
import { notBlank } from '../arguments.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { confirm } from '../confirm.js';
import { connected } from '../connected.js';
import { findLetter, noteParked, noteRefused, selectionOf } from '../dead-letters.js';
import { EXIT } from '../exit-codes.js';
import { interruptible } from '../interrupt.js';
import { table } from '../table.js';
import { oneLine, type Theme } from '../theme.js';

const RUN_HELP = 'only those of this run';

const listCommand = (cli: Cli) =>
  cli
    .command('list', 'List what waits.')
    .option('--run <run>', RUN_HELP, notBlank)
    .option('--json', JSON_HELP)
    .addHelpText('after', examples('orgsaga dead-letters list', 'orgsaga dlq list --run apply-acme-1 --json'))
    .action(
      cli.action(async ({ run, json = false }) =>
        connected(cli, async (client) => {
          const letters = await client.deadLetters(run === undefined ? {} : { run });
          if (json) cli.out.json(letters);
          else if (letters.length === 0) cli.out.notes('There are no dead letters.');
          else cli.out.lines(...letterTable(letters, cli.out.theme));
          return EXIT.done;
        }),
      ),
    );

/** Has a column for finished steps only where a letter keeps some (`on_failure: checkpoint`). */
function letterTable(letters: readonly DeadLetter[], theme: Theme): string[] {
  const keeps = letters.some(({ finishedSteps }) => finishedSteps.length > 0);
  return table(
    ['ITEM', 'STEP', 'REASON', 'ATTEMPTS', 'LAST FAILED', 'RUN', ...(keeps ? ['FINISHED'] : [])],
    letters.map((letter) => [
      letter.item,
      letter.step,
      letter.reason,
      String(letter.attempts),
      letter.lastFailedAt,
      letter.run,
      ...(keeps ? [letter.finishedSteps.join(', ')] : []),
    ]),
    theme,
  );
}

const letterLines = (letter: DeadLetter): string[] => [
  `item          ${oneLine(letter.item)}`,
  `run           ${oneLine(letter.run)}`,
  `step          ${oneLine(letter.step)}`,
  `reason        ${oneLine(letter.reason)}`,
  ...(letter.finishedSteps.length > 0 ? [`finished      ${oneLine(letter.finishedSteps.join(', '))}`] : []),
  `attempts      ${letter.attempts}`,
  `first failed  ${letter.firstFailedAt}`,
  `last failed   ${letter.lastFailedAt}`,
  `workflow      ${oneLine(letter.workflowId)}`,
];

const showCommand = (cli: Cli) =>
  cli
    .command('show', 'Show one in full.')
    .argument('<item>', 'owner/name, or the workflow id where two have one name')
    .option('--run <run>', RUN_HELP, notBlank)
    .option('--json', JSON_HELP)
    .addHelpText(
      'after',
      examples('orgsaga dead-letters show acme/api', 'orgsaga dlq show acme/api --run apply-acme-1'),
    )
    .action(
      cli.action(async (item, { run, json = false }) =>
        connected(cli, async (client) => {
          const letter = findLetter(await client.deadLetters(run === undefined ? {} : { run }), item);
          if (json) cli.out.json(letter);
          else cli.out.lines(...letterLines(letter));
          cli.out.notes('', 'Next:', `  orgsaga dead-letters retry ${letter.item} --run ${letter.run}`);
          return EXIT.done;
        }),
      ),
    );

const retryCommand = (cli: Cli) =>
  cli
    .command(
      'retry',
      'Retry some or all, and wait until each is settled. Never asks; twice at once does the work once.',
    )
    .argument('[items...]', 'owner/name of each')
    .option('--run <run>', RUN_HELP, notBlank)
    .option('--all', 'all of them')
    .option('--json', JSON_HELP)
    .addHelpText(
      'after',
      examples('orgsaga dead-letters retry acme/api acme/web', 'orgsaga dlq retry --run apply-acme-1 --all'),
    )
    .addHelpText('after', '\nExits 0 when all succeeded, 5 when some did not.')
    .action(
      cli.action(async (items, { run, all = false, json = false }) => {
        const selection = selectionOf(items, run, all);
        return connected(cli, async (client) => {
          const { out } = cli;
          const interrupt = interruptible(cli.io);
          try {
            const outcome = await client.retry(selection, {
              signal: interrupt.signal,
              onNoWorker: () =>
                out.notes('No worker has polled for 10 s; still waiting. Start one: orgsaga worker'),
            });
            const { accepted, refused, open, succeeded, failed, parked } = outcome;
            if (json) out.json({ accepted, refused, succeeded, failed, parked });
            else if (accepted.length === 0 && refused.length === 0) out.notes('There is nothing to retry.');
            else out.lines(...succeeded.map((item) => `${out.theme.green('committed')}  ${oneLine(item)}`));
            for (const letter of failed)
              out.notes(`failed again: ${letter.item}  ${letter.step}: ${oneLine(letter.reason)}`);
            noteParked(out, parked);
            noteRefused(out, refused);
            if (interrupt.signal.aborted) {
              out.notes('Detached; the retry goes on: orgsaga dead-letters list');
              return EXIT.interrupted;
            }
            if (succeeded.length + failed.length + parked.length < accepted.length) {
              out.notes('Gave up waiting without the server; the retry goes on: orgsaga dead-letters list');
              return EXIT.gaveUp;
            }
            return open.length + failed.length + parked.length === 0 ? EXIT.done : EXIT.needsPerson;
          } finally {
            interrupt.dispose();
          }
        });
      }),
    );

const discardCommand = (cli: Cli) =>
  cli
    .command(
      'discard',
      'Give some or all up: they stay as they are, with who gave them up and why on record.',
    )
    .argument('[items...]', 'owner/name of each')
    .option('--reason <text>', 'why; kept with the run', 'no reason given')
    .option('--run <run>', RUN_HELP, notBlank)
    .option('--all', 'all of them')
    .option('-y, --yes', 'do not ask; needed without a terminal')
    .option('--json', JSON_HELP)
    .addHelpText(
      'after',
      examples('orgsaga dead-letters discard acme/api --reason "is being archived" --yes'),
    )
    .action(
      cli.action(async (items, { run, all = false, reason, yes = false, json = false }) => {
        const { io, out } = cli;
        const selection = selectionOf(items, run, all);
        const what = items.length > 0 ? items.join(', ') : 'all dead letters';
        if (!yes && !(await confirm(io, `Discard ${what}${run === undefined ? '' : ` of ${run}`}?`))) {
          out.notes('Nothing was discarded.');
          return EXIT.error;
        }
        return connected(cli, async (client) => {
          const { accepted, refused } = await client.discard(selection, reason);
          if (json) out.json({ accepted, refused });
          else if (accepted.length === 0 && refused.length === 0) out.notes('There is nothing to discard.');
          else out.lines(...accepted.map((item) => `discarded  ${oneLine(item)}`));
          noteRefused(out, refused);
          return refused.length === 0 ? EXIT.done : EXIT.needsPerson;
        });
      }),
    );

/** `dead-letters`: work through what could not be changed. */
export function deadLettersCommand(cli: Cli) {
  const command = cli
    .command('dead-letters', 'Work through what could not be changed: list, show, retry, discard.')
    .alias('dlq')
    .addHelpText(
      'after',
      examples('orgsaga dead-letters list', 'orgsaga dead-letters retry --all', 'orgsaga dlq show acme/api'),
    );
  command.addCommand(listCommand(cli));
  command.addCommand(showCommand(cli));
  command.addCommand(retryCommand(cli));
  command.addCommand(discardCommand(cli));
  return command;
}
