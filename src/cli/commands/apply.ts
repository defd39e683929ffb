import { Option } from '@commander-js/extra-typings';
import { STRATEGIES } from '../../policies/strategies.js';
import type { StandardsDocument } from '../../standards/document.js';
import type { ApplyOptions } from '../../workflows/contract.js';
import { notBlank, wholeNumber } from '../arguments.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { confirm } from '../confirm.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { barProgress } from '../progress.js';
import { loadChecked } from '../standards-file.js';
import { ASKED_BEFORE, startRun } from '../start-run.js';

function question(file: string, { organizations }: StandardsDocument): string {
  const rules = organizations.reduce((sum, { repositories }) => sum + repositories.length, 0);
  const logins = organizations.map(({ login }) => login).join(', ');
  return `Apply ${file} (${rules} repository ${rules === 1 ? 'rule' : 'rules'}) to ${logins}?`;
}

interface Asked {
  file: string;
  yes: boolean;
  detach: boolean;
  key: string | null;
  json: boolean;
  options: ApplyOptions;
}

async function apply(cli: Cli, { file, yes, detach, key, json, options }: Asked): Promise<ExitCode> {
  const { io, deps, out } = cli;
  const { document, hash } = await loadChecked(deps, file);
  if (!yes && !(await confirm(io, question(file, document)))) {
    out.notes(`Nothing was done. What would change: orgsaga plan -f ${file}`);
    return EXIT.error;
  }
  return startRun(cli, {
    start: (client, actor) => client.apply({ document, hash, actor, key, options }),
    existing: ASKED_BEFORE,
    detach,
    json,
    draw: barProgress,
  });
}

/** `apply`: bring organisations to what the file says, as one durable run. */
export const applyCommand = (cli: Cli) =>
  cli
    .command(
      'apply',
      'Apply a standards file as one durable run, and follow it until it is at rest. Ctrl-C only detaches.',
    )
    .requiredOption('-f, --file <file>', 'the standards file')
    .option('-y, --yes', 'do not ask; needed without a terminal')
    .option('--detach', 'return once the run is accepted')
    .option('--wait', 'wait for another run on the organisation instead of being refused')
    .option('--key <key>', 'request key: the same key starts one run, however often it is sent', notBlank)
    .option('--allow-removals', 'let the plan remove more than 25 % of a kind')
    .addOption(
      new Option('--strategy <strategy>', 'how repositories are worked through')
        .choices(STRATEGIES)
        .default('batched' as const),
    )
    .option(
      '--concurrency <n>',
      'repositories at once (1 to 500); the strategy has its own default',
      wholeNumber(1, 500),
    )
    .option('--no-graphql', 'use REST for everything')
    .option('--json', JSON_HELP)
    .addHelpText(
      'after',
      examples(
        'orgsaga apply -f standards.yaml',
        'orgsaga apply -f standards.yaml --yes --json',
        'orgsaga apply -f standards.yaml --yes --detach --key nightly-2025-01-31',
      ),
    )
    .addHelpText(
      'after',
      '\nExits 0 when all is committed, 5 with dead letters or anything else that needs a person, 3 when rolled back or cancelled.',
    )
    .action(
      cli.action(async (asked) =>
        apply(cli, {
          file: asked.file,
          yes: asked.yes ?? false,
          detach: asked.detach ?? false,
          key: asked.key ?? null,
          json: asked.json ?? false,
          options: {
            strategy: asked.strategy,
            concurrency: asked.concurrency ?? null,
            graphql: asked.graphql,
            allowRemovals: asked.allowRemovals ?? false,
            wait: asked.wait ?? false,
          },
        }),
      ),
    );
