import { describe, expect, it } from 'vitest';
import { StaleError } from '../../src/github/errors.js';
import { operations } from '../../src/github/operations/index.js';
import { proposalBranch } from '../../src/github/read/files.js';
import type { Json, Target } from '../../src/standards/model.js';
import { markedDescription } from '../../src/standards/team-marker.js';
import { changeOf, LABEL, type Place, place, RUN, SHA } from './operations-support.js';
import { failureOfCall } from './support.js';

/** A team that was not there when this was planned. */
const fresh = (at: Place): Target => ({ ...at.team, id: 0, node_id: '' });

describe('creations', () => {
  it('of a label that is there already succeed only where it is as wanted', async () => {
    const at = await place();
    const change = changeOf('label', 'security', null, LABEL);
    const write = (wanted: Json, alone: boolean) =>
      operations.label.write({ ...at.context, alone }, at.repository, change, null, wanted);
    await write(LABEL, false);
    // Together with others it is to be looked at first.
    expect(await failureOfCall(write(LABEL, false))).toBeInstanceOf(StaleError);
    await write(LABEL, true);
    const error = await failureOfCall(write({ ...LABEL, color: '000000' }, true));
    expect(error.failure).toEqual({ kind: 'refused', status: 422 });
    expect(at.w.github.journal.effects()).toHaveLength(1);
  });

  const wanted = {
    name: 'qa',
    description: 'Tests',
    privacy: 'closed',
    notification_setting: 'notifications_enabled',
    parent: 'ops',
  };
  const create = changeOf('team', 'qa', null, wanted);
  const settings = changeOf('team_settings', 'qa', { description: null }, { description: 'Tests' });

  it('of a team are proved by the mark, and undone in order', async () => {
    const at = await place();
    const target = fresh(at);
    expect(await operations.team.read(at.context, target, create)).toBeNull();
    await operations.team.write(at.context, target, create, null, wanted);
    const { data } = await at.context.github.rest('GET /orgs/acme/teams/qa');
    expect(data).toMatchObject({ description: markedDescription('Tests', RUN), parent: { slug: 'ops' } });
    expect(await operations.team.read(at.context, target, create)).toEqual(wanted);

    // Again, as after an answer that never came: no second team, and success.
    await operations.team.write(at.context, target, create, null, wanted);
    expect(at.w.github.journal.effects().filter(({ kind }) => kind === 'team.create')).toHaveLength(1);

    const marked = await operations.team_settings.read(at.context, target, settings);
    await operations.team_settings.write(at.context, target, settings, marked, settings.after);
    expect(await operations.team_settings.read(at.context, target, settings)).toEqual(settings.after);
    expect(await operations.team.read(at.context, target, create)).toEqual(wanted);

    await operations.team_settings.write(at.context, target, settings, settings.after, settings.before);
    await operations.team.write(at.context, target, create, wanted, null);
    expect(await operations.team.read(at.context, target, create)).toBeNull();
  });

  it('of a team that somebody else has made are refused, and it is never removed', async () => {
    const at = await place();
    await at.context.github.rest('POST /orgs/{org}/teams', { org: 'acme', name: 'qa', description: 'Tests' });
    const target = fresh(at);
    const made = await failureOfCall(operations.team.write(at.context, target, create, null, wanted));
    expect(made.failure).toEqual({ kind: 'refused', status: 422 });
    const removed = await failureOfCall(operations.team.write(at.context, target, create, wanted, null));
    expect(removed.failure).toEqual({ kind: 'refused', status: 409 });
    expect(await operations.team.read(at.context, target, create)).not.toBeNull();
  });

  it('of a team whose name makes another slug are taken back', async () => {
    const at = await place();
    const change = changeOf('team', 'qa', null, { ...wanted, name: 'Quality  Assurance' });
    const error = await failureOfCall(
      operations.team.write(at.context, fresh(at), change, null, change.after),
    );
    expect(error.message).toContain('quality-assurance');
    expect((await at.context.github.list('GET /orgs/{org}/teams', { org: 'acme' })).length).toBe(2);
  });

  it('of a team that the file removes are no condition of removing it', async () => {
    const at = await place();
    const change = changeOf('team', 'ops', { name: 'ops', description: 'Runs it', privacy: 'closed' }, null);
    const before = await operations.team.read(at.context, at.team, change);
    expect(before).toEqual(change.before);
    await operations.team.write(at.context, at.team, change, before, null);
    expect(await operations.team.read(at.context, at.team, change)).toBeNull();
  });
});

describe('proposals', () => {
  const change = changeOf('file', 'docs/NEW.md', null, { sha: SHA, from: 't' }, 'pull_request');

  it('are one marked pull request, however often they are made', async () => {
    const at = await place();
    for (let count = 0; count < 3; count += 1)
      await operations.file.write(at.context, at.repository, change, null, change.after);
    const pulls = await at.context.github.list('GET /repos/acme/api/pulls', { state: 'all' });
    expect(pulls).toHaveLength(1);
    expect(pulls[0]).toMatchObject({ title: 'Update docs/NEW.md', state: 'open' });
    expect(JSON.stringify(pulls[0])).toContain(`run=${RUN}`);
    expect(at.w.github.journal.effects()).toHaveLength(3);
  });

  it('leave nothing open when they are withdrawn', async () => {
    const at = await place();
    await operations.file.write(at.context, at.repository, change, null, change.after);
    await operations.file.write(at.context, at.repository, change, change.after, null);
    expect(await at.context.github.list('GET /repos/acme/api/pulls', { state: 'open' })).toEqual([]);
    const branches = await at.context.github.list('GET /repos/acme/api/branches');
    expect(branches).toMatchObject([{ name: 'main' }]);
    await operations.file.write(at.context, at.repository, change, null, null);
  });

  it('do not touch a branch of that name that is not ours', async () => {
    const at = await place();
    const branch = proposalBranch('docs/NEW.md');
    const { data } = await at.context.github.rest('GET /repos/acme/api/git/ref/heads/main');
    const { object } = data as { object: { sha: string } };
    await at.context.github.rest('POST /repos/acme/api/git/refs', {
      ref: `refs/heads/${branch}`,
      sha: object.sha,
    });
    const content = Buffer.from('theirs').toString('base64');
    await at.context.github.rest('PUT /repos/acme/api/contents/theirs.txt', {
      branch,
      content,
      message: 'theirs',
    });
    const effects = at.w.github.journal.effects().length;
    const error = await failureOfCall(
      operations.file.write(at.context, at.repository, change, null, change.after),
    );
    expect(error.failure).toEqual({ kind: 'refused', status: 409 });
    await operations.file.write(at.context, at.repository, change, change.after, null);
    expect(at.w.github.journal.effects()).toHaveLength(effects);
  });
});
