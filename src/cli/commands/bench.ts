import { writeFile } from 'node:fs/promises';
import { Option } from '@commander-js/extra-typings';
import { wholeNumber } from '../arguments.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { interruptibly } from '../interrupt.js';

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(`The chart cannot be written: ${why}`, EXIT.error);
  }
}

/** `bench`: the strategies side by side on this machine. */
export const benchCommand = (cli: Cli) =>
  cli
    .command(
      'bench',
      'Compare the strategies of apply on this machine, and find the best batch size, concurrency and number of workers: on a Temporal server and a simulated GitHub of its own. Takes minutes; touches nothing else.',
    )
    .option('--items <n>', 'repositories to change', wholeNumber(1, 10_000), 500)
    .option('--latency <ms>', 'of each answer of GitHub', wholeNumber(0, 10_000), 50)
    .addOption(
      new Option('--limits <limits>', "GitHub's limits; with the documented ones each run takes minutes")
        .choices(['none', 'documented'] as const)
        .default('none' as const),
    )
    .option('--quick', 'only the three strategies as they are by default, without the search')
    .option('-o, --output <file>', 'writes the chart there, as SVG')
    .option('--json', JSON_HELP)
    .addHelpText('after', examples('orgsaga bench', 'orgsaga bench --items 100 -o strategies.svg'))
    .action(
      cli.action(async ({ items, latency: latencyMs, limits, quick = false, output, json = false }) => {
        const { io, deps, out } = cli;
        return interruptibly(
          io,
          () => out.notes('Ending. Again ends at once.'),
          async (signal) => {
            const onProgress = (says: string): void => out.notes(says);
            const bench = await deps.bench({ items, latencyMs, limits, quick, signal, onProgress });
            const { strategyReport, strategyChart } = await import('../../dev/bench/strategy-report.js');
            if (json) out.json(bench);
            else out.lines(...strategyReport(bench, out.theme));
            if (output !== undefined) {
              await write(output, strategyChart(bench));
              out.notes(`Wrote ${output}.`);
            }
            return EXIT.done;
          },
        );
      }),
    );
