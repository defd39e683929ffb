import { Argument } from '@commander-js/extra-typings';
import { notBlank } from '../arguments.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { connected } from '../connected.js';
import { EXIT } from '../exit-codes.js';
import { noteDetached, settle } from '../follow.js';
import { interruptible } from '../interrupt.js';

/** `resolve RUN STEP retry|skip`: decide on a compensation that cannot be done. */
export const resolveCommand = (cli: Cli) =>
  cli
    .command(
      'resolve',
      'Decide on a compensation that waits for a person: retry it once its cause is mended, or skip it and leave what it would have undone.',
    )
    .argument('<run>', 'the run, as apply and runs print it', notBlank)
    .argument('<step>', 'the step, as status shows it under parked', notBlank)
    .addArgument(new Argument('<decision>', 'retry or skip').choices(['retry', 'skip'] as const))
    .option(
      '--item <item>',
      'owner/name, or workflow id, where several items wait at a step of that name',
      notBlank,
    )
    .option('--json', JSON_HELP)
    .addHelpText(
      'after',
      examples(
        'orgsaga status apply-acme-1                                what waits, and what is left',
        'orgsaga resolve apply-acme-1 protection/main retry',
        'orgsaga resolve apply-acme-1 settings skip --item acme/api',
      ),
    )
    .addHelpText(
      'after',
      '\nExits as watch does: 5 while something still waits for a person or is left, 3 when rolled back.',
    )
    .action(
      cli.action(async (run, step, decision, { item, json = false }) =>
        connected(cli, async (client) => {
          const interrupt = interruptible(cli.io);
          try {
            const named = item === undefined ? {} : { item };
            const { watched } = await client.resolve(
              run,
              { step, decision, ...named },
              { signal: interrupt.signal },
            );
            if (watched.ended === 'at_rest') return settle(cli, watched.status, json);
            noteDetached(cli, run);
            return watched.ended === 'aborted' ? EXIT.interrupted : EXIT.gaveUp;
          } finally {
            interrupt.dispose();
          }
        }),
      ),
    );
