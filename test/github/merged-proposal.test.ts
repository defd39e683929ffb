import { describe, expect, it } from 'vitest';
import { operations } from '../../src/github/operations/index.js';
import { proposalBranch } from '../../src/github/read/files.js';
import type { Change, Json } from '../../src/standards/model.js';
import { changeOf, type Place, place, RUN, SHA } from './operations-support.js';

const NEW = changeOf('file', 'docs/NEW.md', null, { sha: SHA, from: 't' }, 'pull_request');
const UPDATE = changeOf('file', 'README.md', null, { sha: SHA, from: 't' }, 'pull_request');
const REMOVAL = changeOf('file', 'README.md', null, { sha: null }, 'pull_request');
const { file } = operations;
const WORDS = ['proposal #1 was merged; revert it by hand'];

const OTHER = async (): Promise<Buffer> => Buffer.from('other');

const propose = (at: Place, change: Change, run = RUN) =>
  file.write({ ...at.context, run }, at.repository, change, change.before, change.after);

/** As a step reads that takes back what a run did. */
const found = (at: Place, change: Change, takesBack = RUN): Promise<Json> =>
  file.read({ ...at.context, takesBack }, at.repository, change);

const merge = (at: Place, number = 1) =>
  at.context.github.rest(`PUT /repos/acme/api/pulls/${number}/merge`, {});

const close = (at: Place, number: number) =>
  at.context.github.rest(`PATCH /repos/acme/api/pulls/${number}`, { state: 'closed' });

const open = (at: Place, head: string, base: string) =>
  at.context.github.rest('POST /repos/acme/api/pulls', { title: 'Theirs', head, base });

async function commit(at: Place, path: string, text: string | null): Promise<void> {
  const { github } = at.context;
  const there = await github.rest(`GET /repos/acme/api/contents/${path}`).catch(() => null);
  const sha = there === null ? {} : { sha: (there.data as { sha: string }).sha };
  if (text === null)
    await github.rest(`DELETE /repos/acme/api/contents/${path}`, { message: 'Back', ...sha });
  else {
    const content = Buffer.from(text).toString('base64');
    await github.rest(`PUT /repos/acme/api/contents/${path}`, { message: 'Back', content, ...sha });
  }
}

describe.each([true, false])('a proposal that somebody has merged (GraphQL: %s)', (graphql) => {
  it.each([
    ['a new file', NEW, { sha: SHA }, null],
    ['a changed file', UPDATE, { sha: SHA }, '# api\n'],
    ['a removal', REMOVAL, { sha: null }, '# api\n'],
  ])(
    'of %s is neither what was written nor what was before, until it is reverted',
    async (_, change, blob, was) => {
      const at = await place({ graphql });
      await propose(at, change);
      await merge(at);
      expect(await found(at, change)).toEqual({ ...blob, changed: WORDS });
      // Nor is it where somebody has gone on from there.
      await commit(at, change.key, 'Another word');
      expect(await found(at, change)).toMatchObject({ changed: WORDS });
      await commit(at, change.key, was);
      expect(await found(at, change)).toBeNull();
    },
  );

  it('is found without its branch', async () => {
    const at = await place({ graphql });
    await propose(at, NEW);
    await merge(at);
    await at.context.github.rest(`DELETE /repos/acme/api/git/refs/heads/${proposalBranch(NEW.key)}`);
    expect(await found(at, NEW)).toEqual({ sha: SHA, changed: WORDS });
  });

  it('is looked at on the branch that it was merged into, while that is there', async () => {
    const at = await place({ graphql });
    const { github } = at.context;
    const trunkAt = async (name: string, end: 'base' | 'merged'): Promise<void> => {
      const { data } = await github.rest('GET /repos/acme/api/pulls/1');
      const tip = await github.rest('GET /repos/acme/api/git/ref/heads/main');
      const { sha } =
        end === 'base'
          ? (data as { base: { sha: string } }).base
          : (tip.data as { object: { sha: string } }).object;
      await github.rest('POST /repos/acme/api/git/refs', { ref: `refs/heads/${name}`, sha });
      await github.rest('PATCH /repos/acme/api', { default_branch: name });
    };
    await propose(at, NEW);
    await merge(at);
    await trunkAt('other', 'base');
    expect(await found(at, NEW)).toEqual({ sha: SHA, changed: WORDS });
    await trunkAt('renamed', 'merged');
    await github.rest('DELETE /repos/acme/api/git/refs/heads/main');
    expect(await found(at, NEW)).toEqual({ sha: SHA, changed: WORDS });
  });
});

describe('no proposal of the run', () => {
  it('is one that somebody has closed', async () => {
    const at = await place();
    await propose(at, NEW);
    await close(at, 1);
    const before = at.w.github.journal.requests().length;
    expect(await found(at, NEW)).toBeNull();
    expect(at.w.github.journal.requests()).toHaveLength(before + 4);
  });

  it('is looked for while one is open, or by a step that goes forward', async () => {
    const at = await place();
    await propose(at, NEW);
    const asked = () => at.w.github.journal.requests().filter(({ path }) => path.includes('state=closed'));
    await found(at, NEW);
    await merge(at);
    expect(await file.read(at.context, at.repository, NEW)).toBeNull();
    expect(asked()).toEqual([]);
  });

  it('is one that another run made, before or after', async () => {
    const at = await place();
    await propose(at, NEW, 'before');
    await merge(at);
    await at.context.github.rest(`DELETE /repos/acme/api/git/refs/heads/${proposalBranch(NEW.key)}`);
    const other: Change = { ...NEW, after: { sha: 'other', from: 'o' } };
    await file.write({ ...at.context, content: OTHER }, at.repository, other, null, other.after);
    await close(at, 2);
    expect(await found(at, other)).toBeNull();
    expect(await found(at, NEW, 'before')).toMatchObject({ changed: WORDS });
  });
});

describe('pull requests of others', () => {
  it.each([true, false])(
    'from its branch or into it are not closed with it (ours is open: %s)',
    async (isOpen) => {
      const at = await place();
      await propose(at, NEW);
      const { data } = await at.context.github.rest('GET /repos/acme/api/git/ref/heads/main');
      const { sha } = (data as { object: { sha: string } }).object;
      for (const name of ['old', 'stacked'])
        await at.context.github.rest('POST /repos/acme/api/git/refs', { ref: `refs/heads/${name}`, sha });
      await open(at, proposalBranch(NEW.key), 'old');
      if (!isOpen) await close(at, 1);
      expect(await found(at, NEW)).toMatchObject({ changed: ['pull request #2'] });
      expect(await file.read(at.context, at.repository, NEW)).toEqual(isOpen ? NEW.after : null);
      await open(at, 'stacked', proposalBranch(NEW.key)).catch(() => null);
      await close(at, 2);
      await close(at, 3).catch(() => null);
      expect(await found(at, NEW)).toEqual(isOpen ? NEW.after : null);
    },
  );
});

describe('the run’s proposal', () => {
  it('is known by its commit where somebody has written its words anew', async () => {
    const at = await place();
    await propose(at, NEW);
    await at.context.github.rest('PATCH /repos/acme/api/pulls/1', { body: 'No mark' });
    await merge(at);
    expect(await found(at, NEW)).toMatchObject({ changed: WORDS });
  });

  it('is one that a rollback of its rollback has made again', async () => {
    const at = await place();
    await propose(at, NEW, `${RUN}-rollback-rollback`);
    await merge(at);
    expect(await found(at, NEW)).toMatchObject({ changed: WORDS });
  });

  it('is another’s to which it has added its own, and that only', async () => {
    const at = await place();
    await propose(at, NEW, 'first');
    const other: Change = {
      ...NEW,
      action: 'update',
      before: { sha: SHA },
      after: { sha: 'other', from: 'o' },
    };
    await file.write({ ...at.context, content: OTHER }, at.repository, other, other.before, other.after);
    await merge(at);
    expect(await found(at, other)).toMatchObject({ changed: WORDS });
    expect(await found(at, other, 'third')).toBeNull();
  });
});
