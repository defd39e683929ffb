import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { execute, type Ports, unwind } from '../../src/transaction/engine.js';
import { StepFailed, TransactionCancelled } from '../../src/transaction/failure.js';
import { type Journal, toUndo } from '../../src/transaction/journal.js';
import type { Node } from '../../src/transaction/step.js';
import { type Scenario, scenario } from './arbitraries.js';
import { ModelWorld } from './model-world.js';

type Unwind = (journal: Journal, ports: Ports) => Promise<void>;

interface Ended {
  world: ModelWorld;
  journal: Journal;
  ended: 'done' | 'failed' | 'cancelled';
  /** Steps that the last unwinding had to undo, in the order in which they had started. */
  owed: string[];
  /** Steps in the order in which the last unwinding undid them. */
  undone: string[];
}

/** As an item's workflow does it: three tries, a refusal ends it at once; what does not end well is undone. */
async function run({ tree, fates, cancelAfter }: Scenario, undo: Unwind = unwind): Promise<Ended> {
  const world = new ModelWorld(fates, cancelAfter);
  const journal: Journal = [];
  const ports = world.ports();
  const ended = await forward(tree, journal, ports);
  const before = world.undone.length;
  const owed = toUndo(journal)
    .toReversed()
    .map((entry) => entry.step);
  if (ended !== 'done') await undo(journal, ports);
  return { world, journal, ended, owed, undone: world.undone.slice(before) };
}

async function forward(tree: Node, journal: Journal, ports: Ports): Promise<Ended['ended']> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await execute(tree, journal, ports);
      return 'done';
    } catch (error) {
      if (error instanceof TransactionCancelled) return 'cancelled';
      if (!(error instanceof StepFailed)) throw error;
      if (error.failure.kind === 'refused' || attempt === 3) return 'failed';
    }
  }
}

/** G1 and G4 on one scenario. */
async function undoesAll(one: Scenario, undo: Unwind = unwind): Promise<void> {
  const { world, journal, ended, owed, undone } = await run(one, undo);
  if (ended === 'done') return;
  for (const [step, value] of world.expected) expect([step, world.values.get(step)]).toEqual([step, value]);
  const decided = new Set(journal.filter(({ state }) => state === 'skipped').map(({ step }) => step));
  expect(undone).toEqual(owed.filter((step) => !decided.has(step)).toReversed());
}

const RUNS = { numRuns: 500 };
const holds = (property: (one: Scenario) => Promise<void>) =>
  fc.assert(fc.asyncProperty(scenario, property), RUNS);

describe('a random transaction in a model world', () => {
  it('leaves the world as it was when it does not end well, but for what others changed and a person left', () =>
    holds((one) => undoesAll(one)));

  it('undoes in reverse order of the steps’ start, whatever the interleaving', () =>
    holds(async (one) => {
      const { world, journal, ended, owed, undone } = await run(one);
      if (ended === 'done') return;
      const place = (step: string) => journal.findIndex((entry) => entry.step === step);
      expect(undone.map(place)).toEqual(undone.map(place).toSorted((left, right) => right - left));
      // A step's place is that of its last start, or of the first one that may have been applied.
      for (const [earlier, later] of owed.slice(1).map((step, index) => [owed[index] ?? '', step] as const))
        expect(world.started.indexOf(earlier)).toBeLessThan(world.started.lastIndexOf(later));
    }));

  it('has every value as wanted when it ends well, but for nested ones that were left out', () =>
    holds(async (one) => {
      const { world, journal, ended } = await run(one);
      if (ended !== 'done') return;
      for (const entry of journal) {
        if (entry.state === 'applied' || entry.state === 'unchanged')
          expect(world.isWanted(entry.step)).toBe(true);
        else expect(entry.frame.length).toBeGreaterThan(0);
      }
    }));

  it('undoes every effect once and no more', () =>
    holds(async (one) => {
      const { world, journal, ended } = await run(one);
      if (ended === 'done') return;
      for (const { step, state, conflicts } of journal) {
        if (state !== 'undone' || conflicts !== undefined) continue;
        expect([step, world.restored.get(step) ?? 0]).toEqual([step, world.effects.get(step) ?? 0]);
      }
    }));

  it('does not repeat a finished step when it is resumed', () =>
    holds(async (one) => {
      expect((await run(one)).world.repeated).toEqual([]);
    }));

  it('does not undo what was refused at the first try', () =>
    holds(async (one) => {
      const { world, journal } = await run(one);
      for (const { step, state } of journal) {
        const fates = one.fates.get(step)?.tries ?? [];
        if (state === 'refused' && fates[0] === 'refused') expect(world.undone).not.toContain(step);
      }
    }));

  it('keeps a journal that is plain JSON and forgets no conflict', () =>
    holds(async (one) => {
      const { world, journal } = await run(one);
      expect(JSON.parse(JSON.stringify(journal))).toEqual(journal);
      const shown = journal.flatMap(({ conflicts }) => conflicts ?? []);
      expect(shown.length).toBe(world.conflicts);
    }));
});

const undoEach =
  (entries: (journal: Journal) => Journal): Unwind =>
  async (journal, ports) => {
    for (const entry of entries(journal)) await unwind([entry], ports);
  };
const fails = async (undo: Unwind): Promise<void> => {
  const checked = await fc.check(
    fc.asyncProperty(scenario, (one) => undoesAll(one, undo)),
    RUNS,
  );
  expect(checked.failed).toBe(true);
};

describe('negative controls: what the properties must catch', () => {
  it('passes with the same harness and the right order', async () => {
    const right = undoEach((journal) => toUndo(journal));
    const checked = await fc.check(
      fc.asyncProperty(scenario, (one) => undoesAll(one, right)),
      RUNS,
    );
    expect(checked.failed).toBe(false);
  });

  it('undo in the order of start', () => fails(undoEach((journal) => toUndo(journal).toReversed())));

  it('undo of what was reported applied only', () =>
    fails(undoEach((journal) => toUndo(journal).filter(({ state }) => state === 'applied'))));

  it('no undo', () => fails(async () => undefined));
});
