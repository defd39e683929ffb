/** How the repositories of an organisation are worked through, slowest first. */
export const STRATEGIES = ['sequential', 'parallel', 'batched'] as const;

export type Strategy = (typeof STRATEGIES)[number];

/** The metric of how long the repositories of a page took that were not right, milliseconds. */
export const batchDurationName = (strategy: Strategy): string => `batch_duration_${strategy}`;

/** How many repositories a strategy works on at once, unless that was asked for (DESIGN section 10: parallel with 10, batched by 50). */
export function concurrencyOf(
  { concurrency, strategy }: { concurrency: number | null; strategy: Strategy },
  { batch }: { batch: { concurrency: number } },
): number {
  if (concurrency !== null) return concurrency;
  switch (strategy) {
    case 'sequential':
      return 1;
    case 'parallel':
      return 10;
    case 'batched':
      return batch.concurrency;
  }
}
