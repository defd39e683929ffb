import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { barChart } from '../../src/dev/bench/chart.js';
import { isBetter, type Measured, type Setting, searchBest } from '../../src/dev/bench/search.js';
import type { StrategyBench } from '../../src/dev/bench/strategies.js';
import { strategyChart, strategyReport } from '../../src/dev/bench/strategy-report.js';
import { fakeDeps, orgsaga, start } from '../cli/support/fakes.js';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const PLAIN_TEXT = { NO_COLOR: '1' };

const measured = (itemsPerSecond: number, more: Partial<Measured> = {}): Measured => ({
  strategy: 'batched',
  concurrency: 50,
  batchSize: 50,
  workers: 1,
  durationMs: 1_000,
  itemsPerSecond,
  speedUp: 1,
  requests: 100,
  refused: 0,
  memoryBytes: 100 * 1_048_576,
  ...more,
});
const known = [
  measured(2, { strategy: 'sequential', concurrency: 1, batchSize: 1 }),
  measured(8, { strategy: 'parallel', concurrency: 10, batchSize: 1 }),
  measured(20),
];
const bench = (best: Measured = measured(20)): StrategyBench => ({
  items: 500,
  latencyMs: 50,
  limits: 'none',
  strategies: known.slice(0, 2),
  tried: [best],
  best,
});

/** Rates of a machine that is fastest with so many at once, batches of that size, and that many workers. */
const machine = (concurrency: number, size: number, workers: number) => {
  const asked: Setting[] = [];
  const measure = async (setting: Setting): Promise<Measured> => {
    asked.push(setting);
    const off = Math.abs(Math.log(setting.concurrency / concurrency));
    const wrong = Math.abs(Math.log(setting.batchSize / size));
    const many = Math.abs(Math.log(setting.workers / workers));
    return measured(100 - 10 * off - 5 * wrong - 8 * many, setting);
  };
  return { asked, measure };
};

describe('the search for the best setting', () => {
  it.each([
    [25, 10, 1],
    [100, 5, 2],
    [200, 50, 4],
  ])('finds %d at once, in batches of %d, by %d workers', async (concurrency, size, workers) => {
    const { asked, measure } = machine(concurrency, size, workers);
    const { best, tried } = await searchBest(known, measure, [2, 4]);
    expect(best).toMatchObject({ concurrency, batchSize: size, workers });
    expect(tried).toHaveLength(asked.length);
    const names = asked.map((one) => `${one.concurrency} ${one.batchSize} ${one.workers}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain('50 50 1');
  });

  it('prefers what GitHub never refused, then what is faster, then what asks less', () => {
    expect(isBetter(measured(1), measured(9, { refused: 1 }))).toBe(true);
    expect(isBetter(measured(9), measured(8))).toBe(true);
    expect(isBetter(measured(8), measured(9))).toBe(false);
    expect(isBetter(measured(100, { requests: 90 }), measured(101))).toBe(true);
    expect(isBetter(measured(101), measured(100, { requests: 90 }))).toBe(false);
  });

  it('compares only what is known where it is not to look further', async () => {
    expect(await searchBest(known, null, [2])).toEqual({ tried: [], best: known[2] });
    await expect(searchBest([], null, [])).rejects.toThrow('nothing has been measured');
  });
});

describe('the chart', () => {
  it('has bars as long as their values, and text that ends no element', () => {
    const svg = barChart('<a & "b">', 'x', [
      { label: 'one', value: 10, says: '10' },
      { label: 'two', value: 5, says: '5', best: true },
      { label: 'none', value: 0, says: '0' },
    ]);
    const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
    expect(widths[0]).toBe((widths[1] ?? 0) * 2);
    expect(widths[2]).toBe(1);
    expect(svg).toContain('<title>&lt;a &amp; &quot;b&quot;&gt;</title>');
    expect(svg.match(/#1f883d/g)).toHaveLength(1);
  });
});

const untilEnded: Deps['bench'] = async ({ signal }) => {
  if (signal?.aborted === false) await once(signal, 'abort');
  throw new Error('its apply was ended');
};

describe('orgsaga bench', () => {
  const options = { env: PLAIN_TEXT };

  it('prints a table and writes a chart', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'orgsaga-'));
    try {
      const file = join(directory, 'chart.svg');
      const asked: unknown[] = [];
      const deps = fakeDeps({
        bench: async ({ onProgress, items, latencyMs, limits, quick }) => {
          asked.push({ items, latencyMs, limits, quick });
          onProgress?.('measuring');
          return bench();
        },
      });
      const ran = await orgsaga(['bench', '--items', '60', '-o', file], deps, options);
      expect([ran.code, ran.stderr]).toEqual([0, `measuring\nWrote ${file}.\n`]);
      expect(asked).toEqual([{ items: 60, latencyMs: 50, limits: 'none', quick: false }]);
      expect(ran.stdout).toMatch(/sequential, 1 at once +2\.0 +1\.0 x +1\.0 s +0\.20 +0 +100 MiB/);
      expect(ran.stdout).toMatch(/batched, 50 at once, batches of 25 {2}\(best\) +20\.0/);
      expect(ran.stdout).toContain('batch: { concurrency: 50, size: 50 }');
      expect(await readFile(file, 'utf8')).toBe(strategyChart(bench()));
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('says which strategy where no batch is best, and what it cannot know', () => {
    const best = measured(8, { strategy: 'parallel', memoryBytes: null });
    const text = strategyReport(bench(best), { bold: String } as never).join('\n');
    expect(text).toContain('Best: apply --strategy parallel');
    expect(text).toContain('not known');
  });

  it('ends with 130 when it is interrupted', async () => {
    const running = start(['bench'], fakeDeps({ bench: untilEnded }), options);
    await expect.poll(() => running.signals.listenerCount('SIGINT')).toBe(1);
    running.interrupt();
    expect(await running.ended).toMatchObject({ code: 130, stderr: 'Ending. Again ends at once.\n' });
    expect(running.signals.listenerCount('SIGINT')).toBe(0);
  });

  it('exits 1 where the chart cannot be written, and 2 for a number that is none', async () => {
    const deps = fakeDeps({ bench: async () => bench() });
    const ran = await orgsaga(['bench', '-o', '/nowhere/chart.svg'], deps, options);
    expect([ran.code, ran.stderr]).toEqual([
      1,
      expect.stringContaining('The chart cannot be written: ENOENT'),
    ]);
    const wrong = await orgsaga(['bench', '--items', '0'], deps, options);
    expect(wrong.code).toBe(2);
  });

  it('measures each strategy with real processes', { timeout: 180_000 }, async () => {
    const args = [PROGRAM, 'bench', '--items', '12', '--quick', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const found = JSON.parse(stdout) as StrategyBench;
    expect(found.strategies.map(({ strategy, concurrency }) => [strategy, concurrency])).toEqual([
      ['sequential', 1],
      ['parallel', 10],
      ['batched', 50],
    ]);
    for (const one of found.strategies) expect(one).toMatchObject({ refused: 0 });
    const [sequential, , batched] = found.strategies;
    expect(batched?.requests).toBeLessThan(sequential?.requests ?? 0);
    expect(found.best.memoryBytes).toBeGreaterThan(50 * 1_048_576);
  });
});
