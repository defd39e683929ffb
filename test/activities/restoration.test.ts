import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, sameJson } from '../../src/standards/json.js';
import type { Json, JsonObject } from '../../src/standards/model.js';
import { isBehind, restoration } from '../../src/standards/restore.js';

/** Few values, so that before, wrote and found meet often. */
const value = fc.constantFrom<Json>(null, true, false, 1, 'a', ['x']);
const fields = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { maxKeys: 3 });
const set: fc.Arbitrary<string[]> = fc.uniqueArray(fc.constantFrom('p', 'q', 'r', 's'));
const RUNS = { numRuns: 1_000 };

const at = (object: JsonObject, field: string): Json => object[field] ?? null;

describe('the three-way rule of undo', () => {
  it('gives back what was before where all of it holds what we wrote', () => {
    const any = fc.oneof(value, fields, set) as fc.Arbitrary<Json>;
    const owns = fc.constantFrom('whole' as const, 'fields' as const, 'set' as const);
    fc.assert(
      fc.property(owns, any, any, (how, before, wrote) => {
        const { to, conflicts } = restoration(how, before, wrote, wrote);
        expect(sameJson(to, before)).toBe(true);
        expect(conflicts).toEqual([]);
      }),
      RUNS,
    );
  });

  it('changes a field only from what we wrote to what was before, and shows every other of ours', () => {
    fc.assert(
      fc.property(fields, fields, fields, (before, wrote, found) => {
        const { to, conflicts } = restoration('fields', before, wrote, found);
        const shown = new Set(conflicts.map(({ field }) => field));
        for (const field of ['a', 'b', 'c']) {
          const [was, we, now] = [at(before, field), at(wrote, field), at(found, field)];
          const then = at(to as JsonObject, field);
          const ours = field in wrote && !sameJson(was, we);
          if (ours && sameJson(now, we)) expect(then).toEqual(was);
          else if (!sameJson(found, wrote)) expect(then).toEqual(now);
          const foreign = ours && !sameJson(now, we) && !sameJson(now, was);
          expect([field, shown.has(field)]).toEqual([field, foreign]);
        }
      }),
      RUNS,
    );
  });

  it('leaves both of a pair where somebody has changed one: GitHub takes them together only', () => {
    const before = {
      squash_merge_commit_title: 'COMMIT_OR_PR_TITLE',
      squash_merge_commit_message: 'COMMIT_MESSAGES',
    };
    const wrote = {
      squash_merge_commit_title: 'PR_TITLE',
      squash_merge_commit_message: 'PR_BODY',
      has_wiki: true,
    };
    const found = { ...wrote, squash_merge_commit_message: 'BLANK' };
    const { to, conflicts } = restoration('fields', { ...before, has_wiki: false }, wrote, found);
    expect(to).toEqual({ ...found, has_wiki: false });
    expect(conflicts.map(({ field }) => field)).toEqual([
      'squash_merge_commit_message',
      'squash_merge_commit_title',
    ]);
    // What was put back already is no conflict.
    const half = {
      ...wrote,
      squash_merge_commit_title: before.squash_merge_commit_title,
      squash_merge_commit_message: 'BLANK',
    };
    expect(restoration('fields', before, wrote, half).conflicts).toMatchObject([
      { field: 'squash_merge_commit_message' },
    ]);
  });

  it('takes out of a set what we put in, puts back what we took out, and leaves the members of others', () => {
    fc.assert(
      fc.property(set, set, set, (before, wrote, found) => {
        const { to, conflicts } = restoration('set', before, wrote, found);
        expect(conflicts).toEqual([]);
        for (const member of ['p', 'q', 'r', 's']) {
          const [was, we, is] = [before, wrote, found].map((list) => list.includes(member));
          const expected = was === we ? is : was;
          expect([member, (to as string[]).includes(member)]).toEqual([member, expected]);
        }
        expect(new Set((to as Json[]).map(canonicalJson)).size).toBe((to as Json[]).length);
      }),
      RUNS,
    );
  });

  it('leaves a whole value that is neither, and shows it once', () => {
    fc.assert(
      fc.property(value, value, value, (before, wrote, found) => {
        const { to, conflicts } = restoration('whole', before, wrote, found);
        const foreign = !sameJson(found, before) && !sameJson(found, wrote);
        expect(conflicts).toEqual(foreign ? [{ field: '', before, wrote, found }] : []);
        expect(to).toEqual(sameJson(found, wrote) ? before : found);
      }),
      RUNS,
    );
  });

  it('has nothing left to do once it is done', () => {
    fc.assert(
      fc.property(fields, fields, fields, (before, wrote, found) => {
        const first = restoration('fields', before, wrote, found);
        const again = restoration('fields', before, wrote, first.to);
        expect(sameJson(again.to, first.to)).toBe(true);
      }),
      RUNS,
    );
  });
});

describe('a value that is behind a write', () => {
  const kinds = fc.oneof(
    fc.record({ owns: fc.constant('whole' as const), before: value, wrote: value, found: value }),
    fc.record({ owns: fc.constant('fields' as const), before: fields, wrote: fields, found: fields }),
    fc.record({ owns: fc.constant('set' as const), before: set, wrote: set, found: set }),
  ) as fc.Arbitrary<{ owns: 'whole' | 'fields' | 'set'; before: Json; wrote: Json; found: Json }>;

  it('is never what was written, and always what was before, where that is something else', () => {
    fc.assert(
      fc.property(kinds, ({ owns, before, wrote }) => {
        expect(isBehind(owns, before, wrote, wrote)).toBe(false);
        const taken =
          owns === 'fields' &&
          Object.keys(wrote as object).every((field) =>
            sameJson(at(before as JsonObject, field), at(wrote as JsonObject, field)),
          );
        if (!taken) expect(isBehind(owns, before, wrote, before)).toBe(!sameSet(owns, before, wrote));
      }),
      RUNS,
    );
  });

  it('holds some of what an undo would leave as it was before, and only then', () => {
    fc.assert(
      fc.property(kinds, ({ owns, before, wrote, found }) => {
        const { to, conflicts } = restoration(owns, before, wrote, found);
        // Where all that was written shows, an undo has all of it to put back.
        if (!isBehind(owns, before, wrote, found) && conflicts.length === 0)
          expect(sameSet(owns, restoration(owns, before, wrote, to).to, to)).toBe(true);
        if (owns === 'fields' && isBehind(owns, before, wrote, found))
          expect(
            ['a', 'b', 'c'].some((field) =>
              sameJson(at(found as JsonObject, field), at(before as JsonObject, field)),
            ),
          ).toBe(true);
      }),
      RUNS,
    );
  });
});

/** The order of a set's members does not count. */
const sameSet = (owns: string, left: Json, right: Json): boolean =>
  owns === 'set'
    ? sameJson(
        (left as Json[]).map(canonicalJson).toSorted(),
        (right as Json[]).map(canonicalJson).toSorted(),
      )
    : sameJson(left, right);
