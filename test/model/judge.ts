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
  const numbered = events.flatMap((event) => (event.type === 'undo' ? [event.call] : []));
  const outside = world.log.flatMap(({ direction, call }) => (direction === 'undo' ? [call] : []));
  same('the order of undos in the world', [...new Set(outside)], numbered);
  return model;
}

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
