import { Buffer } from 'node:buffer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SimulatedGitHub, seedDemo, startSimulatedGitHub } from '../../../src/dev/github/index.js';
import { clientOf, dig } from './client.js';

let github: SimulatedGitHub;
let client: ReturnType<typeof clientOf>;
beforeEach(async () => {
  github = await startSimulatedGitHub({ seed: [seedDemo(6)] });
  client = clientOf(github);
});
afterEach(() => github.close());

const repo = (name = 'billing-api') => github.state.repository('acme', name);

describe('GraphQL mutations', () => {
  it('gives each alias its own answer or error, in order', async () => {
    const { body } = await client.graphql(
      `mutation($a: CreateBranchProtectionRuleInput!, $t: UpdateTopicsInput!, $i: CreateIssueInput!) {
        a: createBranchProtectionRule(input: $a) { branchProtectionRule { pattern } }
        twice: createBranchProtectionRule(input: $a) { branchProtectionRule { pattern } }
        archived: updateTopics(input: $t) { repository { id } }
        gone: createIssue(input: $i) { issue { number } }
        last: createIssue(input: { repositoryId: "${repo().node_id}", title: "hello" }) { issue { number } } }`,
      {
        a: { repositoryId: repo().node_id, pattern: 'release/*', requiresApprovingReviews: true },
        t: { repositoryId: repo('checkout-api').node_id, topicNames: ['a'] },
        i: { repositoryId: 'gone', title: 'x' },
      },
    );
    expect(dig(body, 'data')).toEqual({
      a: { branchProtectionRule: { pattern: 'release/*' } },
      twice: null,
      archived: null,
      gone: null,
      last: { issue: { number: 1 } },
    });
    expect(dig(body, 'errors')).toMatchObject([
      { path: ['twice'], type: 'UNPROCESSABLE' },
      { path: ['archived'], type: 'FORBIDDEN', message: 'Repository was archived so is read-only.' },
      { path: ['gone'], type: 'NOT_FOUND' },
    ]);
    expect(github.journal.effects().map(({ kind }) => kind)).toEqual([
      'branch_protection.put',
      'issue.create',
    ]);
    expect(github.journal.requests()[0]).toMatchObject({
      points: 5,
      operations: [
        'a:createBranchProtectionRule',
        'twice:createBranchProtectionRule',
        'archived:updateTopics',
        'gone:createIssue',
        'last:createIssue',
      ],
    });
  });

  it('changes of a rule only what the input names, as REST sees it', async () => {
    await client.call('PUT /repos/acme/billing-api/branches/main/protection', {
      required_status_checks: { strict: true, contexts: ['ci'] },
      enforce_admins: true,
      required_pull_request_reviews: { required_approving_review_count: 2 },
      restrictions: { users: [], teams: ['developers'] },
    });
    const id = repo().protections.get('main')?.node_id;
    const input = { branchProtectionRuleId: id, requiresStatusChecks: false, requiresLinearHistory: true };
    await client.graphql(
      'mutation($input: UpdateBranchProtectionRuleInput!) { updateBranchProtectionRule(input: $input) { clientMutationId } }',
      { input },
    );
    const { body } = await client.call('GET /repos/acme/billing-api/branches/main/protection');
    expect(body).toMatchObject({
      enforce_admins: { enabled: true },
      required_linear_history: { enabled: true },
      required_pull_request_reviews: { required_approving_review_count: 2 },
      restrictions: { teams: [{ slug: 'developers' }] },
    });
    expect(dig(body, 'required_status_checks')).toBeUndefined();
  });

  it('sets team permissions, settings and rulesets', async () => {
    const { body } = await client.graphql(
      `mutation($p: UpdateTeamsRepositoryInput!, $r: UpdateRepositoryInput!, $s: CreateRepositoryRulesetInput!) {
        updateTeamsRepository(input: $p) { teams { slug } }
        updateRepository(input: $r) { repository { hasWikiEnabled isTemplate } }
        createRepositoryRuleset(input: $s) { ruleset { databaseId } } }`,
      {
        p: {
          repositoryId: repo().node_id,
          teamIds: [github.state.team('acme', 'maintainers').node_id],
          permission: 'MAINTAIN',
        },
        r: { repositoryId: repo().node_id, hasWikiEnabled: true, template: true },
        s: {
          sourceId: repo().node_id,
          name: 'main',
          target: 'BRANCH',
          enforcement: 'ACTIVE',
          conditions: { refName: { include: ['~ALL'], exclude: [] } },
          bypassActors: [{ organizationAdmin: true, bypassMode: 'ALWAYS' }],
          rules: [{ type: 'UPDATE', parameters: { update: { updateAllowsFetchAndMerge: true } } }],
        },
      },
    );
    expect(dig(body, 'errors')).toBeUndefined();
    expect(dig(body, 'data', 'updateRepository', 'repository')).toEqual({
      hasWikiEnabled: true,
      isTemplate: true,
    });
    expect(github.state.team('acme', 'maintainers').repositories.get(repo())).toBe('maintain');
    const id = String(dig(body, 'data', 'createRepositoryRuleset', 'ruleset', 'databaseId'));
    expect((await client.call(`GET /repos/acme/billing-api/rulesets/${id}`)).body).toMatchObject({
      target: 'branch',
      conditions: { ref_name: { include: ['~ALL'], exclude: [] } },
      bypass_actors: [{ actor_id: 1, actor_type: 'OrganizationAdmin', bypass_mode: 'always' }],
      rules: [{ type: 'update', parameters: { update_allows_fetch_and_merge: true } }],
    });
  });

  it('commits files on the head it expects only', async () => {
    const commit = (expectedHeadOid: unknown) =>
      client.graphql(
        'mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }',
        {
          input: {
            branch: { repositoryNameWithOwner: 'acme/billing-api', branchName: 'main' },
            expectedHeadOid,
            message: { headline: 'Add owners' },
            fileChanges: { additions: [{ path: 'OWNERS', contents: Buffer.from('ada').toString('base64') }] },
          },
        },
      );
    const head = repo().branches.get('main')?.commit.sha;
    const done = await commit(head);
    expect(dig(done.body, 'data', 'createCommitOnBranch', 'commit', 'oid')).toBe(
      repo().branches.get('main')?.commit.sha,
    );
    expect(dig((await commit(head)).body, 'errors', 0, 'type')).toBe('STALE_DATA');
    const { body } = await client.call('GET /repos/acme/billing-api/contents/OWNERS');
    expect(dig(body, 'content')).toBe(`${Buffer.from('ada').toString('base64')}\n`);
  });
});
