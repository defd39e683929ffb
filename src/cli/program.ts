import { readFileSync } from 'node:fs';
import type { Command } from '@commander-js/extra-typings';
import { type Cli, examples } from './cli.js';
import { applyCommand } from './commands/apply.js';
import { approveCommand } from './commands/approve.js';
import { benchCommand } from './commands/bench.js';
import { cancelCommand } from './commands/cancel.js';
import { createRepoCommand } from './commands/create-repo.js';
import { deadLettersCommand } from './commands/dead-letters.js';
import { devCommand } from './commands/dev.js';
import { doctorCommand } from './commands/doctor.js';
import { githubCommand } from './commands/github.js';
import { initCommand } from './commands/init.js';
import { onboardCommand } from './commands/onboard.js';
import { planCommand } from './commands/plan.js';
import { resolveCommand } from './commands/resolve.js';
import { rollbackCommand } from './commands/rollback.js';
import { runsCommand } from './commands/runs.js';
import { scheduleCommand } from './commands/schedule.js';
import { statusCommand } from './commands/status.js';
import { validateCommand } from './commands/validate.js';
import { watchCommand } from './commands/watch.js';
import { workerCommand } from './commands/worker.js';

const EXIT_CODES = `
Exit codes:
  0 done   1 error   2 wrong usage or invalid input   3 rolled back   4 authentication
  5 needs a person   7 changes pending (plan, schedule)   8 a waiting command gave up   130 interrupted`;

function version(): string {
  const { version: text } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as {
    version: string;
  };
  return text;
}

/** The whole command line. */
export function createProgram(cli: Cli): Command {
  const program = cli
    .command('orgsaga', 'Apply and undo changes to GitHub organisations as durable transactions.')
    .version(version(), '-V, --version', 'print the version')
    .addHelpText(
      'after',
      examples(
        'orgsaga dev                        a stack to try it on',
        'orgsaga init --org acme -o standards.yaml',
        'orgsaga plan -f standards.yaml     what would change',
        'orgsaga apply -f standards.yaml    change it',
      ),
    )
    .addHelpText('after', EXIT_CODES);
  const commands = [
    initCommand,
    validateCommand,
    planCommand,
    applyCommand,
    createRepoCommand,
    onboardCommand,
    runsCommand,
    statusCommand,
    watchCommand,
    cancelCommand,
    approveCommand,
    rollbackCommand,
    resolveCommand,
    deadLettersCommand,
    githubCommand,
    scheduleCommand,
    benchCommand,
    devCommand,
    workerCommand,
    doctorCommand,
  ];
  for (const create of commands) program.addCommand(create(cli) as Command);
  return program;
}
