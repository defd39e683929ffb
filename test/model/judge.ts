import { type Limits, Model } from './model.js';
import type { Scenario } from './scenario.js';
import type { Traced } from './trace.js';
import { Violation } from './tree-status.js';
import type { World } from './world.js';

/**
 * Holds what was seen of a scenario against the model: every event, the journal, the world in the end, and the order of
 * undos out there.
 * @throws Violation
 */
export function judge(
  scenario: Scenario,
  { events, journal }: Traced,
  world: World,
  limits: Limits,
  undisturbed: boolean,
): Model {
  const model = new Model(scenario, limits, (call) => world.attemptsOf(call), undisturbed);
  model.observe(events);
  same(
    'the journal',
    journal.map(({ step, state }) => [step, state]),
    model.journal(),
  );
  same('the world', world.values(), model.values());
  same('what is left where nothing may be', leftovers(scenario, model), []);
  const outside = world.log.flatMap(({ direction, call }) => (direction === 'undo' ? [call] : []));
  const met = [...new Set(outside)];
  const undos = undosOf(events);
  same(
    'the undos in the world',
    met.toSorted((left, right) => left - right),
    undos.map(({ call }) => call),
  );
  same('undos that came before their turn', early(undos, met), []);
  return model;
}

interface Undo {
  call: number;
  /** Places among the events; an undo that has no end was cut off with the transaction. */
  begun: number;
  ended: number;
}

const undosOf = (events: Traced['events']): Undo[] =>
  events.flatMap((event, begun) => {
    if (event.type !== 'undo') return [];
    const end = events.findIndex(
      (later, at) => at > begun && later.type === 'undone' && later.step === event.step,
    );
    return [{ call: event.call, begun, ended: end < 0 ? events.length : end }];
  });

/** Undos that the world met before one that had ended when they began; those that are side by side race each other there. */
const early = (undos: readonly Undo[], met: readonly number[]): number[] =>
  undos.flatMap(({ call, begun }) =>
    undos.some((before) => before.ended < begun && met.indexOf(before.call) > met.indexOf(call))
      ? [call]
      : [],
  );

/** G1: whatever did not end well is as it was, but for what a person skipped and what somebody else changed. */
function leftovers(scenario: Scenario, model: Model): string[] {
  const undone = model.outcome !== 'committed' && model.outcome !== 'kept';
  return [...model.steps].flatMap(([name, { state, value }]) => {
    const before = scenario.fates[name]?.right === true ? 'right' : 'before';
    if (value === before) return [];
    const excused = state === 'skipped' || state === 'conflict' || value === 'foreign';
    const kept = !undone && state !== 'undone';
    return excused || kept ? [] : [`${name} is ${value}, ${state}`];
  });
}

function same(what: string, seen: unknown, wanted: unknown): void {
  const [left, right] = [JSON.stringify(sorted(seen)), JSON.stringify(sorted(wanted))];
  if (left !== right) throw new Violation(`${what}: ${left}, not ${right}`);
}

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).toSorted(([left], [right]) => left.localeCompare(right))
    : value;
