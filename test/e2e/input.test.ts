import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { organization, standards } from '../support/organization.js';
import type { Ran } from '../support/program.js';
import { type System, startSystem } from '../support/system.js';
import { reportOf, Trial } from '../support/trial.js';

/** A whole file with other rules for the repositories of acme. */
const rules = (...lines: string[]): string =>
  `version: 1\norganizations:\n  - login: acme\n    repositories:\n${lines.map((line) => `      ${line}\n`).join('')}`;

const RULE = "- { match: ['*'], settings: { has_wiki: false } }";

describe('bad input, with real processes', { timeout: 180_000 }, () => {
  let system: System;
  beforeAll(async () => {
    const [empty, odd] = [organization('empty', 0), organization('odd', 3)];
    Object.assign(odd.repositories?.[0]?.settings ?? {}, { archived: true });
    odd.repositories?.push({ name: 'bare', empty: true });
    system = await startSystem({ seed: [organization('acme', 3), empty, odd] });
    // Workers of their own, whose credentials are wrong.
    await Promise.all([
      system.startWorker({ ORGSAGA_TASK_QUEUE: 'wrong-token', GITHUB_TOKEN: 'wrong' }),
      system.startWorker({ ORGSAGA_TASK_QUEUE: 'no-token', GITHUB_TOKEN: null }),
    ]);
  });
  afterAll(() => system?.stop());

  const apply = (text: string, over: Record<string, string | null> = {}): Promise<Ran> =>
    system.orgsaga(['apply', '-f', system.write('standards.yaml', text), '--yes'], over);

  /** What it said, in one message, without a stack; and GitHub saw no write. */
  async function refused(code: number, act: () => Promise<Ran>): Promise<string> {
    const mark = system.mark();
    const ran = await act();
    expect(ran).toMatchObject({ code });
    expect(ran.stderr.match(/error:/g) ?? []).toHaveLength(1);
    expect(ran.stderr).not.toMatch(/^ +at /m);
    expect(system.since(mark).filter(({ type }) => type === 'effect')).toEqual([]);
    const writes = system.since(mark).filter((entry) => entry.type === 'request' && entry.points > 1);
    expect(writes).toEqual([]);
    return ran.stderr;
  }

  const files: Record<string, [said: RegExp, text: string]> = {
    'an unknown key': [
      /standards\.yaml:5:\d+.*has_wikki.*has_wiki/s,
      rules("- { match: ['*'], settings: { has_wikki: false } }"),
    ],
    'a wrong type': [
      /standards\.yaml:5:\d+.*has_wiki/s,
      rules("- { match: ['*'], settings: { has_wiki: 3 } }"),
    ],
    'a bad glob': [
      /standards\.yaml:5:\d+.*\[a/s,
      rules("- { match: ['[a'], settings: { has_wiki: false } }"),
    ],
    'a rule that stands there twice': [/standards\.yaml:6:\d+/, rules(RULE, RULE)],
    'no YAML': [/standards\.yaml:\d+:\d+/, 'version: 1\norganizations: [}\n'],
  };
  it.each(Object.entries(files))('refuses %s, with file and line', async (_what, [said, text]) => {
    expect(await refused(2, () => apply(text))).toMatch(said);
  });

  const absent: Record<string, [said: RegExp, text: string]> = {
    repository: [/acme\/nowhere/, rules('- { match: [nowhere], settings: { has_wiki: false } }')],
    team: [/acme\/nobodies/, rules("- { match: ['*'], teams: { nobodies: push } }")],
    login: [/no-such-person/, standards('acme').replace('login: ada', 'login: no-such-person')],
  };
  it.each(Object.entries(absent))(
    'refuses a %s that is not there, before any write',
    async (_what, [said, text]) => {
      expect(await refused(2, () => apply(text))).toMatch(said);
    },
  );

  it('refuses an organisation that is not there', async () => {
    expect(await refused(1, () => apply(standards('nowhere')))).toMatch(/nowhere/);
  });

  it('refuses a wrong token, of the workers and of the command', async () => {
    expect(await refused(4, () => apply(standards('acme'), { ORGSAGA_TASK_QUEUE: 'wrong-token' }))).toMatch(
      /token/i,
    );
    const file = system.write('standards.yaml', standards('acme'));
    expect(await refused(4, () => system.orgsaga(['plan', '-f', file], { GITHUB_TOKEN: 'wrong' }))).toMatch(
      /token/i,
    );
  });

  it('refuses to work without a token, and says which variable to set', async () => {
    expect(await refused(4, () => apply(standards('acme'), { ORGSAGA_TASK_QUEUE: 'no-token' }))).toMatch(
      /GITHUB_TOKEN/,
    );
    const file = system.write('standards.yaml', standards('acme'));
    expect(await refused(4, () => system.orgsaga(['plan', '-f', file], { GITHUB_TOKEN: null }))).toMatch(
      /GITHUB_TOKEN/,
    );
  });

  it('applies to an organisation without a repository', async () => {
    const trial = new Trial(system, 'empty');
    const file = system.write('empty.yaml', standards('empty'));
    const report = reportOf(await system.orgsaga(['apply', '-f', file, '--yes', '--json']), 0);
    expect(report).toMatchObject({ state: 'Committed', totals: { repositories: 0 } });
    expect(trial.findings(report, { undisturbed: true })).toEqual([]);
  });

  it('skips an archived repository and says so; of an empty one it leaves the protection', async () => {
    const trial = new Trial(system, 'odd');
    const file = system.write('odd.yaml', standards('odd'));
    const planned = await system.orgsaga(['plan', '-f', file]);
    expect(planned.code).toBe(7);
    expect(planned.stdout + planned.stderr).toMatch(/odd\/repo-000.*archived/);
    const ran = await system.orgsaga(['apply', '-f', file, '--yes']);
    expect(ran.code).toBe(0);
    expect(ran.stdout + ran.stderr).toMatch(/odd\/repo-000.*archived/);
    const { repositories } = system.dump('odd');
    expect(repositories['repo-000']).toEqual(trial.before.repositories['repo-000']);
    expect(repositories['bare']).toMatchObject({
      settings: { has_wiki: false },
      topics: ['managed'],
      branch_protection: {},
    });
  });

  it('says quickly that there is no server, and how to start one', async () => {
    const started = Date.now();
    const file = system.write('standards.yaml', standards('acme'));
    const said = await refused(1, () =>
      system.orgsaga(['apply', '-f', file, '--yes'], { TEMPORAL_ADDRESS: '127.0.0.1:1' }),
    );
    expect(said).toMatch(/127\.0\.0\.1:1.*orgsaga dev/s);
    expect(Date.now() - started).toBeLessThan(30_000);
  });

  it('says after 10 s that no worker polls, and waits on', async () => {
    const file = system.write('standards.yaml', standards('acme'));
    const running = system.start(['apply', '-f', file, '--yes'], { ORGSAGA_TASK_QUEUE: 'nobody' });
    const said = await running.says(/No worker has polled/);
    expect(said).toContain('orgsaga worker');
    running.signal('SIGINT');
    expect(await running.ended).toMatchObject({ code: 130 });
  });
});
