import { InvalidArgumentError } from '@commander-js/extra-typings';
import type { BreakerOrder } from '../../policies/breaker-orders.js';
import { LANES, type Lane } from '../../policies/lanes.js';
import { redact } from '../../security/redact.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { EXIT } from '../exit-codes.js';
import { cachesOf, limitsOf, workersView } from '../github-status.js';
import { renderGitHubStatus } from '../render-github-status.js';
import { oneLine } from '../theme.js';

const LONGEST_REASON = 200;
const NO_WORKER =
  'No worker that shares this store (ORGSAGA_HOME, or DATABASE_URL) and this GITHUB_API_URL has said that it is there.';

function lane(text: string): Lane {
  const found = LANES.find((each) => each === text);
  if (found === undefined) throw new InvalidArgumentError(`It must be one of ${LANES.join(', ')}.`);
  return found;
}

const statusCommand = (cli: Cli) =>
  cli
    .command('status', 'Show limits, cache, circuit breakers and workers. Needs no server.')
    .option('--json', JSON_HELP)
    .addHelpText('after', examples('orgsaga github status', 'orgsaga github status --json'))
    .addHelpText(
      'after',
      '\nLimits and cache are those of this environment’s own tokens; the rest is what the workers of the store have said.',
    )
    .action(
      cli.action(async ({ json = false }) => {
        const { io, deps, out } = cli;
        const config = await deps.loadConfig(io.env);
        const host = config.github.apiUrl;
        const [{ limits, exitCode }, cache, view] = await Promise.all([
          limitsOf(config, deps, io.env),
          cachesOf(config, deps, io.env),
          deps.withStore(config, (store) => workersView(store, host)),
        ]);
        const status = { host, limits, cache, ...view };
        if (json) out.json(status);
        else out.lines(...renderGitHubStatus(status, out.theme, Date.now()));
        for (const { token, error } of limits)
          if (error !== null) out.notes(`The limits of token ${token} are not known: ${oneLine(error)}`);
        if (view.workers.length === 0) out.notes(NO_WORKER);
        return exitCode;
      }),
    );

/** Tells all workers of the store what to do with the breakers of a lane, or of all. */
async function order(
  { io, deps, out }: Cli,
  kind: BreakerOrder['kind'],
  asked: { lane?: Lane | undefined; reason?: string | undefined; json?: true | undefined },
): Promise<void> {
  const config = await deps.loadConfig(io.env);
  const host = config.github.apiUrl;
  const lanes = asked.lane === undefined ? [...LANES] : [asked.lane];
  const reason = redact(oneLine(asked.reason ?? '')).slice(0, LONGEST_REASON);
  const gates = await deps.withStore(config, async (store) => {
    await store.orderBreakers(host, { kind, actor: config.actor, reason }, lanes);
    return store.gates(host);
  });
  if (gates.length === 0) out.notes(NO_WORKER);
  if (asked.json) return out.json({ host, lanes, order: kind, actor: config.actor, reason });
  const what = lanes.length === LANES.length ? 'everything' : `the ${lanes.join(', ')} lane`;
  if (kind === 'isolate')
    out.lines(
      `Isolated: ${what} at ${oneLine(host)}. Workers begin no request there, runs wait, and nothing fails.`,
      'Open it again: orgsaga github reset',
    );
  else
    out.lines(
      `Reset: ${what} at ${oneLine(host)}.`,
      'What waits goes on when it asks again: within half a minute, after hours of waiting within a quarter of an hour.',
    );
}

const isolateCommand = (cli: Cli) =>
  cli
    .command(
      'isolate',
      'Keep all workers from GitHub until `github reset`. Runs wait, and no retry is used up.',
    )
    .option('--lane <lane>', `only one of ${LANES.join(', ')}`, lane)
    .option('--reason <text>', 'why; shown to those who wait, and kept')
    .option('--json', JSON_HELP)
    .addHelpText(
      'after',
      examples('orgsaga github isolate --reason "GitHub incident"', 'orgsaga github isolate --lane write'),
    )
    .action(
      cli.action(async (asked) => {
        await order(cli, 'isolate', asked);
        return EXIT.done;
      }),
    );

const resetCommand = (cli: Cli) =>
  cli
    .command('reset', 'Close the circuit breakers, isolated ones too.')
    .option('--lane <lane>', `only one of ${LANES.join(', ')}`, lane)
    .option('--reason <text>', 'why; kept')
    .option('--json', JSON_HELP)
    .addHelpText('after', examples('orgsaga github reset', 'orgsaga github reset --lane write'))
    .action(
      cli.action(async (asked) => {
        await order(cli, 'reset', asked);
        return EXIT.done;
      }),
    );

/** `github`: what stands between the workers and GitHub, and the switch. */
export function githubCommand(cli: Cli) {
  const command = cli
    .command('github', 'Limits, circuit breakers and workers: status, isolate, reset.')
    .addHelpText(
      'after',
      examples('orgsaga github status', 'orgsaga github isolate', 'orgsaga github reset'),
    );
  command.addCommand(statusCommand(cli));
  command.addCommand(isolateCommand(cli));
  command.addCommand(resetCommand(cli));
  return command;
}
