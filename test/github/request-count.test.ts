import { describe, expect, it } from 'vitest';
import { countRequests } from '../../src/github/request-count.js';
import { world } from './support.js';

const seed = [{ login: 'acme', repositories: [{ name: 'api' }] }];
const label = { owner: 'acme', repo: 'api', name: 'ours', color: 'ff0000' };
const LABELS = 'POST /repos/{owner}/{repo}/labels';

describe('requests that took effect', () => {
  it('are those that were answered with success, reads aside', async () => {
    const client = (await world(seed)).client();
    const outer = await countRequests(async () => {
      await client.rest('GET /repos/{owner}/{repo}', { owner: 'acme', repo: 'api' });
      await client.rest(LABELS, label);
      const again = await countRequests(() => client.rest(LABELS, label));
      expect(again).toMatchObject({ outcome: { ok: false }, count: { mutating: 1 }, applied: 0 });
    });
    expect(outer).toMatchObject({ outcome: { ok: true }, count: { mutating: 2 }, applied: 1 });
  });

  it('are none where the answer did not come', async () => {
    const w = await world(seed);
    w.github.faults.add({ match: { method: 'POST' }, when: 'after', kind: 'reset' });
    const { count, applied } = await countRequests(() => w.client().rest(LABELS, label));
    expect([count.mutating, applied]).toEqual([1, 0]);
  });

  it('are none where GraphQL refused the only mutation of an answer', async () => {
    const client = (await world(seed)).client();
    const mutation =
      'mutation ($input: DeleteBranchProtectionRuleInput!) { deleteBranchProtectionRule(input: $input) { clientMutationId } }';
    const { outcome, count, applied } = await countRequests(() =>
      client.graphql(mutation, { input: { branchProtectionRuleId: 'nothing' } }, { mutation: true }),
    );
    expect(outcome).toMatchObject({ ok: true, value: { errors: [{ type: 'NOT_FOUND' }] } });
    expect([count.mutating, applied]).toEqual([1, 0]);
  });
});
