import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inverseItem } from '../../src/activities/inverse-items.js';
import type { Found } from '../../src/connectors/connector.js';
import { ConnectorError, refusal } from '../../src/connectors/errors.js';
import type { Entry } from '../../src/transaction/journal.js';
import { conflictsLeft, leftOf } from '../../src/workflows/left.js';
import { rejection } from '../activities/support.js';
import { type Bench, bench, ITEM, ORGANIZATION, RUN, settle } from './bench.js';
import { OwnSystem } from './own.js';
import { SYSTEMS } from './systems.js';

const STEP = 'the_step';
const BACK = `${RUN}-rollback`;
const CONFLICT = { field: 'a number', wrote: 1, found: 2 };

let own: OwnSystem;
let at: Bench;
const begin = async (): Promise<void> => {
  own = new OwnSystem();
  at = await bench({}, 'own', {}, { connector: own.connector });
  await at.run(STEP);
};
afterEach(() => at?.close());
const owes = async (run: string): Promise<unknown> =>
  inverseItem(await at.store.recordsOfItem(run, ITEM), false);
const outcomes = async () => (await at.records(STEP, BACK)).map(({ outcome }) => outcome);
const refuseUndo = (): void =>
  void vi.spyOn(own.connector, 'compensate').mockRejectedValueOnce(refusal('it may not'));

describe('an undo that is refused', () => {
  beforeEach(begin);

  it.each<[Found, object[]]>([
    [{ state: 'ours', result: { number: 1 } }, [{ field: 'own', wrote: { number: 1 } }]],
    [
      { state: 'partial', what: 'without its half' },
      [{ field: 'own, without its half', wrote: { number: 1 } }],
    ],
    [{ state: 'foreign', what: 'theirs' }, [{ field: 'own', wrote: 'theirs' }]],
    [{ state: 'absent' }, []],
  ])('tells what is found then: %j', async (found, stands) => {
    vi.spyOn(own.connector, 'inspect').mockResolvedValueOnce(own.found).mockResolvedValueOnce(found);
    refuseUndo();
    expect(await rejection(at.undo(STEP))).toMatchObject({ message: 'it may not', details: [{ stands }] });
  });

  it('tells no more than that where nobody can look', async () => {
    const gone = new ConnectorError('no answer', { kind: 'unknown' });
    vi.spyOn(own.connector, 'inspect').mockResolvedValueOnce(own.found).mockRejectedValueOnce(gone);
    refuseUndo();
    const refused = await rejection(at.undo(STEP));
    expect(refused.message).toBe('it may not');
    expect(refused).not.toHaveProperty('details.0.stands');
  });
});

describe('an undo of a rollback, which is to make it anew', () => {
  it.each<[Found, object[]]>([
    [{ state: 'absent' }, [{ field: 'own', wrote: null, before: {} }]],
    [
      { state: 'partial', what: 'without its half' },
      [{ field: 'own', wrote: 'without its half', before: {} }],
    ],
    [{ state: 'ours', result: { number: 2 } }, []],
  ])('tells what is missing where it is refused: %j', async (found, stands) => {
    await begin();
    expect(await at.takeBack(BACK, RUN)).toMatchObject({ value: { effect: 'applied' } });
    vi.spyOn(own.connector, 'forward').mockRejectedValueOnce(refusal('it may not'));
    vi.spyOn(own.connector, 'inspect')
      .mockResolvedValueOnce({ state: 'absent' })
      .mockResolvedValueOnce(found);
    settle(at);
    const refused = await rejection(at.undoTakingBack(BACK, RUN));
    expect(refused).toMatchObject({ message: 'it may not', details: [{ stands }] });
    const left = leftOf({ step: STEP, frame: [], state: 'applied', undo: null }, { stands } as never);
    expect(left.every(({ before }) => before !== null)).toBe(true);
  });
});

describe('what is left of a connector’s step', () => {
  const input = { connector: 'own', options: { of: 'x' }, step: STEP };
  const entry: Entry = { step: STEP, frame: [], state: 'applied', undo: { activity: 'a', input } };

  it('is what its undo found, else what was asked for, and all of it is a conflict where it is skipped', () => {
    const found = leftOf(entry, { stands: [{ field: 'own', wrote: { number: 1 } }] });
    expect(found).toEqual([{ field: 'own', before: null, wrote: { number: 1 } }]);
    const asked = leftOf(entry, {});
    expect(asked).toEqual([{ field: 'own', before: null, wrote: { of: 'x' } }]);
    expect(conflictsLeft(entry, found)).toEqual([
      { step: STEP, field: 'own', before: null, wrote: { number: 1 }, found: { number: 1 } },
    ]);
    expect(conflictsLeft(entry, [])).toMatchObject([{ step: STEP, field: '' }]);
  });
});

describe('a rollback that leaves all of it', () => {
  beforeEach(begin);

  it('has changed nothing, and there is nothing to bring back', async () => {
    vi.spyOn(own.connector, 'compensate').mockResolvedValue({ conflicts: [CONFLICT] });
    expect(await at.takeBack(BACK, RUN)).toMatchObject({
      value: { effect: 'unchanged', conflicts: [CONFLICT] },
    });
    expect(await outcomes()).toEqual(['unchanged']);
    expect(await owes(BACK)).toBeNull();
    expect(await at.undoTakingBack(BACK, RUN)).toMatchObject({ status: 'done' });
    expect(own.made).toBe(1);
  });

  it('but for a part has changed that part', async () => {
    vi.spyOn(own.connector, 'compensate').mockImplementation(async () => {
      own.found = { state: 'partial', what: 'without its half' };
      return { conflicts: [CONFLICT] };
    });
    expect(await at.takeBack(BACK, RUN)).toMatchObject({ value: { effect: 'applied' } });
    expect(await owes(BACK)).not.toBeNull();
  });

  it('after a try whose answer was lost may have changed it', async () => {
    own.lose = 'unsent';
    await rejection(at.takeBack(BACK, RUN));
    vi.spyOn(own.connector, 'compensate').mockResolvedValue({ conflicts: [CONFLICT] });
    settle(at);
    expect(await at.takeBack(BACK, RUN)).toMatchObject({ value: { effect: 'applied' } });
    expect(await owes(BACK)).not.toBeNull();
  });
});

describe('what an undo had to leave', () => {
  beforeEach(begin);

  it.each([true, false])('is looked at again by a rollback, another part taken away %s', async (parts) => {
    vi.spyOn(own.connector, 'compensate').mockImplementation(async () => {
      if (parts) own.found = { state: 'partial', what: 'without its half' };
      return { conflicts: [CONFLICT] };
    });
    expect(await at.undo(STEP)).toMatchObject({ value: { conflicts: [CONFLICT] } });
    // Asked again, as when the answer was lost, it says the same.
    expect(await at.undo(STEP)).toMatchObject({ value: { conflicts: [CONFLICT] } });
    expect(await owes(RUN)).not.toBeNull();
    expect(await at.takeBack(BACK, RUN)).toMatchObject({
      value: { effect: 'unchanged', conflicts: [CONFLICT] },
    });
    vi.restoreAllMocks();
    await at.store.releaseLock(ORGANIZATION, BACK, BACK);
    expect(await at.takeBack(`${BACK}-2`, RUN)).toMatchObject({
      value: { effect: 'applied', conflicts: [] },
    });
    expect(own.found).toEqual({ state: 'absent' });
  });

  it('is nothing where nothing was left', async () => {
    await at.undo(STEP);
    expect(await owes(RUN)).toBeNull();
  });
});

describe.each([
  ['buildkite', ''],
  ['grafana', ', without dashboard and alert'],
] as const)('an undo that %s refuses', (name, gone) => {
  it('tells what stands of what was made, and goes on when it is mended', async () => {
    const system = await SYSTEMS[name]();
    try {
      at = await bench(system.env, name, system.options);
      await at.run(STEP);
      const made = await at.store.getStepResult(RUN, ITEM, STEP);
      system.server.fault({ ...system.erase, kind: 'status', status: 403, body: { message: 'no' } });
      expect(await rejection(at.undo(STEP))).toMatchObject({
        type: 'Refused',
        details: [{ stands: [{ field: `${name}${gone}`, wrote: made }] }],
      });
      system.server.clearFaults();
      settle(at);
      expect(await at.undo(STEP)).toMatchObject({ status: 'done', value: { conflicts: [] } });
      expect(system.made()).toBe(0);
    } finally {
      await system.server.close();
    }
  });
});
