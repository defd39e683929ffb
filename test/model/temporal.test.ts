import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS, ModelBench } from './bench.js';
import { DoomedWorkers } from './doomed-workers.js';
import { judge } from './judge.js';
import { LIMITS as PURE_LIMITS, runPure } from './pure.js';
import { type Scenario, scenario } from './scenario.js';
import { stuckSideBySide } from './stuck-side-by-side.js';
import type { Sabotage } from './transaction.js';
import { Violation } from './tree-status.js';

const TREES = 40;
const QUEUE = 'model';
/** The trees of a run that failed come again with its seed. */
const seed = Number(process.env['MODEL_SEED'] ?? Date.now() % 1_000_000);

describe('the engine on Temporal against the model', { timeout: 120_000 }, () => {
  let bench: ModelBench;
  beforeAll(async () => {
    process.stdout.write(`random trees on Temporal: MODEL_SEED=${seed}\n`);
    bench = await ModelBench.start();
  });
  afterAll(() => bench?.stop());

  /** What is wrong with each, judged as it was seen. */
  async function findings(
    all: Scenario[],
    { sabotage, queue = QUEUE }: { sabotage?: Sabotage; queue?: string } = {},
  ): Promise<string[]> {
    const judged = await Promise.all(
      all.map(async (one) => {
        const { world, seen } = await bench.run(queue, one, { sabotage });
        try {
          judge(one, seen, world, LIMITS, false);
          return [];
        } catch (error) {
          if (!(error instanceof Violation)) throw error;
          return [`${error.message}\n${JSON.stringify({ one, seen })}`];
        }
      }),
    );
    return judged.flat();
  }

  it('does what the model predicts of random trees, with cancels, time-outs and people', async () => {
    const trees = fc.sample(scenario, { numRuns: TREES, seed });
    expect(await bench.withWorker(QUEUE, () => findings(trees))).toEqual([]);
  });

  it('does the same while its workers are killed before and after an effect', async () => {
    const workers = new DoomedWorkers(bench, 'doomed', 6);
    try {
      await workers.start(2);
      const trees = fc.sample(scenario, { numRuns: 200, seed }).filter(hasSilence).slice(0, 12);
      expect(await findings(trees, { queue: 'doomed' })).toEqual([]);
      expect(workers.kills).toBeGreaterThanOrEqual(3);
    } finally {
      await workers.stop();
    }
  });

  it('asks a person about each of two undos that are stuck side by side', async () => {
    const one = stuckSideBySide;
    const { world, seen } = await bench.withWorker(QUEUE, () => bench.run(QUEUE, one, { together: 2 }));
    judge(one, seen, world, LIMITS, false);
    expect(world.values()).toMatchObject({ s0: 'before', s2: 'ours' });
  });

  it.each<Sabotage>(['reversed', 'late'])('finds an engine that is %s', async (sabotage) => {
    const caught: Scenario[] = [];
    for (const one of fc.sample(scenario, { numRuns: 2_000, seed: 1 }))
      if (caught.length < 5 && (await isCaught(one, sabotage))) caught.push(one);
    expect((await bench.withWorker(QUEUE, () => findings(caught, { sabotage }))).length).toBe(5);
  });
});

/** Whether some step's first attempts are not all answered. */
const hasSilence = ({ fates }: Scenario): boolean =>
  Object.values(fates).some(({ do: [first] }) => first === 'silentAfter' || first === 'silentBefore');

/** Whether the model finds an engine without Temporal. */
async function isCaught(one: Scenario, sabotage: Sabotage): Promise<boolean> {
  if (one.cancelAt !== null) return false;
  const { world, seen } = await runPure(one, sabotage);
  try {
    judge(one, seen, world, PURE_LIMITS, true);
    return false;
  } catch {
    return true;
  }
}
