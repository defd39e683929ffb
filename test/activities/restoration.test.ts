import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, sameJson } from '../../src/standards/json.js';
import type { Json, JsonObject } from '../../src/standards/model.js';
import { restoration } from '../../src/standards/restore.js';

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
