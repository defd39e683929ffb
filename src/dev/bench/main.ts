import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type BareTemporal, startBare } from './bare.js';
import { measureCached } from './cached.js';
import { measureDocumented } from './documented.js';
import { type Figures, figuresOf } from './figures.js';
import { measureRound, type Round } from './measure.js';
import { report, reportCached, reportDocumented, reportScaled, reportStreamed } from './report.js';
import { measureScaling } from './scaling.js';
import { boundsKept, measureStreaming } from './streaming.js';
import { type BenchSystem, type SystemOptions, startSystem } from './system.js';
import { OPEN_LANES } from './workload.js';

const USAGE = `usage: npm run bench -- [--repos N,N] [--stream N,N] [--workers N,N] [--quick] [--documented] [--postgres] [--json]
  --repos N,N  numbers of repositories, 100,500 unless given; the largest is measured three times
  --stream N,N numbers of repositories that are read with nothing to do, 500,10000 unless given
  --workers N,N numbers of worker processes, 1,2,4 unless given
  --quick      one round of each
  --documented also the largest at a GitHub with its documented limits, in real time: minutes
  --postgres   on the full Temporal server and a store on Postgres, in place of a server in memory and SQLite
  --json       one JSON value on stdout instead of tables
Exits 1 where it wrote anything but what differs, read too much, had too long a history, or was charged for what it had read
before; times and memory decide nothing.`;

/** As far as GitHub's own answers usually are, milliseconds. */
const LATENCY_MS = 50;
const ROUNDS = 3;
/** Repositories that are read again and again, with and without the cache. */
const READ_AGAIN = 100;
const MOST_REPOSITORIES = 10_000;
const MOST_WORKERS = 16;

function numbersOf(text: string, option: string, most: number): number[] {
  const sizes = text.split(',').map(Number);
  if (!sizes.every((size) => Number.isInteger(size) && size >= 1 && size <= most))
    throw new Error(`--${option} must be whole numbers from 1 to ${most}, not ${text}`);
  return sizes.toSorted((a, b) => a - b);
}

/** Progress goes to stderr: stdout is for what comes out. */
const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function measure(
  system: BenchSystem,
  bare: BareTemporal,
  repositories: number,
  rounds: number,
): Promise<Figures> {
  const done: Round[] = [];
  for (let number = 1; number <= rounds; number += 1) {
    say(`${repositories} repositories, round ${number} of ${rounds}: plain script, orgsaga, bare Temporal…`);
    done.push(await measureRound(system, bare, repositories));
  }
  return figuresOf(done);
}

async function bench(where: SystemOptions, sizes: readonly number[], rounds: number): Promise<Figures[]> {
  const temporal = where.postgres === true ? 'the full Temporal server on Postgres' : 'Temporal in memory';
  say(`Starting ${temporal}, a simulated GitHub, and two workers…`);
  const system = await startSystem(where);
  try {
    await system.work(OPEN_LANES);
    const bare = await startBare(system.address);
    try {
      const figures: Figures[] = [];
      for (const size of sizes)
        figures.push(await measure(system, bare, size, size === sizes.at(-1) ? rounds : 1));
      return figures;
    } finally {
      await bare.stop();
    }
  } finally {
    await system.stop();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      repos: { type: 'string', default: '100,500' },
      stream: { type: 'string', default: '500,10000' },
      workers: { type: 'string', default: '1,2,4' },
      quick: { type: 'boolean', default: false },
      documented: { type: 'boolean', default: false },
      postgres: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${USAGE}\n`);
  // What was started is killed when this process exits, which a signal alone would not let it know.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const sizes = numbersOf(values.repos, 'repos', MOST_REPOSITORIES);
  const streamSizes = numbersOf(values.stream, 'stream', MOST_REPOSITORIES);
  const where = { latencyMs: LATENCY_MS, postgres: values.postgres };
  const workerCounts = numbersOf(values.workers, 'workers', MOST_WORKERS);
  const figures = await bench(where, sizes, values.quick ? 1 : ROUNDS);
  const again = Math.min(READ_AGAIN, sizes.at(-1) ?? 0);
  say(`${again} repositories read again and again, with and without the cache…`);
  const cached = await measureCached(LATENCY_MS, again);
  const streamed = await measureStreaming(where, streamSizes, say);
  const scaled = await measureScaling(where, again, workerCounts, say);
  const documented = values.documented ? await measureDocumented(where, sizes.at(-1) ?? 0, say) : null;
  const machine = { cores: availableParallelism(), node: process.version };
  const out = values.json
    ? [
        JSON.stringify({
          latencyMs: LATENCY_MS,
          machine,
          postgres: values.postgres,
          figures,
          cached,
          streamed,
          scaled,
          documented,
        }),
      ]
    : [
        ...report(figures, LATENCY_MS),
        ...reportCached(cached),
        ...reportStreamed(streamed),
        ...reportScaled(scaled),
        ...(documented === null ? [] : reportDocumented(documented)),
      ];
  process.stdout.write(`${out.join('\n')}\n`);
  if (![...figures, cached].every(({ countsMet }) => countsMet) || !boundsKept(streamed))
    process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exitCode = 1;
});
