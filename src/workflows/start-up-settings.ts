import type { RunSettings } from '../config.js';

const retry = { max_retries: 5, base: 1_000, factor: 2, max: 10_000 };

/** What the run's very first activity runs under, before it has brought the worker's own settings. */
export const startUpSettings: RunSettings = {
  retry: { aggressive: retry, conservative: retry },
  activity: { start_to_close: 30_000, heartbeat: 10_000, settle: 60_000, read_lag: 10_000 },
  batch: { page: 100, size: 50, concurrency: 50, coalesce_max_wait: 500, coalesce_max: 20 },
  dead_letter: { max_retries: 3, deadline: 7 * 86_400_000 },
};
