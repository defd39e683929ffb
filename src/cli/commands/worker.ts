import { type Cli, examples, JSON_HELP } from '../cli.js';
import { EXIT } from '../exit-codes.js';
import { interruptible } from '../interrupt.js';

/** `worker`: a worker alone. */
export const workerCommand = (cli: Cli) =>
  cli
    .command(
      'worker',
      'Run a worker until SIGTERM or Ctrl-C; it finishes what is under way. Start as many as you like.',
    )
    .option('--json', JSON_HELP)
    .addHelpText(
      'after',
      examples('orgsaga worker', 'TEMPORAL_ADDRESS=temporal.example.com:7233 orgsaga worker'),
    )
    .action(
      cli.action(async ({ json = false }) => {
        const { io, deps, out } = cli;
        const config = await deps.loadConfig(io.env);
        const worker = await deps.runWorker(config);
        const interrupt = interruptible(io, () => {
          out.notes('Ending: what is under way is finished first. Again ends at once.');
          // How it ends is what `finished` says.
          worker.shutdown().catch(() => undefined);
        });
        try {
          const { taskQueue, temporal, deployment } = config;
          const version =
            deployment === undefined ? '' : `, build ${deployment.buildId} of ${deployment.name}`;
          if (json)
            out.json({
              ready: true,
              taskQueue,
              temporal: temporal.address,
              ...(deployment === undefined ? {} : { deployment }),
            });
          else out.lines(`The worker is ready: task queue ${taskQueue} at ${temporal.address}${version}.`);
          await worker.finished;
          return EXIT.done;
        } finally {
          interrupt.dispose();
        }
      }),
    );
