import { describe, expect, it } from 'vitest';
import { graphqlUrl } from '../../src/github/create-client.js';
import { callFailed, failureOf, gateReport, limitedUntil } from '../../src/github/failure.js';
import { laneOf } from '../../src/github/lane.js';
import { addSecret } from '../../src/security/redact.js';

const NOW = Date.parse('2026-11-23T10:00:00Z');
const seconds = (at: number): string => String(at / 1_000);

describe('what an answer means', () => {
  const secondary =
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
  const reset = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': seconds(NOW + 90_000) };
  it.each([
    ['401', 401, {}, 'Bad credentials', { kind: 'unauthenticated', status: 401 }],
    ['403 without signs', 403, {}, 'Resource not accessible', { kind: 'refused', status: 403 }],
    [
      '403, nothing remaining',
      403,
      reset,
      'API rate limit exceeded',
      { kind: 'limited', status: 403, until: NOW + 90_000 },
    ],
    [
      '403 with retry-after',
      403,
      { 'retry-after': '7' },
      '',
      { kind: 'limited', status: 403, until: NOW + 7_000 },
    ],
    ['403 by its words alone', 403, {}, secondary, { kind: 'limited', status: 403, until: NOW + 60_000 }],
    [
      '403, abuse',
      403,
      {},
      'You have triggered an abuse detection mechanism.',
      { kind: 'limited', status: 403, until: NOW + 60_000 },
    ],
    ['429 without anything', 429, {}, '', { kind: 'limited', status: 429, until: NOW + 60_000 }],
    ['404', 404, {}, 'Not Found', { kind: 'refused', status: 404 }],
    ['410', 410, {}, 'Issues are disabled', { kind: 'refused', status: 410 }],
    ['422', 422, {}, 'Validation Failed', { kind: 'refused', status: 422 }],
    ['500', 500, {}, '', { kind: 'unknown', status: 500 }],
    ['502', 502, {}, 'Server Error', { kind: 'unknown', status: 502 }],
    ['503 with retry-after', 503, { 'retry-after': '7' }, '', { kind: 'unknown', status: 503 }],
  ])('%s', (_, status, headers, message, failure) => {
    expect(failureOf({ status, headers, message }, NOW)).toEqual(failure);
  });

  it('moves a reset to this clock by the Date of the answer', () => {
    const theirs = NOW + 3_600_000;
    const headers = {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': seconds(theirs + 30_000),
      date: new Date(theirs).toUTCString(),
    };
    expect(limitedUntil(headers, NOW)).toBe(NOW + 30_000);
  });

  it('tells the gate the budget of each answer, and which window is closed', () => {
    const headers = { 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': seconds(NOW + 5_000) };
    expect(gateReport('graphql', headers, null, NOW)).toEqual({
      health: 'success',
      budget: { resource: 'graphql', remaining: 12, resetAt: NOW + 5_000 },
    });
    const limited = { kind: 'limited', status: 403, until: NOW + 9 } as const;
    expect(gateReport('core', { 'x-ratelimit-remaining': '0' }, limited, NOW).closed).toEqual({
      window: 'core',
      until: NOW + 9,
    });
    expect(gateReport('core', { 'retry-after': '1' }, limited, NOW).closed).toEqual({
      window: 'secondary',
      until: NOW + 9,
    });
    expect(gateReport('core', {}, { kind: 'unknown', status: null }, NOW)).toEqual({ health: 'failure' });
    expect(gateReport('core', {}, { kind: 'refused', status: 404 }, NOW)).toEqual({ health: 'success' });
  });

  it('says what was asked and what came, and keeps long words short', () => {
    const error = callFailed(
      'PATCH /repos/acme/x',
      { kind: 'refused', status: 422 },
      'y'.repeat(2_000),
      'ABCD',
    );
    expect(error.message).toMatch(/^PATCH \/repos\/acme\/x: GitHub refused with 422 \(y+…\)$/);
    expect(error.message.length).toBeLessThan(600);
    expect(error.requestId).toBe('ABCD');
  });

  it('repeats no credential that an answer may hold', () => {
    addSecret('token-of-the-worker');
    const words = `sent with token-of-the-worker, or ${['ghp', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('_')}`;
    const error = callFailed('PATCH /repos/acme/x', { kind: 'refused', status: 422 }, words, null);
    expect(error.message).toContain('(sent with [redacted], or [redacted])');
  });
});

describe('lanes', () => {
  it.each([
    ['GET', '/repos/a/b/issues', 'read'],
    ['PATCH', '/repos/a/b', 'write'],
    ['POST', '/repos/a/b/labels', 'write'],
    ['DELETE', '/repos/a/b/contents/x', 'write'],
    ['POST', '/repos/a/b/pulls', 'content'],
    ['POST', '/repos/a/b/issues/1/comments', 'content'],
    ['PUT', '/repos/a/b/contents/.github/CODEOWNERS', 'content'],
    ['PUT', '/orgs/a/teams/t/memberships/ada', 'content'],
    ['PUT', '/orgs/a/teams/t/repos/a/b', 'write'],
    ['POST', '/orgs/a/teams', 'content'],
  ])('%s %s is %s', (method, path, lane) => {
    expect(laneOf(method, path)).toBe(lane);
  });
});

describe('where GraphQL is', () => {
  it.each([
    ['https://api.github.com', 'https://api.github.com/graphql'],
    ['https://api.github.com/', 'https://api.github.com/graphql'],
    ['https://git.example/api/v3', 'https://git.example/api/graphql'],
    ['https://git.example/api/v3/', 'https://git.example/api/graphql'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/graphql'],
  ])('beside %s', (base, url) => {
    expect(graphqlUrl(base)).toBe(url);
  });
});
