import { describe, expect, it } from 'vitest';
import { CONTROLS, findingsOf, isFoundOut } from '../campaign/controls.js';

const scenarios = new Map(CONTROLS.map(({ scenario }) => [scenario.name, scenario]));

describe('the guards, and the checker that watches them', { timeout: 180_000 }, () => {
  it.each([...scenarios])('hold in the build as it is: %s', async (_name, scenario) => {
    expect(await findingsOf(scenario)).toEqual([]);
  });

  it.each(CONTROLS.map((control) => [control.name, control] as const))(
    'a build that no longer %s is found out',
    async (_name, control) => {
      expect(await isFoundOut(control)).toBe(true);
    },
  );
});
