import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inActivity, rejection } from '../activities/support.js';
import { type Bench, bench, ITEM, ORGANIZATION, RUN, settle } from './bench.js';
import { OwnSystem } from './own.js';

const STEP = 'the_step';
const BACK = `${RUN}-rollback`;
const FORWARD = `${BACK}-rollback`;
const DONE = { status: 'done' };

describe('what forward gave', () => {
  let own: OwnSystem;
  let at: Bench;
  beforeEach(async () => {
    own = new OwnSystem();
    at = await bench({}, 'own', {}, { connector: own.connector });
  });
  afterEach(() => at.close());
  const results = (): unknown[] => own.undone.map(({ result }) => result);

  it.each([
    ['ours', { state: 'ours', result: { number: 2 } }, { number: 2 }],
    ['partial', { state: 'partial', what: 'half of it' }, null],
  ] as const)('is not given for what was made later and lost, found %s', async (_, found, told) => {
    await at.run(STEP);
    await at.takeBack(BACK, RUN);
    own.lose = 'applied';
    await rejection(at.takeBack(FORWARD, BACK));
    own.found = found;
    settle(at);
    expect(await at.undoTakingBack(FORWARD, BACK)).toMatchObject(DONE);
    expect(results()).toEqual([{ number: 1 }, told]);
  });

  it('is given to an undo for as long as its answer is lost', async () => {
    await at.run(STEP);
    own.lose = 'unsent';
    await rejection(at.undo(STEP));
    own.found = { state: 'partial', what: 'half of it' };
    settle(at);
    expect(await at.undo(STEP)).toMatchObject(DONE);
    expect(results()).toEqual([{ number: 1 }, { number: 1 }]);
  });

  it('is not given where forward was sent again since, and that answer was lost', async () => {
    vi.spyOn(at.store, 'conclude').mockRejectedValueOnce(new Error('the store is busy'));
    await rejection(at.run(STEP));
    own.found = { state: 'partial', what: 'half of it' };
    settle(at);
    own.lose = 'applied';
    await rejection(at.run(STEP));
    own.found = { state: 'partial', what: 'half of it' };
    settle(at);
    expect(await at.undo(STEP)).toMatchObject(DONE);
    expect(results()).toEqual([null]);
  });

  it('stands where an undo was lost on its way, whatever somebody else has made of it since', async () => {
    await at.run(STEP);
    own.lose = 'unsent';
    await rejection(at.takeBack(BACK, RUN));
    own.found = { state: 'ours', result: { number: 1, edited: true } };
    settle(at);
    expect(await at.undoTakingBack(BACK, RUN)).toMatchObject(DONE);
    expect(own.made).toBe(1);
    await at.store.releaseLock(ORGANIZATION, BACK, BACK);
    expect(await at.takeBack(`${BACK}-2`, RUN)).toMatchObject(DONE);
    expect(results()).toEqual([{ number: 1 }, { number: 1 }]);
  });

  it('can still be read by a step that is taken back after it, as where its own undo was skipped', async () => {
    const { runConnector, compensateConnector } = at.activities;
    const reader = {
      run: RUN,
      organization: ORGANIZATION,
      item: ITEM,
      actor: 'ada',
      step: 'reader',
      connector: 'own',
      options: { of: '${steps.the_step.number}' },
      needs: [STEP],
    };
    await at.run(STEP);
    own.found = { state: 'absent' };
    await inActivity(async () => runConnector?.(reader));
    await at.undo(STEP);
    own.found = { state: 'ours', result: { number: 2 } };
    expect(await inActivity(async () => compensateConnector?.(reader))).toMatchObject(DONE);
    expect(own.undone.at(-1)).toEqual({ options: { of: '1' }, result: { number: 2 } });
  });
});
