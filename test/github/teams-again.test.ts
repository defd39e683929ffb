import { describe, expect, it } from 'vitest';
import { operations } from '../../src/github/operations/index.js';
import { changeOf, type Place, place } from './operations-support.js';
import { failureOfCall } from './support.js';

const was = {
  name: 'ops',
  description: 'Runs it',
  privacy: 'closed',
  notification_setting: 'notifications_enabled',
  parent: null,
};
const removal = changeOf('team', 'ops', was, null);

const others = (at: Place) => operations.team.others?.(at.context, at.team, removal);

describe('a team that a run removed', () => {
  it('comes back as it was, without a mark, once', async () => {
    const at = await place();
    const { team } = operations;
    expect(await team.read(at.context, at.team, removal)).toEqual(was);
    await team.write(at.context, at.team, removal, was, null);
    expect(await team.read(at.context, at.team, removal)).toBeNull();
    await team.write(at.context, at.team, removal, null, was);
    await team.write(at.context, at.team, removal, null, was);
    expect(await team.read(at.context, at.team, removal)).toEqual(was);
    const made = at.w.github.journal.effects().filter(({ kind }) => kind === 'team.create');
    expect(made).toMatchObject([{ after: { description: 'Runs it' } }]);
  });

  it('does not take another for itself that somebody made meanwhile', async () => {
    const at = await place();
    const other = { ...was, description: 'Another' };
    const failure = await failureOfCall(operations.team.write(at.context, at.team, removal, null, other));
    expect(failure.failure).toEqual({ kind: 'refused', status: 422 });
  });
});

describe('what others have put into a team', () => {
  it('is its repositories, child teams and members, but for the one maintainer who may have made it', async () => {
    const at = await place();
    const { github } = at.context;
    expect(await others(at)).toEqual(['acme/api', 'ada']);
    await github.rest('DELETE /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}', {
      org: 'acme',
      team_slug: 'ops',
      owner: 'acme',
      repo: 'api',
    });
    const membership = 'PUT /orgs/{org}/teams/{team_slug}/memberships/{username}';
    const ops = { org: 'acme', team_slug: 'ops' };
    await github.rest(membership, { ...ops, username: 'ada', role: 'maintainer' });
    expect(await others(at)).toEqual([]);
    await github.rest(membership, { ...ops, username: 'lin', role: 'maintainer' });
    expect((await others(at))?.toSorted()).toEqual(['ada', 'lin']);
  });
});
