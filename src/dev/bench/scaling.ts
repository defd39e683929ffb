import { countsOf } from './counts.js';
import { expectTotal } from './measure.js';
import { type SystemOptions, startSystem } from './system.js';
import { benchOrganization, NO_LAG, OPEN_LANES } from './workload.js';

/** Repositories that each worker changes before it is measured: a worker's first run is slower than any after it. */
const WARM_UP = 10;

/** What holds the run: neither processor nor GitHub, but what a worker does at once, while GitHub takes its time. */
const SLOTS = 4;
const SLOW_MS = 200;

/** A first apply by so many workers. */
export interface Scaled {
  workers: number;
  /** Activities of each at once. */
  slots: number;
  latencyMs: number;
  runMs: number;
  perSecond: number;
  /** Beside the first that was measured. */
  speedUp: number;
  requestsEach: number;
}

/** The same first apply by so many worker processes on one task queue, after each other. @throws Error where not every repository was committed */
export async function measureScaling(
  where: Pick<SystemOptions, 'postgres'>,
  repositories: number,
  workerCounts: readonly number[],
  say: (text: string) => void,
): Promise<Scaled[]> {
  const system = await startSystem({ ...where, latencyMs: SLOW_MS });
  try {
    const scaled: Scaled[] = [];
    for (const workers of workerCounts) {
      say(`${repositories} repositories, ${workers} workers with ${SLOTS} activities at once each…`);
      await system.work(`${OPEN_LANES}${NO_LAG}worker: { max_concurrent_activities: ${SLOTS} }\n`, workers);
      await system.github.reset(benchOrganization(WARM_UP * workers));
      await system.apply();
      await system.github.reset(benchOrganization(repositories));
      const { runMs, totals } = await system.apply();
      expectTotal('committed', repositories, totals);
      const { requests } = countsOf(await system.github.take());
      scaled.push({
        workers,
        slots: SLOTS,
        latencyMs: SLOW_MS,
        runMs,
        perSecond: (repositories * 1_000) / runMs,
        speedUp: (scaled[0]?.runMs ?? runMs) / runMs,
        requestsEach: requests / repositories,
      });
    }
    return scaled;
  } finally {
    await system.stop();
  }
}
