import type { Config } from '../../config.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { type Check, exitCodeOfChecks, fail, ok } from '../doctor/check.js';
import { checkDevServer, checkDirectory, checkNode, checkStore } from '../doctor/local.js';
import { checkGitHub, checkTemporal } from '../doctor/servers.js';
import { oneLine } from '../theme.js';

async function configured({ deps, io }: Cli): Promise<{ check: Check; config: Config | null }> {
  try {
    const config = await deps.loadConfig(io.env);
    return { check: ok('configuration', 'valid'), config };
  } catch (error) {
    return {
      check: fail('configuration', error, 'Correct what it names; the other checks need it.'),
      config: null,
    };
  }
}

async function* allChecks(cli: Cli): AsyncGenerator<Check> {
  const { deps, io } = cli;
  yield checkNode(process.versions.node);
  const { check, config } = await configured(cli);
  yield check;
  if (config !== null) {
    yield await checkDirectory(config.home);
    yield await checkStore(config, deps);
    yield* await checkTemporal(config, deps);
    yield* await checkGitHub(config, deps, io.env);
  }
  yield checkDevServer(io.env);
}

/** `doctor`: checks all that the program needs and says what to do. */
export const doctorCommand = (cli: Cli) =>
  cli
    .command('doctor', 'Check everything that orgsaga needs here, and say what to do about what is missing.')
    .option('--json', JSON_HELP)
    .addHelpText('after', examples('orgsaga doctor', 'orgsaga doctor --json'))
    .addHelpText(
      'after',
      '\nExits 0 when nothing failed (a warning is no failure), 4 when authentication alone did, else 1.',
    )
    .action(
      cli.action(async ({ json = false }) => {
        const { theme } = cli.out;
        const word = { ok: theme.green('ok  '), warn: theme.yellow('warn'), fail: theme.red('fail') };
        const checks: Check[] = [];
        for await (const check of allChecks(cli)) {
          checks.push(check);
          if (json) continue;
          cli.out.lines(`${word[check.level]}  ${check.check}: ${oneLine(check.detail)}`);
          if (check.hint !== null) cli.out.lines(`      ${oneLine(check.hint)}`);
        }
        if (json)
          cli.out.json(
            checks.map(({ check, level, detail, hint }) => ({
              check,
              ok: level !== 'fail',
              level,
              detail,
              hint,
            })),
          );
        return exitCodeOfChecks(checks);
      }),
    );
