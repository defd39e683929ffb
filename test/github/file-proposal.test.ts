import { describe, expect, it } from 'vitest';
import { operations } from '../../src/github/operations/index.js';
import { proposalBranch } from '../../src/github/read/files.js';
import type { Change } from '../../src/standards/model.js';
import { changeOf, type Place, place, SHA } from './operations-support.js';
import { failureOfCall } from './support.js';

const ADDITION = changeOf('file', 'docs/NEW.md', null, { sha: SHA, from: 't' }, 'pull_request');
const REMOVAL = changeOf('file', 'README.md', null, { sha: null }, 'pull_request');
const { file } = operations;

const write = (at: Place, change: Change) =>
  file.write(at.context, at.repository, change, null, change.after);
const undo = (at: Place, change: Change) => file.write(at.context, at.repository, change, null, null);
const leftover = (at: Place, change: Change) => file.leftover?.(at.context, at.repository, change);

const branches = async (at: Place): Promise<unknown[]> =>
  (await at.context.github.list('GET /repos/acme/api/branches')).map(
    (each) => (each as { name: string }).name,
  );
const kinds = (at: Place): string[] => at.w.github.journal.effects().map(({ kind }) => kind);

/** How far a proposal got: GitHub refuses the request after it. */
const HALF_WAY: [string, Change, { method: string; path: string }, string[]][] = [
  ['a branch', ADDITION, { method: 'PUT', path: '/repos/acme/api/contents/**' }, ['ref.create']],
  [
    'a branch and its commit',
    ADDITION,
    { method: 'POST', path: '/repos/acme/api/pulls' },
    ['ref.create', 'commit.create'],
  ],
  [
    'a branch for a removal',
    REMOVAL,
    { method: 'DELETE', path: '/repos/acme/api/contents/**' },
    ['ref.create'],
  ],
  [
    'a branch and the commit of a removal',
    REMOVAL,
    { method: 'POST', path: '/repos/acme/api/pulls' },
    ['ref.create', 'commit.create'],
  ],
];

async function halfWay(change: Change, match: { method: string; path: string }): Promise<Place> {
  const at = await place();
  at.w.github.faults.add({ match, kind: 'status', status: 403, body: { message: 'no' }, times: 1 });
  expect(await failureOfCall(write(at, change))).toMatchObject({ failure: { kind: 'refused' } });
  return at;
}

describe.each(HALF_WAY)('a proposal that got as far as %s', (_, change, match, effects) => {
  it('goes on from there when it is made again', async () => {
    const at = await halfWay(change, match);
    expect(kinds(at)).toEqual(effects);
    await write(at, change);
    expect(kinds(at)).toEqual(['ref.create', 'commit.create', 'pull_request.create']);
    expect(await file.read(at.context, at.repository, change)).toEqual(change.after);
    expect(await leftover(at, change)).toBe(false);
  });

  it('is left over until it is undone', async () => {
    const at = await halfWay(change, match);
    expect(await file.read(at.context, at.repository, change)).toBeNull();
    expect(await leftover(at, change)).toBe(true);
    await undo(at, change);
    expect(await branches(at)).toEqual(['main']);
    expect(await leftover(at, change)).toBe(false);
  });
});

it('a proposal that was withdrawn half-way is left over until its branch is gone', async () => {
  const at = await place();
  await write(at, ADDITION);
  const match = { method: 'DELETE', path: '/repos/acme/api/git/refs/**' };
  at.w.github.faults.add({ match, kind: 'status', status: 403, body: { message: 'no' }, times: 1 });
  await failureOfCall(undo(at, ADDITION));
  expect(await file.read(at.context, at.repository, ADDITION)).toBeNull();
  expect(await leftover(at, ADDITION)).toBe(true);
  await undo(at, ADDITION);
  expect(await branches(at)).toEqual(['main']);
});

/** A branch at the base's tip, with a commit on it. */
async function branchWith(
  at: Place,
  change: Change,
  path: string,
  message: string,
  text = 'other',
): Promise<void> {
  const { github } = at.context;
  const branch = proposalBranch(change.key);
  const { data } = await github.rest('GET /repos/acme/api/git/ref/heads/main');
  const { sha } = (data as { object: { sha: string } }).object;
  await github.rest('POST /repos/acme/api/git/refs', { ref: `refs/heads/${branch}`, sha });
  const content = Buffer.from(text).toString('base64');
  await github.rest(`PUT /repos/acme/api/contents/${path}`, { branch, content, message });
}

describe('a branch of that name', () => {
  it.each(['docs/NEW.md', 'theirs.txt'])('with other content in %s is refused and left', async (path) => {
    const at = await place();
    await branchWith(at, ADDITION, path, 'theirs');
    const before = kinds(at);
    expect((await failureOfCall(write(at, ADDITION))).failure).toEqual({ kind: 'refused', status: 409 });
    expect(await leftover(at, ADDITION)).toBe(false);
    await undo(at, ADDITION);
    expect(kinds(at)).toEqual(before);
  });

  it('is refused and left where the host shows no commits, even with the wanted file in it', async () => {
    const at = await place();
    const match = { method: 'GET', path: '**/git/commits/*' };
    at.w.github.faults.add({ match, when: 'before', kind: 'status', status: 404 });
    await branchWith(at, ADDITION, 'docs/NEW.md', 'no mark', (await at.context.content('t')).toString());
    expect((await failureOfCall(write(at, ADDITION))).failure).toEqual({ kind: 'refused', status: 409 });
    await undo(at, ADDITION);
    expect(kinds(at)).toEqual(['ref.create', 'commit.create']);
  });

  it('is ours by our pull request on a host that shows no commits', async () => {
    const at = await place();
    const match = { method: 'GET', path: '**/git/commits/*' };
    at.w.github.faults.add({ match, when: 'before', kind: 'status', status: 404 });
    await write(at, ADDITION);
    await undo(at, ADDITION);
    expect(kinds(at).slice(-2)).toEqual(['pull_request.update', 'ref.delete']);
  });

  it('is ours by the mark of its commit, whatever it holds', async () => {
    const at = await place();
    await branchWith(at, ADDITION, 'docs/NEW.md', 'Update\n\nOrgsaga-Proposal: docs%2FNEW.md');
    await undo(at, ADDITION);
    expect(await branches(at)).toEqual(['main']);
  });
});

/** Somebody commits to the branch of a proposal. */
async function pushTo(at: Place, { key }: Change, path: string): Promise<void> {
  const content = Buffer.from('theirs').toString('base64');
  const body = { branch: proposalBranch(key), content, message: 'A test for it' };
  await at.context.github.rest(`PUT /repos/acme/api/contents/${path}`, body);
}

describe.each([
  ['a file', ADDITION],
  ['a removal', REMOVAL],
])('a proposal of %s that somebody has pushed to', (_, change) => {
  it('is neither what was written nor what was before, and names what is theirs', async () => {
    const at = await place();
    await write(at, change);
    await pushTo(at, change, 'test/new.test.js');
    const found = await file.read(at.context, at.repository, change);
    expect(found).toMatchObject({ changed: [`commits on ${proposalBranch(change.key)}`] });
  });

  it('stays whole when it is to be withdrawn', async () => {
    const at = await place();
    await write(at, change);
    await pushTo(at, change, 'test/new.test.js');
    const before = kinds(at);
    expect((await failureOfCall(undo(at, change))).failure).toEqual({ kind: 'refused', status: 409 });
    expect(kinds(at)).toEqual(before);
  });

  it('is not built on: while the request is open, and when it was closed', async () => {
    const at = await place();
    await write(at, change);
    await write(at, change);
    await pushTo(at, change, change.key === 'README.md' ? 'README.md' : 'theirs.txt');
    const other = { ...change, after: change === REMOVAL ? { sha: null } : { sha: 'other', from: 'o' } };
    const context = { ...at.context, content: async () => Buffer.from('other') };
    const again = () => failureOfCall(file.write(context, at.repository, other, null, other.after));
    const before = kinds(at);
    expect((await again()).failure).toEqual({ kind: 'refused', status: 409 });
    expect(kinds(at)).toEqual(before);
    await at.context.github.rest('PATCH /repos/acme/api/pulls/1', { state: 'closed' });
    expect((await again()).failure).toEqual({ kind: 'refused', status: 409 });
    expect(await leftover(at, change)).toBe(false);
    await undo(at, change);
    expect(await branches(at)).toContain(proposalBranch(change.key));
  });
});

it('a file by commit leaves nothing over', async () => {
  const at = await place();
  expect(await leftover(at, { ...ADDITION, via: 'commit' })).toBe(false);
  expect(at.w.github.journal.requests().some(({ path }) => path.includes('/pulls'))).toBe(false);
});

it('a file by commit is read on the branch that it was written to, whichever is the default by now', async () => {
  const at = await place();
  const { github } = at.context;
  const committed: Change = { ...ADDITION, via: 'commit' };
  const { data } = await github.rest('GET /repos/acme/api/git/ref/heads/main', {});
  const { sha } = (data as { object: { sha: string } }).object;
  await github.rest('POST /repos/acme/api/git/refs', { ref: 'refs/heads/trunk', sha });
  await write(at, committed);
  await github.rest('PATCH /repos/acme/api', { default_branch: 'trunk' });
  expect(await file.read(at.context, at.repository, committed)).toEqual(committed.after);
  await file.write(at.context, at.repository, committed, committed.after, null);
  expect(await file.read(at.context, at.repository, committed)).toBeNull();
});
