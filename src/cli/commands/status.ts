import { notBlank } from '../arguments.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { connected } from '../connected.js';
import { EXIT } from '../exit-codes.js';
import { nextCommands } from '../hints.js';
import { runTree } from '../run-tree.js';

/** `status RUN`: the transaction tree of a run as it is now. */
export const statusCommand = (cli: Cli) =>
  cli
    .command(
      'status',
      'Show a run as a tree: where it stands, its counts, what waits for a person. Exits 0 whatever the state.',
    )
    .argument('<run>', 'the run, as apply and runs print it', notBlank)
    .option('--json', JSON_HELP)
    .addHelpText('after', examples('orgsaga status apply-acme-1', 'orgsaga status apply-acme-1 --json'))
    .action(
      cli.action(async (run, { json = false }) =>
        connected(cli, async (client) => {
          const status = await client.status(run);
          if (json) cli.out.json(status);
          else cli.out.lines(...runTree(status, cli.out.theme));
          const next = nextCommands(status);
          if (!json && next.length > 0) cli.out.notes('', 'Next:', ...next.map((command) => `  ${command}`));
          return EXIT.done;
        }),
      ),
    );
