import { once } from 'node:events';
import { port, wholeNumber } from '../arguments.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { EXIT } from '../exit-codes.js';
import { interruptibly } from '../interrupt.js';

/** `dev`: the embedded stack in the foreground. */
export const devCommand = (cli: Cli) =>
  cli
    .command(
      'dev',
      'Run a stack to try things on until Ctrl-C: a Temporal server with Web UI, a worker, and a simulated GitHub unless GITHUB_API_URL is set. A port that is taken is replaced by a free one.',
    )
    .option('--port <port>', 'port of the Temporal server', port, 7233)
    .option('--ui-port <port>', 'port of its Web UI', port, 8233)
    .option('--github-port <port>', 'port of the simulated GitHub', port, 9233)
    .option('--repos <n>', 'repositories of its organisation acme', wholeNumber(0, 100_000), 60)
    .option('--no-worker', 'without a worker')
    .option(
      '--postgres',
      'the full Temporal server and the store on a Postgres of its own, as in production; what is in it goes with the stack',
    )
    .option('--json', JSON_HELP)
    .addHelpText(
      'after',
      examples('orgsaga dev', 'orgsaga dev --repos 500 --no-worker', 'orgsaga dev --postgres'),
    )
    .action(
      cli.action(
        async ({ port: temporalPort, uiPort, githubPort, repos, worker, postgres = false, json = false }) => {
          const { io, deps, out } = cli;
          const config = await deps.loadConfig(io.env);
          const ending = (): void => out.notes('Ending the stack. Again ends at once.');
          // Interrupted before it is ready it fails, and that is no failure.
          return interruptibly(io, ending, async (signal) => {
            const stack = await deps.startStack({
              home: config.home,
              port: temporalPort,
              uiPort,
              githubPort,
              repos,
              worker,
              postgres,
              workerLog: 'inherit',
              env: io.env,
              signal,
              onWorkerGone: () =>
                out.notes('The worker has ended; the rest goes on. Start another: orgsaga worker'),
            });
            try {
              const { temporal, ui, github, variables } = stack;
              if (json) out.json({ ready: true, temporal, ui, github, variables });
              else out.lines(`Ready: Temporal ${temporal}, Web UI ${ui}, GitHub ${github}`);
              out.notes(
                '',
                'In another terminal:',
                ...Object.entries(variables).map(([name, value]) => `  export ${name}=${value}`),
                '  orgsaga init --org acme -o standards.yaml',
                '  orgsaga apply -f standards.yaml',
                '',
                'Ctrl-C ends everything.',
              );
              if (!signal.aborted) await once(signal, 'abort');
            } finally {
              await stack.stop();
            }
            return EXIT.done;
          });
        },
      ),
    );
