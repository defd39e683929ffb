import { describe, expect, it } from 'vitest';
import { operations } from '../../src/github/operations/index.js';
import { keyed } from '../../src/github/operations/keyed.js';
import type { OperationContext } from '../../src/github/operations/operation.js';
import { NOTHING } from '../../src/github/read/by-id.js';
import { readRepositories, readRepositoryPage } from '../../src/github/read/index.js';
import { readTeamIds, whereTeamIs } from '../../src/github/read/team-ids.js';
import { markedDescription } from '../../src/standards/team-marker.js';
import { changeOf, type Place, place, RUN } from './operations-support.js';

const never = () => false;

const rename = ({ context }: Place, slug: string, name: string) =>
  context.github.rest('PATCH /orgs/{org}/teams/{team_slug}', { org: 'acme', team_slug: slug, name });

/** Somebody else's team by that name; its id. */
async function make({ context }: Place, name: string): Promise<number> {
  const { data } = await context.github.rest('POST /orgs/{org}/teams', { org: 'acme', name });
  return (data as { id: number }).id;
}

const requests = ({ w }: Place): number =>
  w.github.journal.entries.filter(({ type }) => type === 'request').length;

describe.each([true, false])('ids of teams, graphql: %s', (graphql) => {
  const needs = { ...NOTHING, teams: ['ops', 'dev', 'none'] };

  it('come with the repositories of a page, also of teams whose lists are used up, and by id', async () => {
    const at = await place({ graphql });
    const { github } = at.context;
    const ids = await readTeamIds(github, 'acme', needs.teams);
    const { id, node_id } = at.team;
    expect(ids).toEqual({
      ops: { id, node_id },
      dev: { id: expect.any(Number), node_id: expect.any(String) },
    });
    const cursor = graphql ? { repositories: null, teams: { dev: 'end' } } : null;
    const { repositories } = await readRepositoryPage(github, 'acme', needs, cursor, 10);
    expect(repositories[0]?.team_ids).toEqual(ids);
    const [known] = await readRepositories(github, 'acme', needs, [at.repository]);
    expect(known?.team_ids).toEqual(ids);
  });
});

const where = (at: Place, isSame: () => boolean = never) =>
  whereTeamIs(at.context.github, 'acme', { id: at.team.id, slug: 'ops' }, isSame);

describe('where the team of an id is', () => {
  it('is told by one request where its slug leads to it', async () => {
    const at = await place();
    const before = requests(at);
    expect(await where(at)).toEqual({ slug: 'ops', namesake: null });
    expect(requests(at)).toBe(before + 1);
  });

  it('is its new slug, whoever has the old one', async () => {
    const at = await place();
    await rename(at, 'ops', 'keepers');
    expect(await where(at)).toEqual({ slug: 'keepers', namesake: null });
    const other = await make(at, 'ops');
    expect(await where(at)).toEqual({ slug: 'keepers', namesake: other });
    expect(await where(at, () => true)).toEqual({ slug: 'ops', namesake: null });
  });

  it('is nowhere where it is gone', async () => {
    const at = await place();
    await at.context.github.rest('DELETE /orgs/{org}/teams/{team_slug}', { org: 'acme', team_slug: 'ops' });
    expect(await where(at)).toEqual({ slug: null, namesake: null });
    const other = await make(at, 'ops');
    expect(await where(at)).toEqual({ slug: null, namesake: other });
  });
});

describe('a team that has another slug than its change says', () => {
  it('has its access read and taken away under the new one', async () => {
    const at = await place();
    await rename(at, 'ops', 'keepers');
    const operation = keyed(operations.team_repository, 'keepers');
    const change = changeOf('team_repository', 'ops', null, 'pull');
    expect(await operation.read(at.context, at.repository, change)).toBe('pull');
    await operation.write(at.context, at.repository, change, 'pull', null);
    expect(await operation.read(at.context, at.repository, change)).toBeNull();
  });

  it('has others in it that are counted under the new one', async () => {
    const at = await place();
    await rename(at, 'ops', 'keepers');
    const operation = keyed(operations.team, 'keepers');
    const change = changeOf('team', 'ops', null, { name: 'ops' });
    expect(await operation.others?.(at.context, at.team, change)).toEqual(['acme/api', 'ada']);
  });
});

describe('a team that a run makes', () => {
  it('has its id kept when it is made, and when it is found by its mark', async () => {
    const at = await place();
    const kept: number[] = [];
    const context = { ...at.context, keepTeam: async (id: number) => void kept.push(id) };
    const wanted = { name: 'qc', description: 'New', privacy: 'closed' };
    const change = changeOf('team', 'qc', null, wanted);
    await operations.team.write(context, at.team, change, null, wanted);
    await operations.team.write(context, at.team, change, null, wanted);
    expect(await operations.team.read(context, at.team, change)).toEqual(wanted);
    const { qc: ids } = await readTeamIds(context.github, 'acme', ['qc']);
    expect(kept).toEqual([ids?.id, ids?.id, ids?.id]);
  });

  it('is the run’s own when its parent has been taken away with its settings', async () => {
    const at = await place();
    const wanted = { name: 'qc', description: 'New', privacy: 'closed', parent: 'ops' };
    const change = changeOf('team', 'qc', null, wanted);
    await operations.team.write(at.context, at.team, change, null, wanted);
    await at.context.github.rest('PATCH /orgs/acme/teams/qc', { parent_team_id: null });
    const context = { ...at.context, takesBack: RUN };
    expect(await operations.team.read(context, at.team, change)).toEqual(wanted);
  });

  it('is others’ when they have written its description, though they want the same, or any other field', async () => {
    const at = await place();
    const wanted = { name: 'qc', description: 'New', privacy: 'closed' };
    const change = changeOf('team', 'qc', null, wanted);
    const takesBack = { ...at.context, takesBack: RUN };
    const read = (context: OperationContext) => operations.team.read(context, at.team, change);
    await operations.team.write(at.context, at.team, change, null, wanted);
    expect([await read(at.context), await read(takesBack)]).toEqual([wanted, wanted]);
    await at.context.github.rest('PATCH /orgs/acme/teams/qc', { description: 'New' });
    expect(await read(at.context)).toEqual(wanted);
    expect(await read(takesBack)).toEqual({ ...wanted, changed: ['description'] });
    const description = markedDescription('New', RUN);
    await at.context.github.rest('PATCH /orgs/acme/teams/qc', { description, privacy: 'secret' });
    expect(await read(at.context)).toEqual(wanted);
    expect(await read(takesBack)).toMatchObject({ privacy: 'secret', changed: ['privacy'] });
  });
});
