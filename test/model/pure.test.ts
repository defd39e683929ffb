import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from './judge.js';
import { LIMITS, runPure } from './pure.js';
import { type Scenario, scenario } from './scenario.js';
import type { Sabotage } from './transaction.js';
import { Violation } from './tree-status.js';

const TREES = { numRuns: 10_000 };

const judged = async (one: Scenario, sabotage?: Sabotage) => {
  const { world, seen } = await runPure(one, sabotage);
  return judge(one, seen, world, LIMITS, true);
};

describe('the engine against the model', () => {
  it('does what the model predicts, event by event, of any tree and any fates', async () => {
    const outcomes: Record<string, number> = {};
    const states = new Set<string>();
    await fc.assert(
      fc.asyncProperty(scenario, async (one) => {
        const model = await judged(one);
        outcomes[model.outcome ?? ''] = (outcomes[model.outcome ?? ''] ?? 0) + 1;
        for (const [, state] of model.journal()) states.add(state);
      }),
      TREES,
    );
    // What was drawn came to every end that there is, so that none is held by luck.
    expect(Object.keys(outcomes).toSorted()).toEqual(['committed', 'failed', 'kept', 'rolledBack']);
    for (const [outcome, count] of Object.entries(outcomes))
      expect([outcome, count > TREES.numRuns / 100]).toEqual([outcome, true]);
    expect([...states].toSorted()).toEqual(
      ['applied', 'unchanged', 'refused', 'unknown', 'undone', 'conflict', 'skipped'].toSorted(),
    );
  });
});

describe('negative controls: what the model must catch', () => {
  it.each<Sabotage>(['reversed', 'late', 'repeating', 'deaf'])('an engine that is %s', async (sabotage) => {
    const checked = await fc.check(
      fc.asyncProperty(scenario, (one) => judged(one, sabotage).then(() => undefined)),
      TREES,
    );
    expect(checked.failed).toBe(true);
    expect(checked.errorInstance).toBeInstanceOf(Violation);
  });
});
