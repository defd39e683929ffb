import type { RunSettings } from '../config.js';
import type { ApplyOptions } from './contract.js';

/** How many repositories a strategy works on at once (DESIGN section 10: parallel with 10, batched by 50). */
export function concurrencyOf(
  { concurrency, strategy }: Pick<ApplyOptions, 'concurrency' | 'strategy'>,
  settings: RunSettings,
): number {
  if (concurrency !== null) return concurrency;
  switch (strategy) {
    case 'sequential':
      return 1;
    case 'parallel':
      return 10;
    case 'batched':
      return settings.batch.concurrency;
  }
}
