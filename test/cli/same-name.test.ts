import { describe, expect, it } from 'vitest';
import { chooseParked } from '../../src/api/resolve.js';
import { findLetter } from '../../src/cli/dead-letters.js';
import { nextCommands } from '../../src/cli/hints.js';
import type { ParkedItem } from '../../src/workflows/contract.js';
import { letter, RUN, status } from './support/fakes.js';

/** The organisation's settings, and its repository that is called `settings`. */
const IDS = [`${RUN}/acme:settings`, `${RUN}/acme/settings`];

const parked = IDS.map(
  (workflowId): ParkedItem => ({
    item: 'acme/settings',
    workflowId,
    step: 'settings',
    reason: 'refused',
    since: '2025-01-01T00:00:00.000Z',
    left: [],
  }),
);

describe('two items of one name', () => {
  it('are told apart by their ids where one dead letter is meant', () => {
    const letters = IDS.map((workflowId) => letter('acme/settings', { workflowId }));
    expect(() => findLetter(letters, 'acme/settings')).toThrow(IDS.join(', '));
    for (const [place, id] of IDS.entries()) expect(findLetter(letters, id)).toBe(letters[place]);
  });

  it('are told apart by their ids where one compensation is meant', () => {
    const waiting = status({ state: 'Parked', parked });
    expect(() => chooseParked(waiting, { step: 'settings', item: 'acme/settings' })).toThrow(IDS.join(', '));
    for (const [place, item] of IDS.entries())
      expect(chooseParked(waiting, { step: 'settings', item })).toBe(parked[place]);
    expect(nextCommands(waiting)).toContain(`orgsaga resolve ${RUN} settings retry --item ${IDS[0]}`);
  });
});
