import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SimulatedGitHub, seedDemo, startSimulatedGitHub } from '../../../src/dev/github/index.js';
import { clientOf, dig } from './client.js';

const PROTECTION = {
  required_status_checks: { strict: true, contexts: ['ci'] },
  enforce_admins: true,
  required_pull_request_reviews: { required_approving_review_count: 2 },
  restrictions: { users: ['ada'], teams: ['maintainers'] },
};

let github: SimulatedGitHub;
let call: ReturnType<typeof clientOf>['call'];
beforeEach(async () => {
  github = await startSimulatedGitHub({ seed: [seedDemo(6), { login: 'umbra' }] });
  call = clientOf(github).call;
});
afterEach(() => github.close());

const APP = '/repos/acme/billing-api';
const ARCHIVED = '/repos/acme/checkout-api';
const EMPTY = '/repos/acme/catalog-api';

describe('the simulated REST API', () => {
  it('answers at / and /api/v3 alike, and asks for a token', async () => {
    const [plain, enterprise] = await Promise.all([call(`GET ${APP}`), call(`GET /api/v3${APP}`)]);
    expect(dig(enterprise.body, 'id')).toBe(dig(plain.body, 'id'));
    expect(dig(enterprise.body, 'url')).toBe(`${github.url}/api/v3${APP}`);
    expect((await clientOf(github, null).call(`GET ${APP}`)).status).toBe(401);
    expect((await call('GET /orgs/nobody')).body).toMatchObject({ message: 'Not Found', status: '404' });
  });

  it('accepts only the tokens it was given, and no write with a read-only one', async () => {
    const closed = await startSimulatedGitHub({
      seed: [seedDemo(1)],
      tokens: ['good'],
      readOnlyTokens: ['look'],
    });
    try {
      expect((await clientOf(closed, 'bad').call('GET /user')).body).toMatchObject({
        message: 'Bad credentials',
      });
      expect((await clientOf(closed, 'good').call('GET /user')).status).toBe(200);
      const reader = clientOf(closed, 'look');
      expect((await reader.call('GET /orgs/acme')).status).toBe(200);
      expect((await reader.call('PATCH /orgs/acme', { description: 'x' })).status).toBe(403);
      expect(closed.journal.effects()).toEqual([]);
    } finally {
      await closed.close();
    }
  });

  it('gives an app installation a token of its own, which belongs to no user', async () => {
    const closed = await startSimulatedGitHub({ seed: [seedDemo(1)], tokens: [] });
    try {
      const asApp = clientOf(closed, 'header.claims.signature');
      const made = await asApp.call('POST /app/installations/7/access_tokens');
      expect(made.status).toBe(201);
      expect((await asApp.call('GET /orgs/acme')).status).toBe(401);
      const installed = clientOf(closed, String(dig(made.body, 'token')));
      expect((await installed.call('GET /orgs/acme')).status).toBe(200);
      expect((await installed.call('GET /user')).status).toBe(403);
      await installed.call('POST /orgs/acme/teams', { name: 'new' });
      expect((await installed.call('GET /orgs/acme/teams/new/members')).body).toEqual([]);
    } finally {
      await closed.close();
    }
  });

  it('changes the named settings only and records before and after', async () => {
    const before = await call(`GET ${APP}`);
    const answer = await call(`PATCH ${APP}`, { has_wiki: 'x' });
    expect(answer.status).toBe(422);
    const wiki = dig(before.body, 'has_wiki');
    const changed = await call(`PATCH ${APP}`, { has_wiki: wiki !== true });
    expect(changed.body).toMatchObject({ has_wiki: wiki !== true, has_issues: true });
    await call(`PATCH ${APP}`, { has_wiki: wiki !== true });
    expect(github.journal.effects()).toMatchObject([
      {
        kind: 'repository.update',
        repository: 'acme/billing-api',
        before: { has_wiki: wiki },
        changed: true,
      },
      { kind: 'repository.update', changed: false },
    ]);
  });

  it('refuses a repository without a merge method, an unknown default branch, and any write to an archived one', async () => {
    const none = { allow_merge_commit: false, allow_squash_merge: false, allow_rebase_merge: false };
    expect((await call(`PATCH ${APP}`, none)).body).toMatchObject({ message: 'Validation Failed' });
    expect((await call(`PATCH ${APP}`, { default_branch: 'gone' })).status).toBe(422);
    for (const [line, body] of [
      [`PATCH ${ARCHIVED}`, { has_wiki: true }],
      [`PUT ${ARCHIVED}/topics`, { names: ['a'] }],
      [`POST ${ARCHIVED}/issues`, { title: 'x' }],
      [`PUT /orgs/acme/teams/maintainers${ARCHIVED}`, { permission: 'push' }],
    ] as const)
      expect(await call(line, body), line).toMatchObject({
        status: 403,
        body: { message: 'Repository was archived so is read-only.' },
      });
    expect(github.journal.effects()).toEqual([]);
  });

  it('follows a repository by id, redirects from its old name, and gives a recreated one a new id', async () => {
    const id = dig((await call(`GET ${APP}`)).body, 'id');
    await call(`PATCH ${APP}`, { name: 'New name' });
    const moved = await call(`GET ${APP}/topics?page=1`);
    expect(moved.status).toBe(301);
    expect(moved.headers.get('location')).toBe(`${github.url}/repositories/${String(id)}/topics?page=1`);
    expect((await call(`PATCH ${APP}`, { has_wiki: true })).status).toBe(307);
    expect((await call(`GET /repositories/${String(id)}`)).body).toMatchObject({ id, name: 'New-name' });
    const again = await call('POST /orgs/acme/repos', { name: 'billing-api' });
    expect(again.status).toBe(201);
    expect((await call(`GET ${APP}`)).body).toMatchObject({ id: dig(again.body, 'id') });
    expect(dig(again.body, 'id')).not.toBe(id);
    expect((await call('POST /orgs/acme/repos', { name: 'BILLING-API' })).body).toMatchObject({
      errors: [{ message: 'name already exists on this account' }],
    });
  });

  it('transfers a repository: its old name leads to it, and teams lose their access', async () => {
    const id = dig((await call(`GET ${APP}`)).body, 'id');
    await call('PUT /orgs/acme/teams/maintainers' + APP, { permission: 'push' });
    expect((await call(`POST ${APP}/transfer`, { new_owner: 'umbra' })).status).toBe(202);
    const moved = await call(`GET ${APP}`);
    expect([moved.status, moved.headers.get('location')]).toEqual([
      301,
      `${github.url}/repositories/${String(id)}`,
    ]);
    expect((await call(`GET /repositories/${String(id)}`)).body).toMatchObject({
      id,
      full_name: 'umbra/billing-api',
    });
    expect((await call('GET /orgs/acme/teams/maintainers/repos')).body).not.toContainEqual(
      expect.objectContaining({ id }),
    );
  });

  it('protects a branch by PUT with its four keys, and only one that exists', async () => {
    const url = `${APP}/branches/main/protection`;
    expect((await call(`GET ${url}`)).body).toMatchObject({ message: 'Branch not protected', status: '404' });
    expect((await call(`GET ${APP}/branches/none/protection`)).body).toMatchObject({
      message: 'Branch not found',
    });
    const missing = await call(`PUT ${url}`, {
      enforce_admins: null,
      restrictions: null,
      required_status_checks: null,
    });
    expect(missing.body).toMatchObject({
      message: 'Invalid request.\n\n"required_pull_request_reviews" wasn\'t supplied.',
    });
    expect((await call(`PUT ${url}`, PROTECTION)).status).toBe(200);
    expect((await call(`GET ${url}`)).body).toMatchObject({
      required_status_checks: { strict: true, contexts: ['ci'], checks: [{ context: 'ci', app_id: null }] },
      enforce_admins: { enabled: true },
      required_pull_request_reviews: { required_approving_review_count: 2, dismiss_stale_reviews: false },
      restrictions: { users: [{ login: 'ada' }], teams: [{ slug: 'maintainers' }] },
      required_signatures: { enabled: false },
    });
    await call(`POST ${url}/required_signatures`);
    await call(`PUT ${url}`, { ...PROTECTION, restrictions: null });
    const after = await call(`GET ${url}`);
    expect(after.body).toMatchObject({ required_signatures: { enabled: true } });
    expect(dig(after.body, 'restrictions')).toBeUndefined();
    expect((await call(`DELETE ${url}`)).status).toBe(204);
    expect((await call(`GET ${url}`)).status).toBe(404);
    expect((await call(`PUT ${EMPTY}/branches/main/protection`, PROTECTION)).status).toBe(404);
  });

  it('keeps issues, comments, labels, hooks and rulesets', async () => {
    expect((await call(`POST ${APP}/issues`, { title: 'one' })).body).toMatchObject({
      number: 1,
      state: 'open',
    });
    expect((await call(`POST ${APP}/issues/1/comments`, { body: 'said' })).status).toBe(201);
    expect((await call(`GET ${APP}/issues/1/comments`)).body).toMatchObject([{ body: 'said' }]);
    await call(`PATCH ${APP}`, { has_issues: false });
    expect((await call(`POST ${APP}/issues`, { title: 'two' })).status).toBe(410);
    expect((await call(`POST ${APP}/labels`, { name: 'Bug', color: 'd73a4a' })).body).toMatchObject({
      errors: [{ code: 'already_exists' }],
    });
    expect((await call(`PATCH ${APP}/labels/bug`, { new_name: 'defect' })).body).toMatchObject({
      name: 'defect',
    });
    expect((await call(`DELETE ${APP}/labels/bug`)).status).toBe(404);
    const hook = { config: { url: 'https://ci.example/hook', secret: 'hidden' }, events: ['push'] };
    const made = await call(`POST ${APP}/hooks`, hook);
    expect(made.body).toMatchObject({ config: { secret: '********' }, events: ['push'] });
    expect((await call(`POST ${APP}/hooks`, hook)).status).toBe(422);
    expect(JSON.stringify(github.journal.effects())).not.toContain('hidden');
    const ruleset = { name: 'r', enforcement: 'active', rules: [] };
    expect((await call('POST /orgs/acme/rulesets', ruleset)).status).toBe(201);
    expect((await call('POST /orgs/acme/rulesets', ruleset)).status).toBe(422);
    expect((await call(`GET ${APP}/rulesets`)).body).toMatchObject([
      { name: 'r', source_type: 'Organization' },
    ]);
    expect((await call(`GET ${APP}/rulesets?includes_parents=false`)).body).toEqual([]);
  });

  it('keeps teams with members, invitations and permissions', async () => {
    const made = await call('POST /orgs/acme/teams', { name: 'Site Reliability!', privacy: 'closed' });
    expect(made.body).toMatchObject({ slug: 'site-reliability', privacy: 'closed', parent: null });
    const team = '/orgs/acme/teams/site-reliability';
    expect((await call('POST /orgs/acme/teams', { name: 'site reliability' })).status).toBe(422);
    expect((await call(`GET ${team}/members?role=maintainer`)).body).toMatchObject([{ login: 'octo-admin' }]);
    expect((await call(`PUT ${team}/memberships/lin`, { role: 'member' })).body).toMatchObject({
      state: 'active',
    });
    expect((await call(`PUT ${team}/memberships/guest`)).body).toMatchObject({ state: 'pending' });
    expect((await call(`PUT ${team}/memberships/nobody`)).status).toBe(404);
    expect((await call(`GET ${team}/invitations`)).body).toMatchObject([{ login: 'guest' }]);
    expect((await call(`PUT ${team}${APP}`, { permission: 'maintain' })).status).toBe(204);
    expect((await call(`GET ${team}${APP}`)).status).toBe(204);
    const accept = { accept: 'application/vnd.github.v3.repository+json' };
    expect((await call(`GET ${team}${APP}`, undefined, accept)).body).toMatchObject({
      role_name: 'maintain',
      permissions: { maintain: true, admin: false },
    });
    expect((await call(`DELETE ${team}${APP}`)).status).toBe(204);
    expect((await call(`GET ${team}${APP}`)).status).toBe(404);
    expect((await call(`PATCH ${team}`, { name: 'sre' })).body).toMatchObject({ slug: 'sre' });
    expect((await call(`GET ${team}`)).status).toBe(404);
    expect((await call('DELETE /orgs/acme/teams/sre')).status).toBe(204);
  });
});
