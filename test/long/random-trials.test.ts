import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stateFindings } from '../support/random-findings.js';
import { TEMPLATE } from '../support/random-standards.js';
import { organizationOf, RandomTrial } from '../support/random-trial.js';
import { byHand } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';

const FIRST = Number(process.env['ORGSAGA_SEED'] ?? 1);
const TRIALS = Number(process.env['ORGSAGA_TRIALS'] ?? 10);
/** Side by side: they mostly wait for processes. */
const LANES = 3;
const PER_TRIAL_MS = 60_000;
/** Of the control, far from those of the trials. */
const CONTROL = 1_000_000;

const seeds = Array.from({ length: TRIALS }, (_, index) => FIRST + index);

describe('random files, faults and undos', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ seed: [CONTROL, ...seeds].map(organizationOf) });
    system.write(TEMPLATE.name, TEMPLATE.text);
  });
  afterAll(() => system?.stop());

  it(`find nothing: ORGSAGA_SEED=${FIRST} ORGSAGA_TRIALS=${TRIALS}`, {
    timeout: TRIALS * PER_TRIAL_MS,
  }, async () => {
    const waiting = [...seeds];
    const failing: string[] = [];
    const lane = async (): Promise<void> => {
      for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
        const trial = new RandomTrial(system, seed);
        await trial.run();
        if (trial.found.length > 0) failing.push(trial.describe());
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    expect(failing.join('\n\n')).toBe('');
  });

  it('would find what an undo has left, also by the hand of somebody else', async () => {
    const trial = new RandomTrial(system, CONTROL);
    const { run, state } = await trial.apply();
    expect(state).toBe('Committed');
    expect(stateFindings(trial.before, system.dump(trial.login))).not.toEqual([]);
    await byHand(system, 'PATCH', `/orgs/${trial.login}`, { company: 'Theirs' });
    await trial.rollBack(run);
    expect(trial.found).toEqual([]);
    trial.compare('rolled back', trial.before);
    expect(trial.found).toEqual([expect.stringMatching(/^rolled back: settings.company: .* -> "Theirs"$/)]);
    expect(trial.describe()).toContain('rolled back: settings.company');
  });
});
