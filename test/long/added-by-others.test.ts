import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byHand, type Report, reportOf } from '../support/repository-creation.js';
import { type System, startSystem, TOKEN } from '../support/system.js';

const STANDARDS = `version: 1
organizations:
  - login: acme
    repositories:
      - match: [api]
        branch_protection:
          main: { enforce_admins: true, required_status_checks: { strict: true, contexts: [build] } }
          release/*: { required_linear_history: true }
          old: { absent: true }
        rulesets:
          - { name: made, enforcement: active, conditions: { ref_name: { include: [~ALL] } }, rules: [{ type: pull_request, parameters: { required_approving_review_count: 1 } }] }
          - { name: there, enforcement: disabled, rules: [{ type: pull_request, parameters: { required_approving_review_count: 2 } }] }
      - match: [stuck]
        settings: { has_wiki: false }
`;

interface Rules {
  name: string;
  enforcement: string;
  rules: unknown;
}

const there = {
  name: 'there',
  target: 'branch',
  enforcement: 'active',
  bypass_actors: [],
  conditions: { ref_name: { include: ['~ALL'], exclude: [] } },
  rules: [{ type: 'pull_request', parameters: { required_reviewers: [{ minimum_approvals: 1 }] } }],
};
const OLD = {
  required_status_checks: null,
  required_pull_request_reviews: null,
  restrictions: null,
  enforce_admins: true,
};

const LOGINS = ['untouched', 'lost', 'added', 'forced', 'undone', 'pinned'];
const MAIN = 'branches/main/protection';

describe('what no file names', { timeout: 90_000 }, () => {
  let system: System;
  beforeAll(async () => {
    const repository = {
      name: 'api',
      branches: ['old'],
      branch_protection: { old: OLD },
      rulesets: [there],
    };
    system = await startSystem({
      seed: LOGINS.map((login) => ({ login, repositories: [repository, { name: 'stuck' }] })),
    });
  });
  afterAll(() => system?.stop());

  const api = (login: string) => system.dump(login).repositories['api'];
  const rulesetOf = (of: ReturnType<typeof api>, name: string): Rules | undefined =>
    (of?.rulesets as Rules[] | undefined)?.find((one) => one.name === name);

  const rulesetPath = async (login: string, name: string): Promise<string> => {
    const answer = await fetch(`${system.github.url}/repos/${login}/api/rulesets`, {
      headers: { authorization: `token ${TOKEN}` },
    });
    const rulesets = (await answer.json()) as { id: number; name: string }[];
    return `/repos/${login}/api/rulesets/${rulesets.find((one) => one.name === name)?.id}`;
  };

  /** The standards applied to a fresh organisation, and what its repository was before. */
  async function applied(login: string, code = 0): Promise<{ run: string; before: ReturnType<typeof api> }> {
    await byHand(system, 'POST', `/repos/${login}/api/branches/old/protection/required_signatures`, {});
    const before = api(login);
    const file = system.write(`${login}.yaml`, STANDARDS.replace('acme', login));
    const ran = await system.orgsaga(['apply', '-f', file, '--yes', '--json', '--allow-removals']);
    expect(api(login)).not.toEqual(before);
    return { run: reportOf(ran, code).run, before };
  }

  /** Somebody asks for more, where the run has made something and where it has changed something. */
  async function add(login: string): Promise<void> {
    await byHand(system, 'POST', `/repos/${login}/api/${MAIN}/required_signatures`, {});
    for (const name of ['made', 'there'])
      await byHand(system, 'PUT', await rulesetPath(login, name), {
        rules: [
          {
            type: 'pull_request',
            parameters: {
              required_approving_review_count: name === 'made' ? 1 : 2,
              require_code_owner_review: true,
            },
          },
        ],
      });
  }

  const rollback = (run: string, ...more: string[]) =>
    system.orgsaga(['rollback', run, '--yes', '--json', ...more]);

  it('is as it was after a rollback, also where only REST shows it or a file had removed it', async () => {
    const { run, before } = await applied('untouched');
    expect(reportOf(await rollback(run), 0)).toMatchObject({ conflicts: [] });
    expect(api('untouched')).toEqual(before);
  });

  it('is a conflict and stays where somebody has added it since', async () => {
    const { run } = await applied('added');
    await add('added');
    const after = api('added');
    expectLeft(reportOf(await rollback(run), 5), 'added', after);
  });

  it('is a conflict when a run is cancelled', async () => {
    const match = { method: 'PATCH', path: '/repos/undone/stuck' };
    system.github.faults.add({ match, kind: 'status', status: 403 });
    const { run, before } = await applied('undone', 5);
    await add('undone');
    const after = api('undone');
    expect(await system.orgsaga(['cancel', run, '--yes', '--json'])).toMatchObject({ code: 0 });
    expectLeft(reportOf(await system.orgsaga(['watch', run, '--json']), 5), 'undone', after);

    // What the run's own undo had to leave a rollback tells of again, and puts back where it is told to.
    expectLeft(reportOf(await rollback(run), 5), 'undone', after);
    expect(reportOf(await rollback(run, '--force'), 0)).toMatchObject({ conflicts: [] });
    expect(api('undone')).toEqual(before);
  });

  /** What others have changed stays and is told; the rest is as before. */
  function expectLeft({ conflicts }: Report, login: string, after: ReturnType<typeof api>): void {
    expect(conflicts.map(({ step, field }) => `${step}:${field}`).toSorted()).toEqual([
      'protection/main:',
      'rulesets/made:',
      'rulesets/there:rules',
    ]);
    const left = api(login);
    expect(left?.branch_protection['main']).toEqual(after?.branch_protection['main']);
    expect(Object.keys(left?.branch_protection ?? {}).toSorted()).toEqual(['main', 'old']);
    for (const name of ['made', 'there'])
      expect(rulesetOf(left, name)?.rules).toEqual(rulesetOf(after, name)?.rules);
    expect(rulesetOf(left, 'there')?.enforcement).toBe('active');
  }

  it('is a conflict where it is the app that a check is tied to', async () => {
    const { run } = await applied('pinned');
    await byHand(system, 'PUT', `/repos/pinned/api/${MAIN}`, {
      ...OLD,
      required_status_checks: { strict: true, checks: [{ context: 'build', app_id: 15368 }] },
    });
    const { conflicts } = reportOf(await rollback(run), 5);
    expect(conflicts).toMatchObject([{ step: 'protection/main' }]);
    expect(api('pinned')?.branch_protection['main']).toBeDefined();
  });

  it('is no conflict where GitHub had added it and the answer was lost', async () => {
    const match = { method: 'POST', path: '/repos/lost/api/rulesets' };
    system.github.faults.add({ match, when: 'after', kind: 'reset', times: 1 });
    const put = { method: 'PUT', path: '/repos/lost/api/rulesets/*' };
    system.github.faults.add({ match: put, when: 'after', kind: 'reset', times: 1 });
    const { run, before } = await applied('lost');
    expect(reportOf(await rollback(run), 0)).toMatchObject({ conflicts: [] });
    expect(api('lost')).toEqual(before);
  });

  it('goes with --force', async () => {
    const { run, before } = await applied('forced');
    await add('forced');
    reportOf(await rollback(run, '--force'), 0);
    expect(api('forced')).toEqual(before);
  });
});
