import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SeedOrganization } from '../../src/dev/github/index.js';
import { byName, differences } from '../support/checker/differences.js';
import type { OrganizationDump } from '../support/organization.js';
import { type System, startSystem } from '../support/system.js';
import { type ApplyReport, reportOf } from '../support/trial.js';

const PROTECTED = {
  required_status_checks: {
    strict: false,
    checks: [{ context: 'build', app_id: 15368 }, { context: 'lint' }],
  },
  required_pull_request_reviews: { required_approving_review_count: 2, dismiss_stale_reviews: true },
  enforce_admins: false,
  restrictions: { users: ['ada'], teams: ['developers'], apps: [] },
};

const OPEN = {
  required_status_checks: null,
  required_pull_request_reviews: null,
  enforce_admins: true,
  restrictions: null,
};

const RULESET = {
  name: 'tags',
  target: 'tag',
  enforcement: 'active',
  bypass_actors: [],
  conditions: { ref_name: { include: ['~ALL'], exclude: [] } },
  rules: [{ type: 'deletion' }],
};

/** One of every kind of thing that a run can change, make or remove. */
const wide = (login: string): SeedOrganization => ({
  login,
  settings: { default_repository_permission: 'write', description: 'Old words' },
  members: ['ada', 'lin'].map((name) => ({ login: name })),
  teams: [
    { name: 'developers', description: 'They develop', members: [{ login: 'lin' }] },
    { name: 'retired', description: 'Goes', privacy: 'closed' },
  ],
  rulesets: [{ ...RULESET, name: 'branches', target: 'branch' }],
  repositories: [
    {
      name: 'api',
      settings: { visibility: 'private', description: '', homepage: 'https://old.example', has_wiki: true },
      topics: ['go', 'old'],
      branches: ['next'],
      files: { 'README.md': 'api', 'POLICY.md': 'old policy', 'OLD.md': 'goes' },
      branch_protection: { main: PROTECTED, 'release/*': OPEN },
      labels: [
        { name: 'bug', color: 'd73a4a' },
        { name: 'security', color: '00ff00', description: 'Green' },
      ],
      teams: { developers: 'admin' },
      rulesets: [RULESET],
    },
    { name: 'closed', settings: { archived: true, has_wiki: true }, topics: [] },
    { name: 'open', settings: { has_wiki: true }, labels: [{ name: 'bug', color: 'd73a4a' }] },
  ],
});

/** REST does not know a rule by its pattern. */
const standards = (login: string, wildcards: boolean): string => `version: 1
organizations:
  - login: ${login}
    settings: { default_repository_permission: read, description: New words }
    rulesets:
      - { name: branches, target: branch, enforcement: disabled, conditions: { ref_name: { include: [~ALL] } }, rules: [{ type: deletion }, { type: non_fast_forward }] }
      - { name: extra, target: branch, enforcement: evaluate, conditions: { ref_name: { include: [~DEFAULT_BRANCH] } }, rules: [{ type: deletion }] }
    teams:
      - { slug: developers, privacy: closed, members: [{ login: ada, role: maintainer }, { login: lin, absent: true }] }
      - { slug: retired, absent: true }
      - { slug: guild, description: Made anew, privacy: closed, members: [{ login: lin, role: member }] }
      - { slug: chapter, description: Inside, privacy: closed, parent: guild }
    repositories:
      - match: [api]
        settings: { description: Now described, homepage: '', has_wiki: false, visibility: public }
        topics: [managed, { name: old, absent: true }]
        branch_protection:
          main: { required_status_checks: { strict: true, contexts: [build, test] }, restrictions: null }
          ${wildcards ? 'release/*: { absent: true }' : ''}
          next: { enforce_admins: true }
        rulesets:
          - { name: tags, absent: true }
          - { name: safe, target: branch, enforcement: active, conditions: { ref_name: { include: [~DEFAULT_BRANCH] } }, rules: [{ type: deletion }] }
        teams: { developers: push, guild: triage, chapter: pull }
        labels: [{ name: security, color: d73a4a, description: Security }, { name: bug, absent: true }, { name: new, color: ffffff }]
        files:
          - { path: CODEOWNERS, from: templates/CODEOWNERS, via: pull_request }
          - { path: OLD.md, via: pull_request, absent: true }
      - match: [closed]
        settings: { archived: false, has_wiki: false }
        topics: [managed]
      - match: [open]
        settings: { archived: true, has_wiki: false }
        files:
          - { path: POLICY.md, from: templates/CODEOWNERS, via: commit }
          - { path: README.md, via: commit, absent: true }
`;

/** Pull requests can be closed and not unmade, so they are looked at by themselves. */
const comparable = ({ repositories, ...rest }: OrganizationDump): unknown => ({
  ...rest,
  repositories: Object.fromEntries(
    Object.entries(repositories).map(([name, { threads: _threads, ...one }]) => [
      name,
      { ...one, labels: byName(one.labels) },
    ]),
  ),
});

const between = (left: OrganizationDump, right: OrganizationDump): string[] =>
  differences(comparable(left), comparable(right));

const openPulls = ({ repositories }: OrganizationDump): number =>
  Object.values(repositories)
    .flatMap(({ threads }) => threads as { state?: string }[])
    .filter(({ state }) => state === 'open').length;

describe('rolling back every kind of change', { timeout: 180_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ seed: [wide('graph'), wide('plain')] });
    mkdirSync(join(system.directory, 'templates'));
    writeFileSync(join(system.directory, 'templates', 'CODEOWNERS'), '* @graph/developers\n');
  });
  afterAll(() => system?.stop());

  const rollBack = async (run: string): Promise<ApplyReport> =>
    reportOf(await system.orgsaga(['rollback', run, '--yes', '--json']), 0);

  it.each([
    ['graph', []],
    ['plain', ['--no-graphql']],
  ])('gives %s back, brings it forward, and gives it back again', async (login, flags) => {
    const before = system.dump(login);
    const file = system.write(`${login}.yaml`, standards(login, flags.length === 0));
    const args = ['apply', '-f', file, '--yes', '--json', '--allow-removals', ...flags];
    const applied = reportOf(await system.orgsaga(args), 0);
    const after = system.dump(login);
    expect(between(before, after).length).toBeGreaterThan(30);
    expect(openPulls(after)).toBe(2);

    const first = await rollBack(applied.run);
    // Who was in a team that is gone, and that GitHub takes whoever makes one for a member, cannot be put back.
    expect(between(before, system.dump(login))).toEqual(['teams.retired.members.octo-admin']);
    expect(openPulls(system.dump(login))).toBe(0);

    const forward = await rollBack(first.run);
    expect(between(after, system.dump(login))).toEqual([]);
    expect(openPulls(system.dump(login))).toBe(2);

    await rollBack(forward.run);
    expect(between(before, system.dump(login))).toEqual(['teams.retired.members.octo-admin']);
    expect(openPulls(system.dump(login))).toBe(0);
  });
});
