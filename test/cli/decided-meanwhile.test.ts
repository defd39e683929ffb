import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/api/resolve.js';
import { ApiError } from '../../src/errors.js';
import type { ParkedItem } from '../../src/workflows/contract.js';

const parked: ParkedItem = {
  item: 'acme/api',
  workflowId: 'apply-acme-1/acme/api',
  step: 'settings',
  reason: '403',
  since: '2026-01-01T00:00:00.000Z',
  left: [],
  standing: [],
};

/** Temporal's client, whose update ends so. */
const clientOf = (error: Error): Client => {
  const handle = { executeUpdate: () => Promise.reject(error) };
  return { workflow: { getHandle: () => handle } } as unknown as Client;
};

describe('a decision that somebody else has taken a moment before', () => {
  it.each([
    ['so that the item waits no more', new WorkflowUpdateFailedError('refused', undefined)],
    ['so that its workflow has ended', new WorkflowNotFoundError('none', 'apply-acme-1/acme/api', undefined)],
  ])('%s, is told as that', async (_how, error) => {
    const told = decide(clientOf(error), parked, { decision: 'retry', actor: 'lin' }, undefined);
    await expect(told).rejects.toBeInstanceOf(ApiError);
    await expect(told).rejects.toThrow(
      'Somebody else has decided on settings of acme/api meanwhile; see what became of it: orgsaga status apply-acme-1',
    );
  });

  it('is not what any other failure means', async () => {
    const lost = new Error('the connection broke');
    await expect(decide(clientOf(lost), parked, { decision: 'skip', actor: 'lin' }, undefined)).rejects.toBe(
      lost,
    );
  });
});
