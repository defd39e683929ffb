import { describe, expect, it } from 'vitest';
import { NO_REQUESTS, type ParkedItem } from '../../src/workflows/contract.js';
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

  it('has no conflict any more of an item that is done after all, and what that had to leave once', () => {
    const conflict = { step: 'settings', field: 'has_wiki', before: true, wrote: false, found: false };
    const result = { kind: 'repository', target: null, requests: NO_REQUESTS } as const;
    const tally = new Tally();
    const dead = {
      item: 'acme/a',
      run: 'r1',
      step: 'x',
      reason: 'no',
      attempts: 1,
      firstFailedAt: '',
      lastFailedAt: '',
    };
    const letter = { ...dead, workflowId: 'r1/acme/a', finishedSteps: [] };
    const detail = {
      letter,
      kind: 'repository',
      target: null,
      requests: NO_REQUESTS,
      conflicts: [conflict],
    } as const;
    tally.add({ outcome: 'deadLettered', detail: { ...detail, conflicts: [conflict] } }, true);
    expect(tally.result().conflicts).toHaveLength(1);
    const again = { ...result, item: 'acme/a', outcome: 'committed', conflicts: [conflict] } as const;
    tally.add({ outcome: 'committed', result: { ...again, conflicts: [conflict] } }, true);
    expect(tally.result().conflicts).toEqual([{ ...conflict, item: 'acme/a' }]);
    tally.add({ outcome: 'inSync', result: { ...again, outcome: 'inSync', conflicts: [] } }, true);
    expect(tally.result().conflicts).toEqual([]);
  });
});
