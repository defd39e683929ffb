import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byText, canonicalJson, sameJson } from '../../src/standards/json.js';
import type { Json, JsonObject } from '../../src/standards/model.js';
import { aStore, newRun, OneValue } from './rollback-support.js';
import { rejection, SETTINGS, UNKNOWN } from './support.js';

const bench = aStore();
const SETTLED = SETTINGS.activity.start_to_close + SETTINGS.activity.settle;

/** Few values, so that they meet often. */
const value = fc.constantFrom<Json>(null, true, false, 1, 'a', ['x']);
const fields = fc.record({ a: value, b: value, c: value }) as fc.Arbitrary<JsonObject>;
const set = fc.uniqueArray(fc.constantFrom('p', 'q', 'r', 's')) as fc.Arbitrary<string[]>;
const kinds = fc.oneof(
  fc.record({ owns: fc.constant('whole' as const), before: value, after: value }),
  fc.record({ owns: fc.constant('fields' as const), before: fields, after: fields }),
  fc.record({ owns: fc.constant('set' as const), before: set, after: set }),
);

/** The order of a set's members does not count. */
const sorted = (json: Json): Json =>
  Array.isArray(json) ? json.map((member) => canonicalJson(member)).toSorted(byText) : json;

describe('what a rollback makes of a value', () => {
  it('is what was there before, and taken back itself what the run wrote', async () => {
    await fc.assert(
      fc.asyncProperty(kinds, async ({ owns, before, after }) => {
        const github = new OneValue(bench.store, before, { owns, idempotent: true });
        const run = newRun();
        await github.apply(run, after);
        await github.takeBack(`${run}-rollback`, run);
        expect(sorted(github.live)).toEqual(sorted(before));
        await github.takeBack(`${run}-rollback-rollback`, `${run}-rollback`);
        expect(sorted(github.live)).toEqual(sorted(after));
      }),
      { numRuns: 60 },
    );
  });

  it('keeps every field that somebody changed since, and lists it', async () => {
    await fc.assert(
      fc.asyncProperty(fields, fields, fields, async (before, after, found) => {
        const github = new OneValue(bench.store, before, { owns: 'fields', idempotent: true });
        const run = newRun();
        await github.apply(run, after);
        github.live = found;
        const done = await github.takeBack(`${run}-rollback`, run);
        const listed = new Set(done?.conflicts?.map(({ field }) => field));
        for (const field of ['a', 'b', 'c']) {
          const [was, we, is] = [before[field], after[field], found[field]] as [Json, Json, Json];
          const ours = !sameJson(was, we) && sameJson(is, we);
          const foreign = !sameJson(was, we) && !ours && !sameJson(is, was);
          const now = (github.live as Record<string, Json>)[field];
          expect([field, now]).toEqual([field, ours ? was : is]);
          expect([field, listed.has(field)]).toEqual([field, foreign]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is all that was before where it is forced', async () => {
    const github = new OneValue(bench.store, { a: 1, b: 1 }, { owns: 'fields', idempotent: true });
    const run = newRun();
    await github.apply(run, { a: 2, b: 2 });
    github.live = { a: 3, b: 2 };
    expect(await github.takeBack(`${run}-rollback`, run, true)).toEqual({ effect: 'applied' });
    expect(github.live).toEqual({ a: 1, b: 1 });
    // What was forced is a change like any other: taken back, the foreign value is there again.
    await github.takeBack(`${run}-rollback-rollback`, `${run}-rollback`);
    expect(github.live).toEqual({ a: 3, b: 2 });
  });
});

describe('what others have put into a thing', () => {
  it('stays although it is forced where it cannot be brought back, and the conflict says so', async () => {
    const github = new OneValue(bench.store, null);
    const run = newRun();
    await github.apply(run, { sha: 'ours' });
    github.live = { sha: 'ours', changed: ['commits on a branch'] };
    const done = await github.takeBack(`${run}-rollback`, run, true);
    expect(done?.conflicts).toMatchObject([{ field: '', found: github.live, stays: true }]);
    expect(github.writes).toHaveLength(1);
  });

  it('can be forced where a run made what they use', async () => {
    const github = new OneValue(bench.store, null);
    const run = newRun();
    await github.apply(run, 'team');
    github.others = ['acme/api'];
    const left = await github.takeBack(`${run}-rollback`, run);
    expect(left?.conflicts).toMatchObject([{ found: { changed: ['acme/api'] } }]);
    expect(left?.conflicts?.[0]).not.toHaveProperty('stays');
    expect(await github.takeBack(`${run}-rollback-2`, run, true)).toEqual({ effect: 'applied' });
  });
});

describe('the do of a rollback', () => {
  it('writes nothing where all is as before already', async () => {
    const github = new OneValue(bench.store, 'before');
    const run = newRun();
    await github.apply(run, 'after');
    github.live = 'before';
    expect(await github.takeBack(`${run}-rollback`, run)).toEqual({ effect: 'unchanged' });
    expect(github.writes).toEqual(['after']);
    expect(await bench.store.recordsOfItem(`${run}-rollback`, 'acme/api')).toEqual([]);
  });

  it('tells what it left again where its answer was lost, and writes once', async () => {
    const github = new OneValue(bench.store, { a: 1, b: 1 }, { owns: 'fields', idempotent: true });
    const run = newRun();
    await github.apply(run, { a: 2, b: 2 });
    github.live = { a: 3, b: 2 };
    const first = await github.takeBack(`${run}-rollback`, run);
    expect(first?.conflicts).toMatchObject([{ field: 'a', before: 1, wrote: 2, found: 3 }]);
    expect(await github.takeBack(`${run}-rollback`, run)).toEqual(first);
    expect(github.writes).toHaveLength(2);
  });

  it('waits for a call of the run that may still land, and says then what became of it', async () => {
    const github = new OneValue(bench.store, 'before');
    const run = newRun();
    github.fault = { error: UNKNOWN, applied: false };
    await rejection(github.apply(run, 'after'));
    const early = await rejection(github.takeBack(`${run}-rollback`, run));
    expect(early.name).toBe('NotYet');
    // It lands late.
    github.live = 'after';
    github.clock.now = Date.now() + SETTLED;
    expect(await github.takeBack(`${run}-rollback`, run)).toEqual({ effect: 'applied' });
    expect(github.live).toBe('before');
    expect(await bench.store.recordsOfItem(run, 'acme/api')).toMatchObject([{ outcome: 'applied' }]);
  });

  it('concludes that a call never landed where the value is as before', async () => {
    const github = new OneValue(bench.store, 'before');
    const run = newRun();
    github.fault = { error: UNKNOWN, applied: false };
    await rejection(github.apply(run, 'after'));
    github.clock.now = Date.now() + SETTLED;
    expect(await github.takeBack(`${run}-rollback`, run)).toEqual({ effect: 'unchanged' });
    expect(await bench.store.recordsOfItem(run, 'acme/api')).toMatchObject([{ outcome: 'refused' }]);
  });

  it('looks before it repeats a call of its own whose answer was lost', async () => {
    const github = new OneValue(bench.store, 'before', { owns: 'whole', idempotent: false });
    const run = newRun();
    await github.apply(run, 'after');
    github.fault = { error: UNKNOWN, applied: true };
    await rejection(github.takeBack(`${run}-rollback`, run));
    expect(await github.takeBack(`${run}-rollback`, run)).toEqual({ effect: 'applied' });
    expect(github.writes).toEqual(['after', 'before']);
    expect(await bench.store.recordsOfItem(`${run}-rollback`, 'acme/api')).toMatchObject([
      { direction: 'do', outcome: 'applied', from: 'after', to: 'before' },
    ]);
  });
});
