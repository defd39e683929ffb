import { beforeAll, describe, expect, it } from 'vitest';
import { seedDemo, startSimulatedGitHub } from '../../../src/dev/github/index.js';
import { clientOf } from './client.js';
import { type OpenApiChecker, openApiChecker } from './openapi.js';

let checker: OpenApiChecker;
beforeAll(async () => {
  checker = await openApiChecker();
});

const PROTECTION = {
  required_status_checks: { strict: true, contexts: ['ci'] },
  enforce_admins: true,
  required_pull_request_reviews: null,
  restrictions: { users: [], teams: ['a'] },
};
const PATH = '/repos/acme/app/branches/main/protection';

describe("the check against GitHub's OpenAPI document", () => {
  it.each([
    ['PUT', PATH, PROTECTION],
    [
      'PATCH',
      '/repos/acme/app',
      { has_wiki: false, visibility: 'private', squash_merge_commit_title: 'PR_TITLE' },
    ],
    ['PATCH', '/repositories/7', { has_wiki: false }],
    ['PATCH', '/orgs/acme', { default_repository_permission: 'read' }],
    ['PUT', '/orgs/acme/teams/a/repos/acme/app', { permission: 'maintain' }],
    ['PUT', '/repos/acme/app/topics', { names: ['a'] }],
    ['PUT', '/repos/acme/app/contents/.github/CODEOWNERS', { message: 'm', content: 'YQ==' }],
    ['GET', '/orgs/acme/repos?per_page=100&sort=full_name', undefined],
    ['DELETE', '/repos/acme/app/git/refs/heads/a/b', undefined],
  ])('has nothing to say of %s %s', (method, path, body) => {
    expect(checker.complaints({ method, path, body })).toEqual([]);
  });

  it.each([
    ['a missing key', 'PUT', PATH, { ...PROTECTION, restrictions: undefined }, 'restrictions'],
    ['an unknown key', 'PATCH', '/repos/acme/app', { has_wikis: false }, 'has_wikis'],
    [
      'an unknown key further in',
      'PUT',
      PATH,
      { ...PROTECTION, required_status_checks: { strict: true, contexts: [], lax: 1 } },
      'lax',
    ],
    ['a wrong type', 'PATCH', '/repos/acme/app', { has_wiki: 'no' }, 'boolean'],
    ['null where none is taken', 'PATCH', '/repos/acme/app', { has_wiki: null }, 'has_wiki'],
    ['a wrong value', 'PATCH', '/repos/acme/app', { visibility: 'secret' }, 'visibility'],
    ['no body where one is needed', 'PUT', '/repos/acme/app/topics', undefined, 'needs a body'],
    ['an unknown path', 'GET', '/repos/acme/app/shoes', undefined, 'no such operation'],
    ['a wrong method', 'PUT', '/repos/acme/app', {}, 'no such operation'],
    ['an unknown query parameter', 'GET', '/orgs/acme/repos?pagesize=3', undefined, 'pagesize'],
    ['a wrong query value', 'GET', '/orgs/acme/repos?sort=size', undefined, 'sort=size'],
  ])('complains of %s', (_name, method, path, body, part) => {
    const json: unknown = body === undefined ? undefined : JSON.parse(JSON.stringify(body));
    expect(checker.complaints({ method, path, body: json }).join('\n')).toContain(part);
  });

  it('can be held against what the simulator recorded', async () => {
    const github = await startSimulatedGitHub({ seed: [seedDemo(1)], recordBodies: true });
    try {
      const { call } = clientOf(github);
      await call('PATCH /api/v3/repos/acme/billing-api', { has_wiki: true });
      await call('PATCH /repos/acme/billing-api', { hasWiki: true });
      const complaints = github.journal.requests().flatMap((request) => checker.complaints(request));
      expect(complaints).toHaveLength(1);
      expect(complaints[0]).toContain('hasWiki');
    } finally {
      await github.close();
    }
  });
});
