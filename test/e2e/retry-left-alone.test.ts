import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { updateRepository } from '../../src/dev/github/state/repositories.js';
import { byName as repositoriesOf } from '../../src/dev/github/state/state.js';
import { organization } from '../support/organization.js';
import { type System, startSystem } from '../support/system.js';
import { poison, reportOf } from '../support/trial.js';

const NAME = 'repo-001';

/** A rule whose own settings make it select the repository no more. */
const fileOf = (login: string, onFailure: string): string => `version: 1
organizations:
  - login: ${login}
    on_failure: ${onFailure}
    repositories:
      - match: ["${NAME}"]
        visibility: [public]
        settings: { visibility: private, has_wiki: false }
        branch_protection:
          $default:
            enforce_admins: true
            required_status_checks: { strict: true, contexts: [ci] }
            required_pull_request_reviews: null
            restrictions: null
`;

describe('the retry of a dead letter whose repository its file does not select any more', {
  timeout: 120_000,
}, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      seed: ['own', 'archived', 'renamed'].map((login) => organization(login, 2)),
    });
  });
  afterAll(() => system?.stop());

  const retry = (run: string) => system.orgsaga(['dlq', 'retry', '--run', run, '--all', '--json']);
  const somebody = (login: string, values: Record<string, unknown>, now = NAME): void => {
    const { state } = system.github;
    const repository = repositoriesOf(state.organization(login)).find(({ name }) => name === now);
    if (repository === undefined) throw new Error(`no ${now}`);
    updateRepository(state.writer(null, null, true), repository, values);
  };

  async function deadLetter(login: string, onFailure: string) {
    somebody(login, { visibility: 'public', has_wiki: true });
    const mend = poison(system, login, NAME);
    const file = system.write(`${login}.yaml`, fileOf(login, onFailure));
    const { run } = reportOf(await system.orgsaga(['apply', '-f', file, '--yes', '--json']), 5);
    mend();
    return run;
  }

  it('is done where the run itself has changed what its rule selects by', async () => {
    const run = await deadLetter('own', 'checkpoint');
    expect(system.dump('own').repositories[NAME]?.settings).toMatchObject({ has_wiki: false });
    const retried = await retry(run);
    expect(retried.code, retried.stderr).toBe(0);
    expect(Object.keys(system.dump('own').repositories[NAME]?.branch_protection ?? {})).toEqual(['main']);
  });

  it('is refused where somebody has archived it, and done when that is taken back', async () => {
    const run = await deadLetter('archived', 'rollback');
    somebody('archived', { archived: true });
    const refused = await retry(run);
    expect(refused.code, refused.stderr).toBe(5);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      succeeded: [],
      failed: [{ step: 'plan', reason: expect.stringContaining('has been archived since') }],
    });
    somebody('archived', { archived: false });
    expect((await retry(run)).code).toBe(0);
    expect(system.dump('archived').repositories[NAME]?.settings).toMatchObject({ has_wiki: false });
  });

  it('is refused where it has a name that no rule selects, and its letter keeps its finished steps', async () => {
    const run = await deadLetter('renamed', 'checkpoint');
    somebody('renamed', { name: 'another' });
    const refused = await retry(run);
    expect(refused.code, refused.stderr).toBe(5);
    const { failed } = JSON.parse(refused.stdout);
    expect(failed).toMatchObject([
      {
        reason: expect.stringContaining('selected by no rule of its file any more'),
        finishedSteps: ['settings'],
      },
    ]);
  });
});
