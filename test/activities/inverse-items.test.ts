import { describe, expect, it } from 'vitest';
import { inverseItem } from '../../src/activities/inverse-items.js';
import { asPlanned } from '../../src/standards/inverse.js';
import type { Change, Json } from '../../src/standards/model.js';
import type { MutationRecord, RecordOutcome } from '../../src/store/store.js';
import { anIntent } from '../support/an-intent.js';

const change = (step: string, kind: Change['kind'] = 'repository_settings'): Change => ({
  ...anIntent().change,
  step,
  kind,
});

let id = 0;
function record(
  step: string,
  outcome: RecordOutcome,
  more: Partial<MutationRecord> & { from?: Json; to?: Json } = {},
): MutationRecord {
  const intent = anIntent({ step, change: change(step), ...more });
  return {
    ...intent,
    id: ++id,
    intendedAt: 1,
    outcome,
    concludedAt: 1,
    lostAt: null,
    seen: false,
    wrote: intent.to,
    found: false,
    requestId: null,
    error: null,
  };
}

describe('what takes an item back', () => {
  it('is its steps in reverse order of their start, each from the last value written to the first found', () => {
    const planned = inverseItem(
      [
        record('topics', 'applied', { from: ['a'], to: ['a', 'b'] }),
        record('settings', 'unknown', { from: { x: 1 }, to: { x: 2 } }),
        record('settings', 'applied', { from: { x: 2 }, to: { x: 4 } }),
      ],
      false,
    );
    expect(planned?.changes).toMatchObject([
      { step: 'settings', before: { x: 4 }, after: { x: 1 }, action: 'update' },
      { step: 'topics', before: ['a', 'b'], after: ['a'] },
    ]);
    expect(planned).toMatchObject({ item: 'acme/api', kind: 'repository', target: { id: 7 } });
  });

  it('is also what an undo had to leave, since somebody else had changed it', () => {
    const done = record('settings', 'applied', { from: { x: 1, y: 1 }, to: { x: 2, y: 2 } });
    const undone = (found: Json, to: Json) =>
      record('settings', 'applied', { direction: 'undo', from: found, to });
    const left = inverseItem([done, undone({ x: 2, y: 9 }, { x: 1, y: 9 })], true);
    // What was put back is nobody's any more.
    expect(left?.changes).toMatchObject([{ before: { y: 2 }, after: { y: 1 } }]);
    expect(left?.changes[0]?.before).toEqual({ y: 2 });
    expect(inverseItem([done, undone({ x: 2, y: 2 }, { x: 1, y: 1 })], true)).toBeNull();
    const labelled = (found: Json) => {
      const of = { change: change('labels/ours', 'label') };
      const made = record('labels/ours', 'applied', { ...of, from: null, to: { name: 'ours' } });
      const looked = record('labels/ours', 'unchanged', { ...of, direction: 'undo', from: found, to: found });
      return inverseItem([made, looked], true);
    };
    expect(labelled({ name: 'ours', color: 'theirs' })).not.toBeNull();
    // Nobody can take it back but by hand.
    expect(labelled({ changed: ['acme/api#1'] })).toBeNull();
  });

  it('says which team it means, as the plan did', () => {
    const granted = { ...change('teams/ops', 'team_repository'), key: 'ops', team: 5 };
    const planned = inverseItem([record('teams/ops', 'applied', { change: granted })], false);
    const [back] = planned?.changes ?? [];
    expect(back).toMatchObject({ key: 'ops', team: 5 });
    expect(back && asPlanned(back)).toMatchObject({ key: 'ops', team: 5 });
  });

  it('finds a team that the run made as the run first knew it, also where a retry has seen its id', () => {
    const { target } = anIntent();
    const of = (step: string, kind: Change['kind'], team: number) =>
      record(step, 'applied', {
        change: change(step, kind),
        from: 1,
        to: 2,
        target: { ...target, id: team },
      });
    const made = [of('settings', 'team_settings', 0), of('members/ada', 'team_member', 9)];
    expect(inverseItem(made, false)?.target).toMatchObject({ id: 0, node_id: '' });
    expect(inverseItem([of('members/ada', 'team_member', 9)], false)?.target).toMatchObject({ id: 9 });
  });

  it('leaves out what was undone, was refused, or changed nothing', () => {
    const undone = [
      record('settings', 'applied'),
      record('settings', 'applied', { direction: 'undo' }),
      record('topics', 'refused'),
      record('label', 'applied', { from: 1, to: 1 }),
    ];
    expect(inverseItem(undone, false)).toBeNull();
    expect(inverseItem([], false)).toBeNull();
  });

  it('takes in what was done again after an undo: a retry belongs to its run', () => {
    const again = [
      record('settings', 'applied'),
      record('settings', 'applied', { direction: 'undo' }),
      record('settings', 'applied', { from: 1, to: 2 }),
    ];
    expect(inverseItem(again, false)?.changes).toMatchObject([{ before: 2, after: 1 }]);
  });

  it('turns a creation into a removal and back, and keeps the words of the first plan for operations', () => {
    const made = record('team', 'applied', { change: change('team', 'team'), from: null, to: { name: 'x' } });
    const [first] = inverseItem([made], false)?.changes ?? [];
    if (first === undefined) throw new Error('nothing to take back');
    expect(first).toMatchObject({ action: 'delete', before: { name: 'x' }, after: null });
    expect(asPlanned(first)).toMatchObject({ action: 'create', before: null, after: { name: 'x' } });
    const taken = {
      ...record('team', 'applied', { change: first, from: { name: 'x' }, to: null }),
      run: 'r2',
    };
    const planned = inverseItem([taken], true);
    const [second] = planned?.changes ?? [];
    expect(second).toMatchObject({ action: 'create', before: null, after: { name: 'x' } });
    expect(second?.restore).toEqual({ of: 'r2', origin: 'r1', reversed: false, force: true });
    expect(second && asPlanned(second)).toBe(second);
    // Its id is not known before it is made.
    expect(planned).toMatchObject({ kind: 'team', target: { id: 0 } });
  });
});
