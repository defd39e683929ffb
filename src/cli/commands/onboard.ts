import { notBlank } from '../arguments.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import type { ExitCode } from '../exit-codes.js';
import { runSaga, type SagaAsked } from '../run-saga.js';

async function onboard(cli: Cli, asked: SagaAsked & { file: string }): Promise<ExitCode> {
  const config = await cli.deps.loadConfig(cli.io.env);
  const { steps, ...what } = await cli.deps.loadOnboarding(asked.file, config);
  const listed = steps.map(({ name, uses }) => `${name} (${uses})`).join(', ');
  return runSaga(cli, asked, `Onboard ${what.item}: ${listed}?`, { kind: 'onboard', ...what });
}

/** `onboard -f F`: a repository with its pipeline, its monitoring and a word to its team, or none of it. */
export const onboardCommand = (cli: Cli) =>
  cli
    .command(
      'onboard',
      'Make a repository and what belongs to it in other systems, all or nothing. Ctrl-C only detaches.',
    )
    .requiredOption('-f, --file <file>', 'the onboarding file')
    .option(
      '--adopt',
      'where the repository is there already take it up instead of refusing; it is then never deleted',
    )
    .option('-y, --yes', 'do not ask; needed without a terminal')
    .option('--detach', 'return once the run is accepted')
    .option('--wait', 'wait for another run on the organisation instead of being refused')
    .option('--key <key>', 'request key: the same key starts one run, however often it is sent', notBlank)
    .option('--no-graphql', 'use REST for everything on GitHub')
    .option('--json', JSON_HELP)
    .addHelpText(
      'after',
      examples(
        'orgsaga onboard -f onboarding.yaml',
        'orgsaga onboard -f onboarding.yaml --yes --json --key payments',
        'orgsaga onboard -f onboarding.yaml --adopt --detach',
      ),
    )
    .addHelpText(
      'after',
      '\nExits 0 when all is there, 3 when it failed and is undone, 5 when something is left for a person, 1 when it exists already.',
    )
    .action(cli.action(async (asked) => onboard(cli, asked)));
