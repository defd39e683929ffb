import { expect, it } from 'vitest';
import { checkedFound, checkedLeft } from '../../src/connectors/answers.js';

it.each([
  { state: 'absent' },
  { state: 'ours', result: { id: 1 } },
  { state: 'ours', result: null },
  { state: 'partial', what: 'a folder' },
  { state: 'foreign', what: 'a folder' },
])('inspect may say $state', (said) => {
  expect(checkedFound('own', said)).toEqual(said);
});

it.each([{ state: 'ours' }, { state: 'whatever' }, 'absent', null, undefined, { state: 'partial' }])(
  'inspect may not say %j, and whose it was is told',
  (said) => {
    expect(() => checkedFound('own', said)).toThrow(/^own: inspect gave no answer/);
  },
);

it('compensate may say nothing, or what it left', () => {
  const conflicts = [{ field: 'title', wrote: 'a', found: 'b' }];
  expect(checkedLeft('own', undefined)).toEqual({ conflicts: [] });
  expect(checkedLeft('own', {})).toEqual({ conflicts: [] });
  expect(checkedLeft('own', { conflicts })).toEqual({ conflicts });
});

it.each([{ conflicts: [null] }, { conflicts: 'title' }, 'done'])('compensate may not say %j', (said) => {
  expect(() => checkedLeft('own', said)).toThrow(/^own: compensate gave no answer/);
});
