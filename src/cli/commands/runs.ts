import { wholeNumber } from '../arguments.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { connected } from '../connected.js';
import { EXIT } from '../exit-codes.js';
import { table } from '../table.js';

/** `runs`: the list of runs, newest first. */
export const runsCommand = (cli: Cli) =>
  cli
    .command('runs', 'List the runs, newest first.')
    .option('--org <login>', 'only runs of this organisation')
    .option('--limit <n>', 'at most so many (1 to 1000)', wholeNumber(1, 1_000), 30)
    .option('--json', JSON_HELP)
    .addHelpText('after', examples('orgsaga runs', 'orgsaga runs --org acme --limit 5 --json'))
    .action(
      cli.action(async ({ org, limit, json = false }) =>
        connected(cli, async (client) => {
          const runs = await client.runs({ limit, ...(org === undefined ? {} : { organization: org }) });
          if (json) cli.out.json(runs);
          else if (runs.length === 0)
            cli.out.notes('There are no runs yet. Start one: orgsaga apply -f standards.yaml');
          else
            cli.out.lines(
              ...table(
                ['RUN', 'STATE', 'ORGANISATIONS', 'STARTED', 'CLOSED'],
                runs.map((run) => [
                  run.run,
                  [run.state ?? 'unknown', ...(run.phase === undefined ? [] : [run.phase])].join(', '),
                  run.organizations.join(', '),
                  run.startedAt,
                  run.closedAt ?? '',
                ]),
                cli.out.theme,
              ),
            );
          return EXIT.done;
        }),
      ),
    );
