import { concurrencyOf, STRATEGIES, type Strategy } from '../../policies/strategies.js';
import { startUpSettings } from '../../workflows/start-up-settings.js';
import { countsOf } from './counts.js';
import { expectTotal } from './measure.js';
import { type Measured, type Setting, searchBest } from './search.js';
import { type BenchSystem, startSystem } from './system.js';
import { benchOrganization, DOCUMENTED_LANES, NO_LAG, OPEN_LANES } from './workload.js';

export interface StrategyOptions {
  /** Repositories, each with the same four changes. */
  items: number;
  /** Of each answer of the simulated GitHub, milliseconds. */
  latencyMs: number;
  /** Whether GitHub has its documented limits, and the workers keep to them; then it takes minutes for each setting. */
  limits: 'none' | 'documented';
  /** Only the strategies as they are by default; the best is then one of these. */
  quick: boolean;
  signal?: AbortSignal;
  /** Told before and after each setting is measured. */
  onProgress?: (says: string) => void;
}

export interface StrategyBench {
  items: number;
  latencyMs: number;
  limits: 'none' | 'documented';
  /** Sequential, parallel, batched, each as `apply --strategy` has it by default. */
  strategies: Measured[];
  /** Every other setting of the batched strategy that was tried, in order. */
  tried: Measured[];
  /** The fastest of all, without a refusal. */
  best: Measured;
}

/** Repositories that a worker changes before it is measured. */
const WARM_UP = 10;
const { size: SIZE } = startUpSettings.batch;
/** Worker processes with which the best setting is tried, too. */
const WORKERS = [2, 4];

const defaultOf = (strategy: Strategy): Setting => ({
  strategy,
  concurrency: concurrencyOf({ strategy, concurrency: null }, startUpSettings),
  batchSize: strategy === 'batched' ? SIZE : 1,
  workers: 1,
});

/** Applies the same file to the same organisation by each strategy, then looks for what is fastest. @throws Error where a run fails */
export async function measureStrategies(options: StrategyOptions): Promise<StrategyBench> {
  const { items, latencyMs, limits, quick, signal, onProgress } = options;
  onProgress?.('Starting Temporal in memory and a simulated GitHub…');
  const system = await startSystem({ latencyMs, limits, signal });
  try {
    let slowest: number | null = null;
    const measure = async (setting: Setting): Promise<Measured> => {
      const { strategy, concurrency, batchSize, workers } = setting;
      const batches = strategy === 'batched' ? `, batches of ${batchSize}` : '';
      const by = workers === 1 ? '' : `, ${workers} workers`;
      onProgress?.(`${items} repositories, ${strategy}, ${concurrency} at once${batches}${by}…`);
      const measured = await measureOne(system, options, setting);
      slowest ??= measured.itemsPerSecond;
      // Whoever ends it early has what was measured so far.
      onProgress?.(`  ${measured.itemsPerSecond.toFixed(1)} a second`);
      return { ...measured, speedUp: measured.itemsPerSecond / slowest };
    };
    const strategies: Measured[] = [];
    for (const strategy of STRATEGIES) strategies.push(await measure(defaultOf(strategy)));
    const { tried, best } = await searchBest(strategies, quick ? null : measure, WORKERS);
    return { items, latencyMs, limits, strategies, tried, best };
  } finally {
    await system.stop();
  }
}

async function measureOne(
  system: BenchSystem,
  { items, limits }: StrategyOptions,
  setting: Setting,
): Promise<Omit<Measured, 'speedUp'>> {
  const { strategy, concurrency, batchSize, workers } = setting;
  const lanes = limits === 'documented' ? DOCUMENTED_LANES : OPEN_LANES;
  // Its memory is that of this setting alone.
  await system.work(`${lanes}${NO_LAG}batch: { size: ${batchSize} }\n`, workers);
  // A worker's first run is slower than any after it.
  await system.github.reset(benchOrganization(WARM_UP * workers));
  await system.apply();
  await system.github.reset(benchOrganization(items));
  const { runMs, totals } = await system.apply('--strategy', strategy, '--concurrency', String(concurrency));
  expectTotal('committed', items, totals);
  const { requests, limited } = countsOf(await system.github.take());
  return {
    ...setting,
    durationMs: runMs,
    itemsPerSecond: (items * 1_000) / runMs,
    requests,
    refused: limited,
    memoryBytes: system.memory(),
  };
}
