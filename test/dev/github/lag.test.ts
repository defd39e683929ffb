import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SimulatedGitHub, seedDemo, startSimulatedGitHub } from '../../../src/dev/github/index.js';
import { clientOf, dig } from './client.js';

const LAG_MS = 400;
let github: SimulatedGitHub;
let client: ReturnType<typeof clientOf>;
beforeEach(async () => {
  github = await startSimulatedGitHub({ seed: [seedDemo(3)], lagMs: LAG_MS });
  client = clientOf(github);
});
afterEach(() => github.close());

const description = async (): Promise<unknown> =>
  dig((await client.call('GET /repos/acme/billing-api')).body, 'description');
const wiki = async (): Promise<unknown> =>
  dig((await client.call('GET /repos/acme/billing-api')).body, 'has_wiki');
const byGraphql = async (): Promise<unknown> => {
  const query = '{ repository(owner: "acme", name: "billing-api") { id description } }';
  return dig((await client.call('POST /graphql', { query })).body, 'data', 'repository');
};

describe('reads that lag', () => {
  it('show what was there, over REST and GraphQL, and then what is there', async () => {
    const before = [await description(), await byGraphql()];
    await client.call('PATCH /repos/acme/billing-api', { description: 'changed' });
    const rule = github.faults.add({ match: {}, kind: 'lag' });
    expect([await description(), await byGraphql()]).toEqual(before);
    github.faults.remove(rule);
    expect(await description()).toBe('changed');
    github.faults.add({ match: {}, kind: 'lag' });
    await pause(LAG_MS);
    expect(await description()).toBe('changed');
    // The same id: the two states know each thing by the same name.
    expect(dig(await byGraphql(), 'id')).toBe(dig(before[1], 'id'));
  });

  it('do not know yet what was created, and know it later by its id', async () => {
    github.faults.add({ match: {}, kind: 'lag' });
    const made = await client.call('POST /orgs/acme/teams', { name: 'fresh' });
    expect(made.status).toBe(201);
    expect((await client.call('GET /orgs/acme/teams/fresh')).status).toBe(404);
    await pause(LAG_MS);
    const found = await client.call('GET /orgs/acme/teams/fresh');
    expect(dig(found.body, 'id')).toBe(dig(made.body, 'id'));
  });

  it('know commits by the same hashes, whenever they come to know them', async () => {
    await client.call('POST /orgs/acme/repos', { name: 'fresh', auto_init: true });
    const tip = async (): Promise<unknown> =>
      dig((await client.call('GET /repos/acme/fresh/branches')).body, '0', 'commit', 'sha');
    const now = await tip();
    await pause(LAG_MS + 1_000);
    github.faults.add({ match: {}, kind: 'lag' });
    expect(await tip()).toBe(now);
    expect((await client.call(`GET /repos/acme/fresh/git/commits/${String(now)}`)).status).toBe(200);
  });

  it('follow changes that somebody made by hand', async () => {
    const before = await wiki();
    await fetch(`${github.url}/_sim/drift`, {
      method: 'POST',
      body: JSON.stringify({ organization: 'acme', fraction: 1, seed: 1 }),
    });
    await pause(LAG_MS + 50);
    const now = await wiki();
    github.faults.add({ match: {}, kind: 'lag' });
    expect(await wiki()).toBe(now);
    expect([before, now]).toContain(await wiki());
  });
});

describe('a rule for writes, or for reads', () => {
  it('tells them apart, over GraphQL too', async () => {
    const id = github.faults.add({ match: { write: true }, kind: 'status', status: 503 });
    expect((await client.call('GET /repos/acme/billing-api')).status).toBe(200);
    expect(await byGraphql()).not.toBeUndefined();
    expect((await client.call('PATCH /repos/acme/billing-api', { description: 'x' })).status).toBe(503);
    github.faults.remove(id);
    github.faults.add({ match: { write: false }, kind: 'status', status: 503 });
    expect((await client.call('POST /graphql', { query: '{ viewer { login } }' })).status).toBe(503);
    expect((await client.call('PATCH /repos/acme/billing-api', { description: 'x' })).status).toBe(200);
  });
});
