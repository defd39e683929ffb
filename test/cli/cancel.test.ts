import { describe, expect, it } from 'vitest';
import { fakeDeps, orgsaga, RUN } from './support/fakes.js';

const oneLineJson = (stdout: string): unknown => {
  expect(stdout).toMatch(/^[^\n]+\n$/);
  return JSON.parse(stdout);
};

const cancelledAt = (state: 'Cancelled' | 'Committed') =>
  fakeDeps({ client: { cancel: async () => ({ accepted: false, state }) } });

const hint = `  orgsaga status ${RUN}\n  orgsaga resolve ${RUN} STEP retry|skip\n`;
const parked = (accepted: boolean) =>
  fakeDeps({ client: { cancel: async () => ({ accepted, state: 'Parked' as const }) } });

describe('cancel', () => {
  const asked: unknown[] = [];
  const deps = fakeDeps({
    client: {
      cancel: async (run, options) => {
        asked.push([run, options]);
        return { accepted: true, state: 'Compensating' as const };
      },
    },
  });

  it('undoes, or keeps', async () => {
    const undo = await orgsaga(['cancel', RUN, '--yes', '--json'], deps);
    expect([undo.code, oneLineJson(undo.stdout)]).toEqual([0, { run: RUN, state: 'Compensating' }]);
    await orgsaga(['cancel', RUN, '--keep', '--yes'], deps);
    expect((await orgsaga(['cancel', RUN, '--yes'], deps)).stdout).toBe(
      `${RUN} is being cancelled (Compensating).\n`,
    );
    asked.pop();
    expect(asked).toEqual([
      [RUN, { keep: false }],
      [RUN, { keep: true }],
    ]);
  });

  it('a second one changes nothing; of what is committed there is nothing to cancel', async () => {
    const second = await orgsaga(['cancel', RUN, '--yes'], cancelledAt('Cancelled'));
    expect([second.code, second.stdout]).toEqual([0, `${RUN} is Cancelled.\n`]);
    const late = await orgsaga(['cancel', RUN, '--yes', '--json'], cancelledAt('Committed'));
    expect([late.code, late.stdout, late.stderr]).toEqual([
      1,
      '',
      expect.stringContaining('nothing to cancel'),
    ]);
  });

  it('changes nothing where all that is left waits for a person, and says what to do', async () => {
    const none = await orgsaga(['cancel', RUN, '--yes'], parked(false));
    expect([none.code, none.stdout]).toEqual([5, `${RUN} is Parked.\n`]);
    expect(none.stderr).toMatch(/^The cancel changes nothing: .*waits for a person/);
    expect(none.stderr.endsWith(hint)).toBe(true);
    const json = await orgsaga(['cancel', RUN, '--yes', '--json'], parked(false));
    expect([json.code, oneLineJson(json.stdout)]).toEqual([5, { run: RUN, state: 'Parked' }]);
  });

  it('of a parked run that undoes others says what waits all the same', async () => {
    const { code, stdout, stderr } = await orgsaga(['cancel', RUN, '--yes'], parked(true));
    expect([code, stdout]).toEqual([0, `${RUN} is being cancelled (Parked).\n`]);
    expect(stderr).toContain(`orgsaga watch ${RUN}\n`);
    expect(stderr.endsWith(hint)).toBe(true);
  });

  it('needs --yes without a terminal, and a yes on one', async () => {
    expect(await orgsaga(['cancel', RUN], fakeDeps({}))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes'),
    });
    const no = await orgsaga(['cancel', RUN], fakeDeps({}), { interactive: true, input: 'no\n' });
    expect([no.code, no.stderr]).toEqual([1, expect.stringContaining('Not cancelled.')]);
  });
});
