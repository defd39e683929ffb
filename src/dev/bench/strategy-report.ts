import { table } from '../../cli/table.js';
import type { Theme } from '../../cli/theme.js';
import { type Bar, barChart } from './chart.js';
import { mebibytes } from './report.js';
import type { Measured } from './search.js';
import type { StrategyBench } from './strategies.js';

const nameOf = ({ strategy, concurrency, batchSize, workers }: Measured): string =>
  [
    strategy,
    `${concurrency} at once`,
    ...(strategy === 'batched' ? [`batches of ${Math.min(batchSize, Math.ceil(concurrency / 2))}`] : []),
    ...(workers === 1 ? [] : [`${workers} workers`]),
  ].join(', ');

const conditions = ({ items, latencyMs, limits }: StrategyBench): string =>
  `${items} repositories, ${latencyMs} ms a request, ${limits === 'none' ? 'GitHub without limits' : "GitHub's documented limits"}`;

/** The strategies side by side, what else was tried, and what is best, for a person. */
export function strategyReport(bench: StrategyBench, theme: Theme): string[] {
  const { strategies, tried, best, items } = bench;
  const by = best.workers === 1 ? '' : `, with ${best.workers} workers`;
  const rows = [...strategies, ...tried].map((one) => [
    `${nameOf(one)}${one === best ? '  (best)' : ''}`,
    one.itemsPerSecond.toFixed(1),
    `${one.speedUp.toFixed(1)} x`,
    `${(one.durationMs / 1_000).toFixed(1)} s`,
    (one.requests / items).toFixed(2),
    `${one.refused}`,
    mebibytes(one.memoryBytes),
  ]);
  return [
    conditions(bench),
    ...table(
      ['strategy', 'items/s', 'speed-up', 'run', 'requests each', 'refused', 'worker memory'],
      rows,
      theme,
    ),
    '',
    best.strategy === 'batched'
      ? `Best: batch: { concurrency: ${best.concurrency}, size: ${best.batchSize} } in orgsaga.config.yaml${by}`
      : `Best: apply --strategy ${best.strategy}${by}`,
  ];
}

/** The same as a picture. */
export function strategyChart(bench: StrategyBench): string {
  const bars = [...bench.strategies, ...bench.tried].map(
    (one): Bar => ({
      label: nameOf(one),
      value: one.itemsPerSecond,
      says: `${one.itemsPerSecond.toFixed(1)}/s, ${one.speedUp.toFixed(1)} x`,
      best: one === bench.best,
    }),
  );
  return barChart('Repositories a second, by strategy', conditions(bench), bars);
}
