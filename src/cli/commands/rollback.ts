import { notBlank } from '../arguments.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { confirm } from '../confirm.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { barProgress } from '../progress.js';
import { startRun } from '../start-run.js';

interface Asked {
  yes?: true;
  force?: true;
  wait?: true;
  detach?: true;
  json?: true;
}

async function rollback(cli: Cli, of: string, asked: Asked): Promise<ExitCode> {
  const { io, out } = cli;
  const { yes = false, force = false, wait = false, detach = false, json = false } = asked;
  const question = `Take back everything that ${of} has changed${force ? ', and what others have changed in it since' : ''}?`;
  if (!yes && !(await confirm(io, question))) {
    out.notes('Nothing was done.');
    return EXIT.error;
  }
  return startRun(cli, {
    start: (client, actor) => client.rollback({ of, actor, force, wait }),
    existing: 'It is being rolled back already',
    detach,
    json,
    draw: barProgress,
  });
}

/** `rollback RUN`: take back what a run has changed, as a run of its own. */
export const rollbackCommand = (cli: Cli) =>
  cli
    .command(
      'rollback',
      'Take back everything that a run has changed, newest first, as a run of its own. What somebody else has changed since is left and listed. Ctrl-C only detaches.',
    )
    .argument('<run>', 'the run, as apply and runs print it', notBlank)
    .option('-y, --yes', 'do not ask; needed without a terminal')
    .option('--force', 'put back also what somebody else has changed since')
    .option('--wait', 'wait for another run on the organisation instead of being refused')
    .option('--detach', 'return once the rollback is accepted')
    .option('--json', JSON_HELP)
    .addHelpText(
      'after',
      examples(
        'orgsaga rollback apply-acme-1',
        'orgsaga rollback apply-acme-1 --yes --json',
        'orgsaga rollback apply-acme-1-rollback --yes     bring it forward again',
      ),
    )
    .addHelpText(
      'after',
      '\nExits 0 when all is as before, 5 with conflicts left, dead letters or anything else that needs a person.',
    )
    .action(cli.action(async (run, asked) => rollback(cli, run, asked)));
