import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportOf } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';

/** So long after GitHub had it, a call that was answered by 502 comes through all the same; below `settle`. */
const LATE_MS = 2_800;

describe('a lost call that comes through when its run is over', { timeout: 60_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      seed: ['written', 'back'].map((login) => ({ login, repositories: [{ name: 'api' }] })),
    });
  });
  afterAll(() => system?.stop());

  const apply = async (login: string, description: string) => {
    const text = `version: 1\norganizations:\n  - login: ${login}\n    settings: { description: ${description} }\n`;
    const file = system.write(`${login}.yaml`, text);
    return reportOf(await system.orgsaga(['apply', '-f', file, '--yes', '--json']), 0);
  };
  /** The next change of the organisation's settings is lost, repeated at once, and comes through once more, late. */
  const loseOne = (login: string) =>
    system.github.faults.add({
      match: { method: 'PATCH', path: `/orgs/${login}` },
      kind: 'apply-later',
      ms: 20,
      apply_ms: LATE_MS,
      times: 1,
    });
  const written = (login: string, mark: number) =>
    system
      .since(mark)
      .flatMap((entry) =>
        entry.type === 'effect' && entry.organization === login && entry.kind === 'organization.update'
          ? [(entry.after as { description: string }).description]
          : [],
      );

  it('is waited for by the next run, whose value stays', async () => {
    const mark = system.mark();
    loseOne('written');
    await apply('written', 'first');
    expect(written('written', mark)).toEqual(['first']);
    await apply('written', 'second');
    expect(written('written', mark)).toEqual(['first', 'first', 'second']);
  });

  it('is waited for by a rollback, and one of the rollback by the run after it', async () => {
    const mark = system.mark();
    await apply('back', 'first');
    const { run } = await apply('back', 'second');
    loseOne('back');
    reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 0);
    await apply('back', 'third');
    expect(written('back', mark)).toEqual(['first', 'second', 'first', 'first', 'third']);
  });
});
