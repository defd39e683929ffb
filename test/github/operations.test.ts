import { describe, expect, it } from 'vitest';
import { operations } from '../../src/github/operations/index.js';
import type { OperationContext } from '../../src/github/operations/operation.js';
import { readTeamIds } from '../../src/github/read/team-ids.js';
import { CHANGE_KINDS, type Change, type ChangeKind } from '../../src/standards/model.js';
import { STEP_ACTIVITIES } from '../../src/workflows/step-names.js';
import { CHANGES, PROTECTION } from './operation-changes.js';
import { changeOf, type Place, place, targetOf } from './operations-support.js';
import { failureOfCall } from './support.js';

describe('names', () => {
  it('are those by which workflows call, one operation for each kind', () => {
    expect(Object.keys(operations).toSorted()).toEqual([...CHANGE_KINDS].toSorted());
    for (const kind of CHANGE_KINDS) {
      expect(operations[kind].kind).toBe(kind);
      expect(operations[kind].names).toEqual({
        do: STEP_ACTIVITIES[kind].do,
        undo: STEP_ACTIVITIES[kind].undo,
      });
    }
  });
});

describe('each change is done, read as written, and undone', () => {
  it.each(CHANGES)('%s', async (_, change) => {
    const at = await place();
    const operation = operations[change.kind];
    const target = targetOf(at, change.kind);
    const before = await operation.read(at.context, target, change);
    if (!JSON.stringify(change.before).includes('""')) expect(before).toEqual(change.before);
    expect(at.w.github.journal.effects()).toEqual([]);

    await operation.write(at.context, target, change, before, change.after);
    expect(await operation.read(at.context, target, change)).toEqual(change.after);
    expect(at.w.github.journal.effects().every(({ changed }) => changed)).toBe(true);

    const done = await operation.read(at.context, target, change);
    await operation.write(at.context, target, change, done, before);
    expect(await operation.read(at.context, target, change)).toEqual(before);
  });

  const byRest = CHANGES.filter(([name]) => !/pattern|to come/.test(name));
  it.each(byRest)('%s, by REST alone', async (_, change) => {
    const at = await place({ graphql: false });
    const operation = operations[change.kind];
    const target = targetOf(at, change.kind);
    const before = await operation.read(at.context, target, change);
    await operation.write(at.context, target, change, before, change.after);
    expect(await operation.read(at.context, target, change)).toEqual(change.after);
    await operation.write(at.context, target, change, change.after, before);
    expect(await operation.read(at.context, target, change)).toEqual(before);
    expect(at.w.github.journal.requests().some(({ path }) => path.endsWith('graphql'))).toBe(false);
  });

  it('a wildcard pattern is refused by REST alone, before anything is sent', async () => {
    const at = await place({ graphql: false });
    const change = changeOf('branch_protection', 'release/*', null, PROTECTION);
    const error = await failureOfCall(
      operations.branch_protection.write(at.context, at.repository, change, null, PROTECTION),
    );
    expect(error.failure).toMatchObject({ kind: 'refused' });
    expect(error.message).toContain('--no-graphql');
    expect(at.w.github.journal.effects()).toEqual([]);
  });
});

/** A change is made, from what it says is there. */
const make = (at: Place, change: Change & { kind: ChangeKind }) =>
  operations[change.kind].write(at.context, targetOf(at, change.kind), change, change.before, change.after);

describe('writes', () => {
  it('send only the settings that differ', async () => {
    const at = await place();
    const change = changeOf(
      'repository_settings',
      '',
      { has_wiki: true, has_issues: true },
      { has_wiki: false, has_issues: true },
    );
    await make(at, change);
    expect(at.w.github.journal.effects()).toMatchObject([{ after: { has_wiki: false } }]);
    await operations.repository_settings.write(at.context, at.repository, change, change.after, change.after);
    expect(at.w.github.journal.effects()).toHaveLength(1);
  });

  it.each([true, false])('send a default message with its title (named: %s)', async (named) => {
    const at = await place();
    const both = { squash_merge_commit_title: 'PR_TITLE', squash_merge_commit_message: 'COMMIT_MESSAGES' };
    await at.context.github.rest('PATCH /repos/acme/api', both);
    const title = named ? { squash_merge_commit_title: 'PR_TITLE' } : {};
    const [from, to] = ['COMMIT_MESSAGES', 'BLANK'].map((message) => ({
      ...title,
      squash_merge_commit_message: message,
    }));
    const change = changeOf('repository_settings', '', from ?? null, to ?? null);
    await make(at, change);
    expect(await operations.repository_settings.read(at.context, at.repository, change)).toEqual(to);
    const patches = at.w.github.journal.requests().filter(({ method }) => method === 'PATCH');
    expect(patches.at(-1)?.body).toEqual({ ...both, squash_merge_commit_message: 'BLANK' });
  });

  it('take away the conditions that a ruleset did not have', async () => {
    const at = await place();
    const none = {
      name: 'all',
      target: 'branch',
      enforcement: 'active',
      bypass_actors: [],
      conditions: null,
      rules: [],
    };
    const some = { ...none, conditions: { ref_name: { include: ['~ALL'], exclude: [] } } };
    const change = changeOf('ruleset', 'all', none, some);
    const { ruleset } = operations;
    await ruleset.write(at.context, at.repository, change, null, none);
    await ruleset.write(at.context, at.repository, change, none, some);
    expect(await ruleset.read(at.context, at.repository, change)).toEqual(some);
    await ruleset.write(at.context, at.repository, change, some, none);
    expect(await ruleset.read(at.context, at.repository, change)).toEqual(none);
  });

  it('leave wildcard rules of others alone when an exact one goes', async () => {
    const at = await place();
    const operation = operations.branch_protection;
    const wide = changeOf('branch_protection', 'm*', null, PROTECTION);
    const exact = changeOf('branch_protection', 'main', null, PROTECTION);
    for (const change of [wide, exact])
      await operation.write(at.context, at.repository, change, null, PROTECTION);
    await operation.write(at.context, at.repository, exact, PROTECTION, null);
    await operation.write(at.context, at.repository, exact, null, null);
    expect(await operation.read(at.context, at.repository, exact)).toBeNull();
    expect(await operation.read(at.context, at.repository, wide)).toEqual(PROTECTION);
  });
});

describe('what is pinned', () => {
  it.each([true, false])('a renamed repository is refused by its old name (GraphQL: %s)', async (graphql) => {
    const at = await place({ graphql });
    await at.context.github.rest('PATCH /repos/{owner}/{repo}', {
      owner: 'acme',
      repo: 'api',
      name: 'renamed',
    });
    const change = changeOf('topics', '', ['go'], []);
    const read = await failureOfCall(operations.topics.read(at.context, at.repository, change));
    expect(read.failure).toEqual({ kind: 'refused', status: 301 });
    expect(read.message).toContain('renamed to renamed');
    const effects = at.w.github.journal.effects().length;
    const write = operations.topics.write(at.context, at.repository, change, ['go'], []);
    if (graphql) {
      // By its id it is found whatever its name.
      await write;
      expect(at.w.github.journal.effects().at(-1)).toMatchObject({ repository: 'acme/renamed', after: [] });
      return;
    }
    expect((await failureOfCall(write)).failure).toMatchObject({ kind: 'refused' });
    expect(at.w.github.journal.effects()).toHaveLength(effects);
  });

  it.each([true, false])(
    'what was planned for a team is not done to another one of the name (GraphQL: %s)',
    async (graphql) => {
      const at = await place({ graphql });
      const { ops } = await readTeamIds(at.context.github, 'acme', ['ops']);
      const change = { ...changeOf('team_repository', 'ops', null, 'push'), team: ops?.id ?? 0 };
      await at.context.github.rest('DELETE /orgs/acme/teams/ops');
      await at.context.github.rest('POST /orgs/acme/teams', { name: 'ops' });
      const { team_repository: access, team_member: member, team_settings: settings } = operations;
      const meant: OperationContext = { ...at.context, ...(ops === undefined ? {} : { team: ops.id }) };
      const joined = changeOf('team_member', 'ops/ada', null, 'member');
      const said = { description: 'Said anew' };
      for (const call of [
        () => access.read(meant, at.repository, change),
        () => access.write(meant, at.repository, change, 'pull', null),
        () => member.read(meant, at.repository, joined),
        () => member.write(meant, at.repository, joined, null, 'member'),
        () => settings.write(meant, at.repository, changeOf('team_settings', 'ops', {}, said), {}, said),
      ])
        expect((await failureOfCall(call())).message).toMatch(/team acme\/ops is another one now/);
      // To be taken back, it has been found by its id before.
      expect(await access.read(at.context, at.repository, change)).toBeNull();
    },
  );

  it.each([true, false])(
    'a team’s access is never that to another repository of the name (GraphQL: %s)',
    async (graphql) => {
      const at = await place({ graphql });
      const { github } = at.context;
      const change = changeOf('team_repository', 'ops', null, 'pull');
      const read = () => operations.team_repository.read(at.context, at.repository, change);
      expect(await read()).toBe('pull');
      await github.rest('PATCH /repos/{owner}/{repo}', { owner: 'acme', repo: 'api', name: 'renamed' });
      expect((await failureOfCall(read())).failure).toEqual({ kind: 'refused', status: 301 });
      await github.rest('POST /orgs/{org}/repos', { org: 'acme', name: 'api' });
      await github.rest('PUT /orgs/acme/teams/ops/repos/acme/api', { permission: 'push' });
      expect((await failureOfCall(read())).failure).toEqual({ kind: 'refused', status: 301 });
      await github.rest('DELETE /repos/acme/renamed');
      expect((await failureOfCall(read())).failure).toEqual({ kind: 'refused', status: 404 });
    },
  );

  it.each([true, false])(
    'a repository made anew under the old name is refused (GraphQL: %s)',
    async (graphql) => {
      const at = await place({ graphql });
      await at.context.github.rest('DELETE /repos/{owner}/{repo}', { owner: 'acme', repo: 'api' });
      await at.context.github.rest('POST /orgs/{org}/repos', { org: 'acme', name: 'api' });
      for (const [, change] of CHANGES.filter(([name]) =>
        /^(topics|ruleset|label create|visibility)$/.test(name),
      )) {
        const error = await failureOfCall(operations[change.kind].read(at.context, at.repository, change));
        expect(error.failure).toEqual({ kind: 'refused', status: 404 });
      }
    },
  );
});
