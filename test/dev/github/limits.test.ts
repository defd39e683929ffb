import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type LimitsOption,
  type SimulatedGitHub,
  seedDemo,
  startSimulatedGitHub,
} from '../../../src/dev/github/index.js';
import { clientOf, dig } from './client.js';

/** Whole minutes, so that a window begins where a test begins. */
const START = Date.UTC(2026, 0, 1);

let now = START;
let github: SimulatedGitHub;
let client: ReturnType<typeof clientOf>;
beforeEach(async () => {
  now = START;
  github = await startSimulatedGitHub({ seed: [seedDemo(6)], now: () => now });
  client = clientOf(github);
});
afterEach(() => github.close());

const get = () => client.call('GET /orgs/acme');
const write = () => client.call('PATCH /orgs/acme', { description: 'x' });
const issue = () => client.call('POST /repos/acme/billing-api/issues', { title: 'x' });
const limit = (limits: LimitsOption) => github.setLimits(limits);

describe('limits', () => {
  it('refuses over the primary limit with nothing remaining until the reset, and counts each token alone', async () => {
    limit({ rest_per_hour: 2 });
    expect((await get()).headers.get('x-ratelimit-remaining')).toBe('1');
    await get();
    const refused = await get();
    expect(refused).toMatchObject({ status: 403, body: { message: /^API rate limit exceeded/ } });
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
    const reset = Number(refused.headers.get('x-ratelimit-reset')) * 1000;
    expect(reset).toBe(START + 3_600_000);
    expect((await clientOf(github, 'other').call('GET /orgs/acme')).status).toBe(200);
    expect((await client.call('GET /rate_limit')).body).toMatchObject({
      rate: { remaining: 0 },
      resources: { core: { used: 2 } },
    });
    now = reset;
    expect((await get()).status).toBe(200);
  });

  it('keeps a pool of its own for GraphQL and tells of its end with status 200', async () => {
    limit({ rest_per_hour: 0, graphql_per_hour: 1 });
    expect((await client.graphql('{ viewer { login } }')).status).toBe(200);
    const refused = await client.graphql('{ viewer { login } }');
    expect(refused.status).toBe(200);
    expect(dig(refused.body, 'errors', 0, 'type')).toBe('RATE_LIMITED');
    expect(refused.headers.get('x-ratelimit-resource')).toBe('graphql');
  });

  it('counts a write five points of the secondary limit and says when to come back', async () => {
    limit({ rest_points_per_minute: 11 });
    expect([(await write()).status, (await write()).status, (await get()).status]).toEqual([200, 200, 200]);
    const refused = await get();
    expect(refused).toMatchObject({
      status: 403,
      body: { message: /^You have exceeded a secondary rate limit/ },
    });
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(61);
    now += wait * 1000;
    expect((await get()).status).toBe(200);
  });

  it('can leave retry-after out and answer 429', async () => {
    limit({ rest_points_per_minute: 0, retry_after: false, secondary_status: 429 });
    const refused = await get();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBeNull();
  });

  it('counts creating content apart', async () => {
    limit({ content_per_minute: 1 });
    expect([(await issue()).status, (await issue()).status, (await get()).status]).toEqual([201, 403, 200]);
  });

  it('refuses more at once than allowed', async () => {
    limit({ concurrent: 3 });
    github.setLatency(50);
    const statuses = (await Promise.all(Array.from({ length: 5 }, get))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 403)).toHaveLength(2);
    expect((await get()).status).toBe(200);
  });

  it('marks requests in a window that the caller knew to be closed', async () => {
    limit({ rest_per_hour: 1 });
    await get();
    await get();
    now += 1000;
    await get();
    github.faults.add({ match: {}, kind: 'status', status: 429, headers: { 'retry-after': '60' }, times: 1 });
    await client.graphql('{ viewer { login } }');
    now += 59_000;
    await client.graphql('{ viewer { login } }');
    now += 1000;
    await client.graphql('{ viewer { login } }');
    expect(github.journal.requests().map((entry) => entry.in_closed_window)).toEqual([
      false, // uses the last point
      false, // at the same instant: it may have been under way
      true,
      false,
      true,
      false,
    ]);
  });
});
