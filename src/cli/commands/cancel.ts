import { notBlank } from '../arguments.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { confirm } from '../confirm.js';
import { connected } from '../connected.js';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';

/** `cancel RUN`: stop a run and undo what it did, or with `--keep` leave that. */
export const cancelCommand = (cli: Cli) =>
  cli
    .command('cancel', 'Stop a run and undo what it has done. A second cancel changes nothing.')
    .argument('<run>', 'the run, as apply and runs print it', notBlank)
    .option('--keep', 'keep what has been done instead of undoing it')
    .option('-y, --yes', 'do not ask; needed without a terminal')
    .option('--json', JSON_HELP)
    .addHelpText('after', examples('orgsaga cancel apply-acme-1', 'orgsaga cancel apply-acme-1 --keep --yes'))
    .addHelpText(
      'after',
      '\nExits 5 when it changes nothing because all that is left of the run waits for a person.',
    )
    .action(
      cli.action(async (run, { keep = false, yes = false, json = false }) => {
        const { io, out } = cli;
        const question = `Cancel ${run} and ${keep ? 'keep' : 'undo'} what it has done?`;
        if (!yes && !(await confirm(io, question))) {
          out.notes('Not cancelled.');
          return EXIT.error;
        }
        return connected(cli, async (client) => {
          const { accepted, state } = await client.cancel(run, { keep });
          if (state === 'Committed' || state === 'Refused')
            throw new CliError(`${run} is ${state} already: there is nothing to cancel.`, EXIT.error);
          const waits = state === 'Parked';
          const ended = state === 'Cancelled' || state === 'RolledBack' || (waits && !accepted);
          if (json) out.json({ run, state });
          else out.lines(`${run} ${ended ? `is ${state}` : `is being cancelled (${state})`}.`);
          if (!ended) out.notes(`Watch it come to rest: orgsaga watch ${run}`);
          if (waits) out.notes(...waitsForPerson(run, accepted));
          return waits && !accepted ? EXIT.needsPerson : EXIT.done;
        });
      }),
    );

/** What to do about a compensation that cannot be done. */
const waitsForPerson = (run: string, accepted: boolean): string[] => [
  accepted
    ? 'A compensation of it waits for a person, which no cancel ends. Decide on it:'
    : 'The cancel changes nothing: the run is being undone or has ended, and a compensation of it waits for a person. Decide on it:',
  `  orgsaga status ${run}`,
  `  orgsaga resolve ${run} STEP retry|skip`,
];
