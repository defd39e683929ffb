import type { Strategy } from '../../policies/strategies.js';

/** How repositories are worked through. */
export interface Setting {
  strategy: Strategy;
  /** Repositories at once. */
  concurrency: number;
  /** Repositories that begin together. */
  batchSize: number;
  /** Worker processes. */
  workers: number;
}

export interface Measured extends Setting {
  /** Of the run, milliseconds. */
  durationMs: number;
  itemsPerSecond: number;
  /** Beside the first that was measured. */
  speedUp: number;
  requests: number;
  /** Requests that GitHub answered with 403 or 429. */
  refused: number;
  /** The most that the worker had, bytes; null where the system does not tell. */
  memoryBytes: number | null;
}

const CONCURRENCIES = [25, 50, 100, 200];
const SIZES = [1, 5, 10, 25, 50];
/** Rates that are nearer to each other than that are as good as the same: a machine is never quiet. */
const SAME = 0.03;

const batched = (concurrency: number, batchSize: number): Setting => ({
  strategy: 'batched',
  concurrency,
  batchSize,
  workers: 1,
});

/** Whether one setting is better than another: fewer refusals, else faster, else with fewer requests. */
export function isBetter(one: Measured, other: Measured): boolean {
  if (one.refused !== other.refused) return one.refused < other.refused;
  const gain = one.itemsPerSecond / other.itemsPerSecond - 1;
  if (Math.abs(gain) > SAME) return gain > 0;
  return one.requests < other.requests;
}

/**
 * Looks for the best setting: first how many at once, with batches as large as they may be; then how large a batch; then with how many
 * workers.
 * @param known what has been measured already and is not measured again
 * @param measure null: only what is known is compared
 * @param workers numbers of worker processes that the best setting is tried with
 */
export async function searchBest(
  known: readonly Measured[],
  measure: ((setting: Setting) => Promise<Measured>) | null,
  workers: readonly number[],
): Promise<{ tried: Measured[]; best: Measured }> {
  const [first, ...others] = known;
  if (first === undefined) throw new Error('nothing has been measured to begin with');
  const tried: Measured[] = [];
  let best = others.reduce((good, one) => (isBetter(one, good) ? one : good), first);
  if (measure === null) return { tried, best };
  const largest = Math.max(...SIZES);
  const attempt = async (setting: Setting): Promise<void> => {
    if ([...known, ...tried].some((one) => isSame(one, setting))) return;
    const measured = await measure(setting);
    tried.push(measured);
    if (isBetter(measured, best)) best = measured;
  };
  for (const concurrency of CONCURRENCIES) await attempt(batched(concurrency, largest));
  // A batch is never more than half of what is worked on at once.
  const { concurrency } = best;
  for (const size of SIZES) if (size <= concurrency / 2) await attempt(batched(concurrency, size));
  const { strategy, batchSize } = best;
  for (const number of workers) await attempt({ strategy, concurrency, batchSize, workers: number });
  return { tried, best };
}

const isSame = (one: Setting, other: Setting): boolean =>
  one.strategy === other.strategy &&
  one.concurrency === other.concurrency &&
  one.batchSize === other.batchSize &&
  one.workers === other.workers;
