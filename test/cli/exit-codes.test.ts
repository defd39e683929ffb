import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineExitCodes, type RunExitCode } from '../../src/cli/exit-codes.js';
import { exitCodeOfRun } from '../../src/cli/run-result.js';
import { letter, status, totals } from './support/fakes.js';

const ORDER: readonly RunExitCode[] = [1, 5, 3, 0];

describe('combineExitCodes', () => {
  it('is 1, then 5, then 3, then 0, whatever the order in which they hold', () => {
    assert(
      property(array(constantFrom(...ORDER)), (codes) => {
        const combined = combineExitCodes(codes);
        const rank = ORDER.indexOf(combined);
        expect(codes.length === 0 ? combined === 0 : codes.includes(combined)).toBe(true);
        expect(codes.every((code) => ORDER.indexOf(code) >= rank)).toBe(true);
      }),
    );
  });
});

const conflict = { item: 'acme/a', step: 's', field: 'f', before: 1, wrote: 2, found: 3 };
const parked = { item: 'acme/a', workflowId: 'w', step: 's', reason: 'r', since: '', left: [] };

describe('the exit code of a run', () => {
  it.each([
    ['committed', status(), 0],
    ['dead letters wait', status({ state: 'AwaitingOperator', deadLetters: [letter('acme/a')] }), 5],
    ['closed with dead letters', status({ deadLetters: [letter('acme/a')] }), 5],
    ['its dead letters were discarded', status({ totals: totals({ deadLettered: 2 }) }), 0],
    ['parked', status({ state: 'Parked', parked: [parked] }), 5],
    ['committed with conflicts left', status({ conflicts: [conflict] }), 5],
    ['waits for approval', status({ state: 'AwaitingApproval' }), 5],
    ['rolled back', status({ state: 'RolledBack', totals: totals({ rolledBack: 3 }) }), 3],
    ['cancelled', status({ state: 'Cancelled' }), 3],
    [
      'cancelled with --keep, dead letters left: 5 before 3',
      status({ state: 'Cancelled', deadLetters: [letter('acme/a')] }),
      5,
    ],
    [
      'rolled back, its dead letters closed with it',
      status({ state: 'RolledBack', totals: totals({ deadLettered: 1 }) }),
      3,
    ],
    [
      'rolled back with conflicts left: 5 before 3',
      status({ state: 'RolledBack', conflicts: [conflict] }),
      5,
    ],
    ['cancelled with something parked', status({ state: 'Cancelled', parked: [parked] }), 5],
    ['refused: another run holds the lock', status({ state: 'Refused', refusal: 'locked' }), 1],
    ['refused: names what is not there', status({ state: 'Refused', refusal: 'invalid' }), 2],
    ['refused: the fuse', status({ state: 'Refused', refusal: 'removals' }), 1],
    ['refused: wrong token', status({ state: 'Refused', refusal: 'unauthenticated' }), 4],
    ['refused: the key was used otherwise', status({ state: 'Refused', refusal: 'key' }), 1],
    ['refused without a reason', status({ state: 'Refused' }), 1],
  ])('%s', (_name, at, code) => {
    expect(exitCodeOfRun(at)).toBe(code);
  });
});
