import { afterEach, describe, expect, it } from 'vitest';
import { operations } from '../../src/github/operations/index.js';
import { type MadeRepository, readMade } from '../../src/github/operations/made-repository.js';
import type { OperationContext } from '../../src/github/operations/operation.js';
import type { Json, Target } from '../../src/standards/model.js';
import { markedRepository } from '../../src/standards/repository-marker.js';
import { openApiChecker } from '../dev/github/openapi.js';
import { changeOf, type Place, place, RUN } from './operations-support.js';
import { failureOfCall } from './support.js';

const checker = await openApiChecker();
const operation = operations.repository;
const TARGET: Target = { owner: 'acme', name: 'new', id: 0, node_id: '', default_branch: null };
const WANTED = { name: 'new', description: 'Fresh', visibility: 'private' };
const change = changeOf('repository', '', null, WANTED);

let at: Place;
afterEach(() => {
  const complaints = at.w.github.journal
    .requests()
    .filter(({ path }) => path !== '/graphql')
    .flatMap(({ method, path, body }) => checker.complaints({ method, path, body }))
    // Only GitHub Enterprise Cloud has it, in a document of its own.
    .filter((said) => !said.includes('body/visibility'));
  expect(complaints).toEqual([]);
});

/** A repository that the run has just made, and a context that remembers it. */
async function made(): Promise<{ context: OperationContext & { made: MadeRepository }; target: Target }> {
  at = await place();
  await operation.write(at.context, TARGET, change, null, WANTED);
  const known = await readMade(at.context, TARGET, 0);
  return { context: { ...at.context, made: known }, target: { ...TARGET, id: known.id } };
}

const rest = (route: string, body: Record<string, Json> = {}) =>
  at.context.github.rest(route, { owner: 'acme', repo: 'new', ...body });
const described = (description: string) => rest('PATCH /repos/{owner}/{repo}', { description });
const effects = (kind: string) => at.w.github.journal.effects().filter((effect) => effect.kind === kind);
const newest = async (): Promise<{ description: string; private: boolean }> =>
  (await rest('GET /repos/{owner}/{repo}')).data as { description: string; private: boolean };
const blob = (text: string) => ({ content: Buffer.from(text).toString('base64'), path: 'a.txt' });

const all = () => at.context.github.list('GET /repos/acme/api/issues', { state: 'all' });

describe('a repository that a run makes', () => {
  it('carries its mark, has a branch, and is made once however often it is asked for', async () => {
    at = await place();
    expect(await operation.read(at.context, TARGET, change)).toBeNull();
    await operation.write(at.context, TARGET, change, null, WANTED);
    expect(await newest()).toMatchObject({ description: markedRepository('Fresh', RUN), private: true });
    expect(await operation.read(at.context, TARGET, change)).toEqual(WANTED);
    await operation.write(at.context, TARGET, change, null, WANTED);
    expect(effects('repository.create')).toHaveLength(1);
    expect(await readMade(at.context, TARGET, 7)).toMatchObject({
      full_name: 'acme/new',
      default_branch: 'main',
      head: expect.stringMatching(/^[0-9a-f]{40}$/),
      made_at: 7,
    });
  });

  it('is public or internal where that is asked for', async () => {
    at = await place();
    await operation.write(at.context, TARGET, change, null, { ...WANTED, visibility: 'public' });
    expect(await newest()).toMatchObject({ private: false });
    const internal = { ...TARGET, name: 'inner' };
    await operation.write(at.context, internal, change, null, { ...WANTED, visibility: 'internal' });
    expect((await at.context.github.rest('GET /repos/acme/inner')).data).toMatchObject({
      visibility: 'internal',
    });
  });

  it('is not taken for ours where somebody else has made it', async () => {
    at = await place();
    await at.context.github.rest('POST /orgs/{org}/repos', { org: 'acme', name: 'new', auto_init: true });
    expect(await operation.read(at.context, TARGET, change)).toBeNull();
    const failed = await failureOfCall(operation.write(at.context, TARGET, change, null, WANTED));
    expect(failed.failure).toMatchObject({ kind: 'refused', status: 422 });
    expect((await failureOfCall(readMade(at.context, TARGET, 0))).message).toContain("this run's mark");
  });

  it('is taken back where GitHub calls it by another name', async () => {
    at = await place();
    const folded = { ...TARGET, name: 'a new one' };
    const failed = await failureOfCall(operation.write(at.context, folded, change, null, WANTED));
    expect(failed.message).toContain('acme/a-new-one');
    expect(effects('repository.delete')).toHaveLength(1);
  });

  it('is no answer yet while it is new and GitHub says 404', async () => {
    at = await place();
    const failed = await failureOfCall(operation.read({ ...at.context, isNew: true }, TARGET, change));
    expect(failed.failure).toEqual({ kind: 'refused', status: 404 });
  });
});

describe('an undo of it', () => {
  it('deletes what is as created', async () => {
    const { context, target } = await made();
    const found = await operation.read(context, target, change);
    expect(found).toEqual(WANTED);
    await operation.write(context, target, change, found, null);
    expect(await operation.read(context, target, change)).toBeNull();
    await operation.write(context, target, change, found, null);
    expect(effects('repository.delete')).toHaveLength(1);
    const again = await failureOfCall(operation.write(context, target, change, null, WANTED));
    expect(again.message).toContain('cannot be brought back');
  });

  it('deletes it by its mark alone where its answer was lost', async () => {
    await made();
    expect(await operation.read(at.context, TARGET, change)).toEqual(WANTED);
  });

  it('does not mind what the run itself has done', async () => {
    const { context, target } = await made();
    await rest('PUT /repos/{owner}/{repo}/contents/{path}', {
      ...blob('x'),
      message: `Add\n\nOrgsaga-Run: ${RUN}`,
    });
    const issue = changeOf('issue', '1', null, { title: 'Ours', body: '', labels: [] });
    const known = { ...at.repository, name: 'new', id: context.made.id, node_id: context.made.node_id };
    await operations.issue.write(context, known, issue, null, issue.after);
    await operations.issue.write(context, known, issue, issue.after, null);
    expect(await operation.read(context, target, change)).toEqual(WANTED);
  });

  const FOREIGN: [string, string, () => Promise<unknown>][] = [
    ['an issue', 'issue #1', () => rest('POST /repos/{owner}/{repo}/issues', { title: 'Theirs' })],
    [
      'a commit',
      'commits on main',
      () => rest('PUT /repos/{owner}/{repo}/contents/{path}', { ...blob('x'), message: 'm' }),
    ],
    ['another description', 'its description', () => described('Mine now')],
    ['a setting', 'its has_wiki', () => rest('PATCH /repos/{owner}/{repo}', { has_wiki: false })],
    [
      'a setting that few change',
      'its allow_update_branch',
      () => rest('PATCH /repos/{owner}/{repo}', { allow_update_branch: true }),
    ],
    [
      'a protection',
      'protection of main',
      () =>
        rest('PUT /repos/{owner}/{repo}/branches/{branch}/protection', {
          branch: 'main',
          required_status_checks: null,
          enforce_admins: true,
          required_pull_request_reviews: null,
          restrictions: null,
        }),
    ],
    [
      'a ruleset',
      'ruleset theirs',
      () =>
        rest('POST /repos/{owner}/{repo}/rulesets', { name: 'theirs', enforcement: 'disabled', rules: [] }),
    ],
    [
      'a webhook',
      expect.stringMatching(/^webhook \d+$/),
      () => rest('POST /repos/{owner}/{repo}/hooks', { config: { url: 'https://example.com' } }),
    ],
    [
      'access for a team',
      'access of team ops (push)',
      () =>
        rest('PUT /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}', {
          org: 'acme',
          team_slug: 'ops',
          permission: 'push',
        }),
    ],
    ['a topic', 'its topics', () => rest('PUT /repos/{owner}/{repo}/topics', { names: ['go'] })],
    [
      'a branch',
      'branch theirs',
      async () => {
        const { data } = await rest('GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: 'heads/main' });
        const { sha } = (data as { object: { sha: string } }).object;
        return rest('POST /repos/{owner}/{repo}/git/refs', { ref: 'refs/heads/theirs', sha });
      },
    ],
  ];
  it.each(FOREIGN)('leaves it where somebody has made %s', async (_, said, act) => {
    const { context, target } = await made();
    await act();
    const found = await operation.read(context, target, change);
    expect(found).toEqual({ ...WANTED, changed: [said] });
    const failed = await failureOfCall(operation.write(context, target, change, found, null));
    expect(failed.message).toContain((found as { changed: string[] }).changed[0]);
    expect(effects('repository.delete')).toEqual([]);
  });

  const MOVED: [string, string, () => Promise<unknown>][] = [
    ['renamed', 'renamed to acme/mine', () => rest('PATCH /repos/{owner}/{repo}', { name: 'mine' })],
    [
      'transferred',
      'transferred to other/new',
      () => rest('POST /repos/{owner}/{repo}/transfer', { new_owner: 'other' }),
    ],
    [
      'renamed, and another one has its name now',
      'renamed to acme/mine',
      async () => {
        await rest('PATCH /repos/{owner}/{repo}', { name: 'mine' });
        return at.context.github.rest('POST /orgs/{org}/repos', { org: 'acme', name: 'new' });
      },
    ],
  ];
  describe.each(MOVED)('that somebody has %s', (_, said, act) => {
    it.each([true, false])('leaves it, and says where it is (GraphQL: %s)', async (graphql) => {
      const { context: known, target } = await made();
      await act();
      const context = { ...known, github: at.w.client({ graphql }) };
      const found = await operation.read(context, target, change);
      expect(found).toMatchObject({ changed: [said] });
      const failed = await failureOfCall(operation.write(context, target, change, found, null));
      expect(failed.message).toContain(said);
      expect(effects('repository.delete')).toEqual([]);
      // Nor is it taken for what a forward step was to make.
      const forward = await failureOfCall(operation.write(context, target, change, found, WANTED));
      expect(forward.message).toContain(said);
    });
  });

  it('leaves a renamed one that only its mark proves to be ours', async () => {
    await made();
    await rest('PATCH /repos/{owner}/{repo}', { name: 'mine' });
    expect(await operation.read(at.context, TARGET, change)).toMatchObject({ moved: 'acme/mine' });
    const failed = await failureOfCall(readMade(at.context, TARGET, 0));
    expect(failed.failure).toMatchObject({ status: 409 });
  });

  it('leaves another repository of that name alone', async () => {
    const { context, target } = await made();
    await at.context.github.rest('DELETE /repos/acme/new');
    await at.context.github.rest('POST /orgs/{org}/repos', { org: 'acme', name: 'new' });
    expect(await operation.read(context, target, change)).toBeNull();
  });
});

describe('issues of a run', () => {
  const wanted = { title: 'Write the README', body: 'Please.', labels: ['bug'] };
  const issue = changeOf('issue', 'read me', null, wanted);

  it('are opened once and closed as not planned', async () => {
    at = await place();
    for (let count = 0; count < 2; count += 1)
      await operations.issue.write(at.context, at.repository, issue, null, wanted);
    expect(await operations.issue.read(at.context, at.repository, issue)).toEqual(wanted);
    expect(await all()).toMatchObject([
      { title: 'Write the README', state: 'open', labels: [{ name: 'bug' }] },
    ]);
    await operations.issue.write(at.context, at.repository, issue, wanted, null);
    expect(await operations.issue.read(at.context, at.repository, issue)).toBeNull();
    expect(await all()).toMatchObject([{ state: 'closed', state_reason: 'not_planned' }]);
    await operations.issue.write(at.context, at.repository, issue, null, wanted);
    expect(await all()).toMatchObject([{ title: 'Write the README', state: 'open' }]);
  });

  it('of other runs and people are none of its business', async () => {
    at = await place();
    await operations.issue.write({ ...at.context, run: 'another' }, at.repository, issue, null, wanted);
    expect(await operations.issue.read(at.context, at.repository, issue)).toBeNull();
    await operations.issue.write(at.context, at.repository, issue, null, wanted);
    await operations.issue.write(at.context, at.repository, issue, wanted, null);
    expect(await all()).toMatchObject([{ state: 'closed' }, { state: 'open' }]);
  });

  it('that a person has closed were opened all the same', async () => {
    at = await place();
    await operations.issue.write(at.context, at.repository, issue, null, wanted);
    await at.context.github.rest('PATCH /repos/acme/api/issues/1', {
      state: 'closed',
      state_reason: 'completed',
    });
    await operations.issue.write(at.context, at.repository, issue, null, wanted);
    expect(await all()).toHaveLength(1);
    expect(await operations.issue.read(at.context, at.repository, issue)).toBeNull();
  });

  it('that came through twice are swept: the later one is closed', async () => {
    at = await place();
    await operations.issue.write(at.context, at.repository, issue, null, wanted);
    const [{ body }] = (await all()) as [{ body: string }];
    await at.context.github.rest('POST /repos/acme/api/issues', { title: 'Write the README', body });
    const sweep = { ...changeOf('issue', '*', [], []), action: 'delete' as const };
    const found = await operations.issue.read(at.context, at.repository, sweep);
    expect(found).toEqual([2]);
    await operations.issue.write(at.context, at.repository, sweep, found, []);
    expect(await all()).toMatchObject([
      { number: 2, state: 'closed' },
      { number: 1, state: 'open' },
    ]);
    expect(await operations.issue.read(at.context, at.repository, sweep)).toEqual([]);
  });
});
