import { notBlank } from '../arguments.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { connected } from '../connected.js';
import { follow } from '../follow.js';
import { interruptible } from '../interrupt.js';
import { treeProgress } from '../progress.js';

/** `watch RUN`: the transaction tree, live. */
export const watchCommand = (cli: Cli) =>
  cli
    .command(
      'watch',
      'Watch a run until it is at rest; the exit code is that of apply. Ctrl-C ends the watching only.',
    )
    .argument('<run>', 'the run, as apply and runs print it', notBlank)
    .option('--json', JSON_HELP)
    .addHelpText('after', examples('orgsaga watch apply-acme-1', 'orgsaga watch apply-acme-1 --json'))
    .action(
      cli.action(async (run, { json = false }) =>
        connected(cli, async (client) => {
          const interrupt = interruptible(cli.io);
          try {
            return await follow(cli, client, run, { json, draw: treeProgress, interrupt });
          } finally {
            interrupt.dispose();
          }
        }),
      ),
    );
