import { Buffer } from 'node:buffer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SimulatedGitHub, seedDemo, startSimulatedGitHub } from '../../../src/dev/github/index.js';
import { clientOf, dig } from './client.js';

const PROTECTION = {
  required_status_checks: { strict: true, contexts: ['ci'] },
  enforce_admins: true,
  required_pull_request_reviews: { required_approving_review_count: 2 },
  restrictions: null,
};

let github: SimulatedGitHub;
let call: ReturnType<typeof clientOf>['call'];
beforeEach(async () => {
  github = await startSimulatedGitHub({ seed: [seedDemo(6)] });
  call = clientOf(github).call;
});
afterEach(() => github.close());

const APP = '/repos/acme/billing-api';
const EMPTY = '/repos/acme/catalog-api';

describe('files, branches and pull requests', () => {
  it('refuses commits to a protected branch until protection goes, also by ruleset', async () => {
    const file = { message: 'x', content: Buffer.from('x').toString('base64') };
    await call(`PUT ${APP}/branches/main/protection`, PROTECTION);
    const refused = await call(`PUT ${APP}/contents/a.txt`, file);
    expect(refused).toMatchObject({ status: 409, body: { message: /pull request/ } });
    await call(`PUT ${APP}/branches/main/protection`, { ...PROTECTION, enforce_admins: false });
    expect((await call(`PUT ${APP}/contents/a.txt`, file)).status).toBe(201);
    await call(`POST ${APP}/rulesets`, {
      name: 'by pull request',
      enforcement: 'active',
      conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
      rules: [{ type: 'pull_request' }],
    });
    expect((await call(`PUT ${APP}/contents/b.txt`, file)).status).toBe(409);
  });

  it('makes and changes files by their sha', async () => {
    const put = (content: string, sha?: string) =>
      call(`PUT ${APP}/contents/.github/CODEOWNERS`, {
        message: 'm',
        content: Buffer.from(content).toString('base64'),
        sha,
      });
    const first = await put('* @acme/maintainers\n');
    expect(first.status).toBe(201);
    expect((await put('other')).body).toMatchObject({
      message: 'Invalid request.\n\n"sha" wasn\'t supplied.',
    });
    expect((await put('other', 'f'.repeat(40))).status).toBe(409);
    const sha = String(dig(first.body, 'content', 'sha'));
    expect(sha).toMatch(/^[0-9a-f]{40}$/);
    expect((await put('other', sha)).status).toBe(200);
    const read = await call(`GET ${APP}/contents/.github%2FCODEOWNERS`);
    expect(Buffer.from(String(dig(read.body, 'content')), 'base64').toString()).toBe('other');
    expect((await call(`GET ${APP}/contents/.github`)).body).toMatchObject([
      { type: 'file', name: 'CODEOWNERS' },
    ]);
    expect((await call(`GET ${EMPTY}/contents/README.md`)).body).toMatchObject({
      message: 'This repository is empty.',
    });
  });

  it('opens one pull request for a branch and closes it with the branch', async () => {
    const head = dig((await call(`GET ${APP}/git/ref/heads/main`)).body, 'object', 'sha');
    expect((await call(`POST ${APP}/git/refs`, { ref: 'refs/heads/fix', sha: head })).status).toBe(201);
    expect((await call(`POST ${APP}/git/refs`, { ref: 'refs/heads/fix', sha: head })).body).toMatchObject({
      message: 'Reference already exists',
    });
    const pull = { title: 'Fix', head: 'fix', base: 'main' };
    expect((await call(`POST ${APP}/pulls`, pull)).body).toMatchObject({
      errors: [{ message: 'No commits between main and fix' }],
    });
    await call(`PUT ${APP}/contents/a.txt`, { message: 'm', content: 'YQ==', branch: 'fix' });
    expect((await call(`POST ${APP}/pulls`, pull)).status).toBe(201);
    expect((await call(`POST ${APP}/pulls`, pull)).status).toBe(422);
    expect((await call(`GET ${APP}/pulls?head=acme:fix`)).body).toMatchObject([
      { head: { ref: 'fix' }, state: 'open' },
    ]);
    await call(`DELETE ${APP}/git/refs/heads/fix`);
    expect((await call(`GET ${APP}/pulls/1`)).body).toMatchObject({ state: 'closed' });
  });

  it.each([true, false])(
    'merges a pull request, and keeps its ends as they were (branch deleted: %s)',
    async (deletes) => {
      await call(`PATCH ${APP}`, { delete_branch_on_merge: deletes });
      const main = dig((await call(`GET ${APP}/git/ref/heads/main`)).body, 'object', 'sha');
      await call(`POST ${APP}/git/refs`, { ref: 'refs/heads/fix', sha: main });
      await call(`PUT ${APP}/contents/a.txt`, { message: 'm', content: 'YQ==', branch: 'fix' });
      await call(`PUT ${APP}/contents/b.txt`, { message: 'm', content: 'Yg==' });
      const head = dig((await call(`GET ${APP}/git/ref/heads/fix`)).body, 'object', 'sha');
      const base = dig((await call(`GET ${APP}/git/ref/heads/main`)).body, 'object', 'sha');
      await call(`POST ${APP}/pulls`, { title: 'Fix', head: 'fix', base: 'main' });
      expect((await call(`PUT ${APP}/pulls/1/merge`)).body).toMatchObject({ merged: true });
      expect((await call(`PUT ${APP}/pulls/1/merge`)).status).toBe(405);
      expect((await call(`GET ${APP}/pulls?state=closed&head=acme:fix`)).body).toMatchObject([
        { merged_at: expect.any(String), head: { sha: head }, base: { sha: base } },
      ]);
      for (const [path, content] of [
        ['a.txt', 'YQ==\n'],
        ['b.txt', 'Yg==\n'],
      ])
        expect((await call(`GET ${APP}/contents/${path}`)).body).toMatchObject({ content });
      expect((await call(`GET ${APP}/git/ref/heads/fix`)).status).toBe(deletes ? 404 : 200);
    },
  );
});
