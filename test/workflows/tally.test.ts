import { describe, expect, it } from 'vitest';
import type { ParkedItem } from '../../src/workflows/contract.js';
import { Tally } from '../../src/workflows/tally.js';

const parked = (workflowId: string, since = '2025-01-01T00:00:00.000Z'): ParkedItem => ({
  item: 'acme/settings',
  workflowId,
  step: 'settings',
  reason: 'refused',
  since,
  left: [],
});

describe('the tally of a run', () => {
  it('keeps a parked repository apart from the part of the organisation that has its name', () => {
    const tally = new Tally();
    tally.add({ outcome: 'parked', parked: parked('r1/acme:settings:undo') }, false);
    tally.add({ outcome: 'parked', parked: parked('r1/acme/settings') }, true);
    expect([...tally.parked.keys()]).toEqual(['acme:settings', 'acme/settings']);
  });

  it('has an item that parks again once, also where another workflow undoes it', () => {
    const tally = new Tally();
    tally.add({ outcome: 'parked', parked: parked('r1/acme/settings') }, true);
    const again = parked('r1/acme/settings:undo', '2025-01-02T00:00:00.000Z');
    tally.addPage({ ...new Tally().result(), parked: [again] });
    expect(tally.result().parked).toEqual([again]);
  });
});
