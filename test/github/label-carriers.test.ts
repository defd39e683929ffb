import { describe, expect, it } from 'vitest';
import { operations } from '../../src/github/operations/index.js';
import { issueMark } from '../../src/standards/repository-marker.js';
import { changeOf, type Place, place, RUN } from './operations-support.js';
import { failureOfCall } from './support.js';

const labelled = (name: string) =>
  changeOf('label', name, null, { name, color: 'ffffff', description: null });

const others = (at: Place, name: string) =>
  operations.label.others?.(at.context, at.repository, labelled(name));

async function open(at: Place, labels: string[], body = 'Please.'): Promise<void> {
  await at.context.github.rest('POST /repos/acme/api/issues', { title: 'Something', body, labels });
}

/** A pull request that carries labels. */
async function propose(at: Place, labels: string[]): Promise<void> {
  const { github } = at.context;
  await github.rest('PUT /repos/acme/api/contents/README.md', {
    message: 'More',
    content: Buffer.from('more').toString('base64'),
    branch: 'side',
    ...(await sideBranch(at)),
  });
  const { data } = await github.rest('POST /repos/acme/api/pulls', {
    title: 'More',
    head: 'side',
    base: 'main',
  });
  const { number } = data as { number: number };
  await github.rest(`PATCH /repos/acme/api/issues/${number}`, { labels });
}

async function sideBranch({ context: { github } }: Place): Promise<{ sha: string }> {
  const { data } = await github.rest('GET /repos/acme/api/git/ref/heads/main');
  const { sha } = (data as { object: { sha: string } }).object;
  await github.rest('POST /repos/acme/api/git/refs', { ref: 'refs/heads/side', sha });
  const file = await github.rest('GET /repos/acme/api/contents/README.md');
  return { sha: (file.data as { sha: string }).sha };
}

describe('issues that carry a label', () => {
  it.each(['security', 'security, urgent', 'c++ & more'])('are named, closed ones too: %s', async (name) => {
    const at = await place();
    await open(at, []);
    expect(await others(at, name)).toEqual([]);
    await open(at, [name]);
    await at.context.github.rest('PATCH /repos/acme/api/issues/2', { state: 'closed' });
    await propose(at, ['Bug', name]);
    expect(await others(at, name)).toEqual(['pull request #3', 'issue #2']);
  });

  it('are found in whatever case', async () => {
    const at = await place();
    await open(at, ['Security']);
    expect(await others(at, 'security')).toEqual(['issue #1']);
  });

  it('do not count for a label whose name is a part of theirs', async () => {
    const at = await place();
    await open(at, ['security, urgent']);
    await open(at, ['security', 'urgent']);
    expect(await others(at, 'security')).toEqual(['issue #2']);
    expect(await others(at, 'security, urgent')).toEqual(['issue #1']);
  });

  it('do not count where the run itself has opened them', async () => {
    const at = await place();
    await open(at, ['security'], `Please.\n\n${issueMark(RUN, '1')}`);
    expect(await others(at, 'security')).toEqual([]);
    await open(at, ['security'], `Please.\n\n${issueMark('another-run', '1')}`);
    expect(await others(at, 'security')).toEqual(['issue #2']);
  });

  it('are looked for behind a first page of the run’s own', async () => {
    const at = await place();
    await open(at, ['security']);
    for (let count = 0; count < 100; count += 1) await open(at, ['security'], issueMark(RUN, String(count)));
    expect(await others(at, 'security')).toEqual(['issue #1']);
  });

  it('are named up to a few, by one request', async () => {
    const at = await place();
    for (let count = 0; count < 120; count += 1) await open(at, ['security']);
    const before = at.w.github.journal.requests().length;
    expect(await others(at, 'security')).toEqual([
      'issue #120',
      'issue #119',
      'issue #118',
      'issue #117',
      'issue #116',
      'and more',
    ]);
    expect(at.w.github.journal.requests()).toHaveLength(before + 1);
  });

  it('are pull requests alone where issues are switched off', async () => {
    const at = await place();
    await propose(at, ['security']);
    const match = { method: 'GET', path: '/repos/acme/api/issues' };
    at.w.github.faults.add({ match, kind: 'status', status: 410, body: { message: 'Issues are disabled' } });
    expect(await others(at, 'security')).toEqual(['pull request #1']);
    expect(await others(at, 'urgent')).toEqual([]);
  });

  it('are unknown in a repository that is gone', async () => {
    const at = await place();
    await at.context.github.rest('DELETE /repos/acme/api');
    expect((await failureOfCall(Promise.resolve(others(at, 'security')))).failure).toEqual({
      kind: 'refused',
      status: 404,
    });
  });
});
