import type { BareTemporal } from './bare.js';
import { countsOf, type RequestCounts } from './counts.js';
import { type Histories, historiesOf } from './histories.js';
import { type ProcessorTimes, spentSince } from './processor.js';
import type { BenchSystem } from './system.js';
import { benchOrganization, DIFFERENCES } from './workload.js';

/** One round: the three one after the other, so that a machine that is busy meanwhile is busy for all. */
export interface Round {
  repositories: number;
  /** What differs, in changes. */
  differences: number;
  plain: RequestCounts & { wallMs: number };
  first: RequestCounts & { wallMs: number; runMs: number; cpu: ProcessorTimes };
  /** The same file once more, with nothing to do. */
  again: RequestCounts & { wallMs: number };
  /** Of the first apply. */
  histories: Histories;
  /** The most memory that the worker has had so far, bytes. */
  memoryBytes: number | null;
  bareMs: number;
}

/** @throws Error where orgsaga did not commit every repository, or found something to do the second time */
export async function measureRound(
  system: BenchSystem,
  bare: BareTemporal,
  repositories: number,
): Promise<Round> {
  const { github } = system;
  const organization = benchOrganization(repositories);
  await github.reset(organization);
  const plainMs = await system.plain();
  const plain = { ...countsOf(await github.take()), wallMs: plainMs };

  await github.reset(organization);
  const before = system.cpu();
  const applied = await system.apply();
  const cpu = spentSince(before, system.cpu());
  expectTotal('committed', repositories, applied.totals);
  const first = { ...countsOf(await github.take()), wallMs: applied.wallMs, runMs: applied.runMs, cpu };
  const repeated = await system.apply();
  expectTotal('inSync', repositories, repeated.totals);
  const again = { ...countsOf(await github.take()), wallMs: repeated.wallMs };

  const memoryBytes = system.memory();

  // Each change is an activity.
  const bareMs = await bare.run(repositories, DIFFERENCES);
  const histories = await historiesOf(system.address, applied.run);
  const differences = repositories * DIFFERENCES;
  return { repositories, differences, plain, first, again, histories, memoryBytes, bareMs };
}

/** @throws Error where a run did not end with as many as that */
export function expectTotal(name: string, wanted: number, totals: Record<string, number>): void {
  if (totals[name] !== wanted)
    throw new Error(`The run ended with ${totals[name]} of ${wanted} ${name}: ${JSON.stringify(totals)}.`);
}
