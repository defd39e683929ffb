import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { change as changeOf } from '../../src/standards/changes.js';
import { sameJson } from '../../src/standards/json.js';
import type { Change, Json, JsonObject } from '../../src/standards/model.js';
import { aStore, newRun, OneValue } from './rollback-support.js';
import { UNKNOWN } from './support.js';

const bench = aStore();
const FIELDS = ['a', 'b', 'c'] as const;

/** Few values, so that ours and theirs meet often. */
const value = fc.constantFrom<Json>(null, true, 1, 'x');
const fields = fc.record({ a: value, b: value, c: value }) as fc.Arbitrary<JsonObject>;
const some = fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 2 }) as fc.Arbitrary<JsonObject>;

/** What a plan has: the fields that differ from what is wanted, and nothing where none does. */
function planned(live: JsonObject, wanted: JsonObject): Change | null {
  const differing = Object.keys(wanted).filter(
    (field) => !sameJson(live[field] ?? null, wanted[field] ?? null),
  );
  const of = (values: JsonObject): JsonObject =>
    Object.fromEntries(differing.map((field) => [field, values[field] ?? null]));
  return differing.length === 0
    ? null
    : changeOf('settings', 'repository_settings', '', of(live), of(wanted));
}

/** Does what is planned, with a plan that was read after all that came before; asked again where it is told to look again. */
async function again(github: OneValue, run: string, wanted: JsonObject): Promise<Change | null> {
  const change = planned(github.live as JsonObject, wanted);
  if (change === null) return null;
  github.clock.now += 1_000;
  await github.work(run, change).catch(() => github.work(run, change));
  return change;
}

describe('a step of which somebody else has changed a part, and that is done again', () => {
  it('is taken back as a whole: the part to what they left, the rest to what was before the run', async () => {
    const github = new OneValue(bench.store, { a: 1, b: 1, c: 1 }, { owns: 'fields', idempotent: true });
    const run = newRun();
    await again(github, run, { a: 2, b: 2 });
    github.live = { a: 'theirs', b: 2, c: 1 };
    await again(github, run, { a: 2, b: 2 });
    expect(github.live).toEqual({ a: 2, b: 2, c: 1 });
    expect(await github.takeBack(`${run}-rollback`, run)).toEqual({ effect: 'applied' });
    expect(github.live).toEqual({ a: 'theirs', b: 1, c: 1 });
  });

  it('leaves the fields that it does not change as others have made them, when it is sent again', async () => {
    const before = { a: 1, b: 1 };
    const github = new OneValue(bench.store, before, { owns: 'fields', idempotent: true });
    const [run, change] = [newRun(), changeOf('settings', 'repository_settings', '', before, { a: 2, b: 1 })];
    github.fault = { error: UNKNOWN, applied: false };
    await expect(github.work(run, change)).rejects.toBe(UNKNOWN);
    github.live = { a: 1, b: 'theirs' };
    expect(await github.work(run, change)).toEqual({ effect: 'applied' });
    expect(github.live).toEqual({ a: 2, b: 'theirs' });
    github.clock.now += 200_000;
    await github.takeBack(`${run}-rollback`, run);
    expect(github.live).toEqual({ a: 1, b: 'theirs' });
  });

  it('gives back every member of a set', async () => {
    const github = new OneValue(bench.store, ['old'], { owns: 'set', idempotent: true });
    const run = newRun();
    const wanted = ['old', 'p', 'q'];
    const put = (members: string[]): Change => changeOf('topics', 'topics', '', github.live, members);
    await github.work(run, put(wanted));
    github.live = ['old', 'q', 'theirs'];
    github.clock.now += 1_000;
    const change = put([...wanted, 'theirs']);
    await github.work(run, change).catch(() => github.work(run, change));
    await github.takeBack(`${run}-rollback`, run);
    expect([...(github.live as string[])].toSorted()).toEqual(['old', 'theirs']);
  });

  it.each(['rollback', 'own undo'] as const)(
    'goes back by its %s, field by field, to what was there before what we wrote last without a break',
    async (by) => {
      await fc.assert(
        fc.asyncProperty(fields, some, some, some, async (before, wanted, meanwhile, since) => {
          const github = new OneValue(bench.store, before, { owns: 'fields', idempotent: true });
          const run = newRun();
          /** For each field of ours that which it is to go back to. */
          const back: JsonObject = {};
          let last: Change | null = null;
          const doing = async (): Promise<void> => {
            const live = github.live as JsonObject;
            for (const field of Object.keys(wanted))
              if (!sameJson(live[field] ?? null, wanted[field] ?? null)) back[field] = live[field] ?? null;
            last = (await again(github, run, wanted)) ?? last;
          };
          const theirs = (values: JsonObject): void => {
            github.live = { ...(github.live as JsonObject), ...values };
          };
          await doing();
          theirs(meanwhile);
          await doing();
          theirs(since);
          const live = github.live as JsonObject;
          const holds = (field: string): boolean =>
            field in back && sameJson(live[field] ?? null, wanted[field] ?? null);
          const expected = Object.fromEntries(
            FIELDS.map((field) => [field, (holds(field) ? back[field] : live[field]) ?? null]),
          );
          if (by === 'rollback') await github.takeBack(`${run}-rollback`, run);
          else if (last !== null) await github.undo(run, last);
          expect(github.live).toEqual(expected);
        }),
        { numRuns: 150 },
      );
    },
  );
});
