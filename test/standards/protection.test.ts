import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/standards/model.js';
import { mergeProtection, normalizeProtection } from '../../src/standards/protection.js';
import { protectionBody } from './arbitraries.js';

const merge = (live: JsonObject | null, wanted: JsonObject) => mergeProtection(live, wanted);

const reviewsOf = (dismissal_restrictions: JsonObject) =>
  normalizeProtection({ required_pull_request_reviews: { dismissal_restrictions } })[
    'required_pull_request_reviews'
  ];

describe('protection in the one form', () => {
  it('is in the one form already', () => {
    fc.assert(
      fc.property(protectionBody, (body) => {
        const once = normalizeProtection(body);
        expect(normalizeProtection(once)).toEqual(once);
      }),
    );
  });

  it('takes contexts and checks without an app for the same, and sorts lists', () => {
    const checks = [{ context: 'b' }, { context: 'a', app_id: null }, { context: 'a', app_id: -1 }];
    expect(
      normalizeProtection({ required_status_checks: { strict: true, checks } })['required_status_checks'],
    ).toEqual({
      strict: true,
      contexts: ['a', 'b'],
    });
    const actors = { users: ['lin', 'Ada', 'ada'], teams: null };
    expect(normalizeProtection({ restrictions: actors })['restrictions']).toEqual({
      users: ['Ada', 'lin'],
      teams: [],
      apps: [],
    });
  });

  it('keeps checks that are tied to an app, the others being any app’s', () => {
    const body = { required_status_checks: { contexts: ['b', 'a'], checks: [{ context: 'a', app_id: 5 }] } };
    expect(normalizeProtection(body)['required_status_checks']).toEqual({
      strict: false,
      checks: [
        { context: 'a', app_id: 5 },
        { context: 'b', app_id: -1 },
      ],
    });
  });

  it('tells nobody may dismiss from anybody may', () => {
    expect(reviewsOf({})).toMatchObject({ dismissal_restrictions: {} });
    expect(reviewsOf({ users: [] })).toMatchObject({
      dismissal_restrictions: { users: [], teams: [], apps: [] },
    });
  });
});

describe('mergeProtection', () => {
  it('is done after one time, and changes nothing that is not named', () => {
    fc.assert(
      fc.property(fc.option(protectionBody.map(normalizeProtection)), protectionBody, (live, wanted) => {
        const merged = merge(live, wanted);
        expect(merge(merged, wanted)).toEqual(merged);
        expect(normalizeProtection(merged)).toEqual(merged);
        for (const [key, value] of Object.entries(normalizeProtection(live ?? {})))
          if (!(key in wanted)) expect(merged[key]).toEqual(value);
      }),
      { numRuns: 1_000 },
    );
  });

  it('unties a check from its app only where the file says any app', () => {
    const live = normalizeProtection({ required_status_checks: { checks: [{ context: 'ci', app_id: 5 }] } });
    const wanted = (checks: JsonObject[]) =>
      merge(live, { required_status_checks: { checks } })['required_status_checks'];
    expect(wanted([{ context: 'ci' }])).toEqual({ strict: false, checks: [{ context: 'ci', app_id: 5 }] });
    expect(wanted([{ context: 'ci', app_id: -1 }])).toEqual({ strict: false, contexts: ['ci'] });
  });

  it('replaces a list that is named and keeps one that is not', () => {
    const live = normalizeProtection({ restrictions: { users: ['ada'], teams: ['core'] } });
    expect(merge(live, { restrictions: { users: ['lin'] } })['restrictions']).toEqual({
      users: ['lin'],
      teams: ['core'],
      apps: [],
    });
    expect(merge(live, { restrictions: null })['restrictions']).toBeNull();
  });
});
