import { InvalidArgumentError } from '@commander-js/extra-typings';
import type { ScheduleSummary } from '../../api.js';
import { notBlank } from '../arguments.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { connected } from '../connected.js';
import { driftExit, driftLines, foundOf } from '../drift-report.js';
import { EXIT } from '../exit-codes.js';
import { interruptible } from '../interrupt.js';
import { loadChecked } from '../standards-file.js';
import { table } from '../table.js';
import type { Theme } from '../theme.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

function nameOf(text: string): string {
  if (!NAME.test(text)) throw new InvalidArgumentError('It must be 1 to 100 letters, digits, ., _ or -.');
  return text;
}

function timeZoneOf(text: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new InvalidArgumentError('It must be a time zone such as UTC or Europe/Berlin.');
  }
}

const createCommand = (cli: Cli) =>
  cli
    .command('create', 'Check on a cron whether the organisations of a standards file still are as it says.')
    .requiredOption('-f, --file <file>', 'the standards file; the schedule keeps it as it is now')
    .requiredOption(
      '--cron <cron>',
      'five fields (minute hour day month weekday), or @hourly, @daily and the like',
      notBlank,
    )
    .option('--name <name>', 'of the schedule; the first organisation’s login unless given', nameOf)
    .option('--time-zone <zone>', 'in which the cron is read', timeZoneOf, 'UTC')
    .option('--apply', 'put right what has drifted, by a run like any other')
    .option('--allow-removals', 'with --apply: let a run remove more than 25 % of a kind')
    .option('--no-graphql', 'use REST for everything')
    .option('--replace', 'take the place of a schedule of that name')
    .option('--json', JSON_HELP)
    .addHelpText(
      'after',
      examples(
        "orgsaga schedule create -f standards.yaml --cron '0 6 * * *'",
        "orgsaga schedule create -f standards.yaml --cron '@hourly' --name hourly --apply --replace",
      ),
    )
    .action(
      cli.action(async ({ file, cron, timeZone, graphql, json = false, ...asked }) => {
        const { document, hash } = await loadChecked(cli.deps, file);
        const name = asked.name ?? document.organizations[0]?.login ?? 'drift';
        const applies = asked.apply ?? false;
        await connected(cli, (client) =>
          client.schedules.create({
            name,
            cron,
            timeZone,
            applies,
            replace: asked.replace ?? false,
            apply: {
              document,
              hash,
              actor: `schedule ${name}`,
              key: null,
              options: {
                strategy: 'batched',
                concurrency: null,
                graphql,
                allowRemovals: asked.allowRemovals ?? false,
                wait: false,
              },
            },
          }),
        );
        if (json) cli.out.json({ name, cron, timeZone, applies });
        else cli.out.lines(`Schedule ${name}: ${cron} (${timeZone})`);
        cli.out.notes(`Check now: orgsaga schedule run ${name}`);
        return EXIT.done;
      }),
    );

const listCommand = (cli: Cli) =>
  cli
    .command('list', 'List the schedules and what the newest check of each has found.')
    .option('--exit-code', 'exit 7 where something differs that no run puts right')
    .option('--json', JSON_HELP)
    .addHelpText('after', examples('orgsaga schedule list', 'orgsaga schedule list --exit-code --json'))
    .action(
      cli.action(async ({ exitCode = false, json = false }) =>
        connected(cli, async (client) => {
          const schedules = await client.schedules.list();
          if (json) cli.out.json(schedules);
          else if (schedules.length === 0)
            cli.out.notes(
              "There are no schedules. Make one: orgsaga schedule create -f standards.yaml --cron '@daily'",
            );
          else cli.out.lines(...scheduleTable(schedules, cli.out.theme));
          const differs = schedules.some(
            ({ found }) => found !== null && found.items > 0 && found.run === null,
          );
          return exitCode && differs ? EXIT.changes : EXIT.done;
        }),
      ),
    );

const scheduleTable = (schedules: readonly ScheduleSummary[], theme: Theme): string[] =>
  table(
    ['NAME', 'ORGANISATIONS', 'CRON', 'DOES', 'NEXT CHECK', 'FOUND'],
    schedules.map((one) => [
      one.name,
      one.organizations.join(', '),
      one.timeZone === 'UTC' ? one.cron : `${one.cron} ${one.timeZone}`,
      one.applies ? 'applies' : 'looks',
      one.paused ? `paused${one.note === null ? '' : `: ${one.note}`}` : (one.nextCheckAt ?? ''),
      foundOf(one),
    ]),
    theme,
  );

const runCommand = (cli: Cli) =>
  cli
    .command(
      'run',
      'Check now, and wait for what is found; with --apply in the schedule, for its run to be at rest.',
    )
    .argument('<name>', 'of the schedule', nameOf)
    .option('--json', JSON_HELP)
    .addHelpText('after', examples('orgsaga schedule run acme', 'orgsaga schedule run acme --json'))
    .addHelpText(
      'after',
      '\nExits 0 where all is as the file says, 7 where something differs, 1 where it could not be checked; with a run, as that ended.',
    )
    .action(
      cli.action(async (name, { json = false }) =>
        connected(cli, async (client) => {
          const { out } = cli;
          const interrupt = interruptible(cli.io);
          try {
            const { check, existing } = await client.schedules.begin(name);
            out.notes(existing ? `A check is under way: ${check}` : `Check ${check}`);
            const report = await client.schedules.follow(check, {
              signal: interrupt.signal,
              onNoWorker: () =>
                out.notes('No worker has polled for 10 s; still waiting. Start one: orgsaga worker'),
            });
            if (typeof report === 'string') {
              const why = report === 'aborted' ? 'Detached' : 'No server for five minutes';
              out.notes(`${why}; the check ${check} goes on. What it finds: orgsaga schedule list`);
              return report === 'aborted' ? EXIT.interrupted : EXIT.gaveUp;
            }
            if (json) out.json({ check, ...report });
            else out.lines(...driftLines(report));
            if (report.run !== null) out.notes(`See the run: orgsaga status ${report.run}`);
            return driftExit(report);
          } finally {
            interrupt.dispose();
          }
        }),
      ),
    );

const pauseCommand = (cli: Cli) =>
  cli
    .command('pause', 'Begin no more checks; one that is under way goes on.')
    .argument('<name>', 'of the schedule', nameOf)
    .option('--note <text>', 'why, for who lists the schedules', notBlank, 'paused by hand')
    .option('--json', JSON_HELP)
    .addHelpText('after', examples("orgsaga schedule pause acme --note 'reorganising teams'"))
    .action(
      cli.action(async (name, { note, json = false }) => {
        await connected(cli, (client) => client.schedules.pause(name, note));
        if (json) cli.out.json({ name, paused: true });
        cli.out.notes(`Paused. Go on: orgsaga schedule resume ${name}`);
        return EXIT.done;
      }),
    );

const resumeCommand = (cli: Cli) =>
  cli
    .command('resume', 'Begin checks again.')
    .argument('<name>', 'of the schedule', nameOf)
    .option('--json', JSON_HELP)
    .addHelpText('after', examples('orgsaga schedule resume acme'))
    .action(
      cli.action(async (name, { json = false }) => {
        await connected(cli, (client) => client.schedules.resume(name, 'resumed by hand'));
        if (json) cli.out.json({ name, paused: false });
        return EXIT.done;
      }),
    );

const deleteCommand = (cli: Cli) =>
  cli
    .command('delete', 'Delete a schedule. A check or a run of it that is under way goes on.')
    .argument('<name>', 'of the schedule', nameOf)
    .option('--json', JSON_HELP)
    .addHelpText('after', examples('orgsaga schedule delete acme'))
    .action(
      cli.action(async (name, { json = false }) => {
        await connected(cli, (client) => client.schedules.delete(name));
        if (json) cli.out.json({ name, deleted: true });
        return EXIT.done;
      }),
    );

/** `schedule`: checks of drift on a cron. */
export function scheduleCommand(cli: Cli) {
  const command = cli
    .command(
      'schedule',
      'Look for drift on a cron, and put it right if you like: create, list, run, pause, resume, delete.',
    )
    .addHelpText(
      'after',
      examples("orgsaga schedule create -f standards.yaml --cron '0 6 * * *'", 'orgsaga schedule list'),
    );
  command.addCommand(createCommand(cli));
  command.addCommand(listCommand(cli));
  command.addCommand(runCommand(cli));
  command.addCommand(pauseCommand(cli));
  command.addCommand(resumeCommand(cli));
  command.addCommand(deleteCommand(cli));
  return command;
}
