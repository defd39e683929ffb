import { ApplicationFailure } from '@temporalio/activity';
import { describe, expect, it } from 'vitest';
import { answering, NotYet, StepError } from '../../src/activities/answering.js';
import { GitHubError, type GitHubFailure } from '../../src/github/errors.js';
import { noteRequest } from '../../src/github/request-count.js';
import { FencedError, StoppedError } from '../../src/store/store.js';
import type { FailureDetail } from '../../src/transaction/answer.js';
import { failed, inActivity, rejection, SETTINGS } from './support.js';

type Info = Parameters<typeof inActivity>[1];

const answer = <T>(work: () => Promise<T>, info: Info = {}) =>
  inActivity(() => answering(SETTINGS, 'do', work), info);

const answerOf = (failure: GitHubFailure) => answer(() => Promise.reject(failed(failure)));

async function failureOf(error: Error, info?: Info): Promise<ApplicationFailure & { detail: FailureDetail }> {
  const failure = await rejection(answer(() => Promise.reject(error), info));
  if (!(failure instanceof ApplicationFailure)) throw failure;
  return Object.assign(failure, { detail: failure.details?.[0] as FailureDetail });
}

describe('answering', () => {
  it('gives the value and what it took', async () => {
    const told = await answer(async () => {
      noteRequest('rest', true);
      noteRequest('graphql', false);
      return 'right';
    });
    expect(told).toEqual({ status: 'done', value: 'right', usage: { rest: 1, graphql: 1, mutating: 1 } });
  });

  it('makes a closed limit and an open breaker a wait, until they open', async () => {
    const until = Date.now() + 600_000;
    for (const failure of [
      { kind: 'limited', status: 403, until },
      { kind: 'unavailable', until, reason: 'the breaker is open' },
    ] as const) {
      const told = await answerOf(failure);
      if (told.status !== 'notYet') throw new Error('it did not wait');
      expect(told.waitMs).toBeGreaterThan(590_000);
      expect(told.waitMs).toBeLessThanOrEqual(600_000);
      expect(told.reason).not.toBe('');
    }
  });

  it('does not ask to wait for less than is worth it, nor for a time that has passed', async () => {
    const told = await answer(() => Promise.reject(new NotYet(0, 'long ago')));
    expect(told).toMatchObject({ status: 'notYet', waitMs: 50, reason: 'long ago' });
  });

  it('counts the requests of a wait and of a failure too', async () => {
    const told = await answer(async () => {
      noteRequest('rest', true);
      throw new NotYet(0, 'later');
    });
    expect(told.usage).toEqual({ rest: 1, graphql: 0, mutating: 1 });
    const failure = await rejection(
      answer(async () => {
        noteRequest('graphql', false);
        throw failed({ kind: 'refused', status: 404 });
      }),
    );
    expect((failure as unknown as ApplicationFailure).details).toMatchObject([{ usage: { graphql: 1 } }]);
  });

  it.each([
    [401, 'unauthenticated'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [409, 'conflict'],
    [410, 'not_found'],
    [422, 'unprocessable'],
    [451, 'refused'],
  ])('never retries a refusal with %i and calls it %s', async (status, code) => {
    const kind = status === 401 ? 'unauthenticated' : 'refused';
    const failure = await failureOf(failed({ kind, status }));
    expect(failure).toMatchObject({ type: 'Refused', nonRetryable: true });
    expect(failure.detail).toMatchObject({ mayBeApplied: false, code });
  });

  it('retries an unknown outcome, which may have been applied', async () => {
    const failure = await failureOf(failed({ kind: 'unknown', status: null }));
    expect(failure).toMatchObject({ type: 'Unavailable', nonRetryable: false });
    expect(failure.detail).toMatchObject({ mayBeApplied: true, code: 'unavailable' });
  });

  it('never retries a fenced write, which was not sent', async () => {
    const failure = await failureOf(new FencedError('another run has the lock'));
    expect(failure).toMatchObject({ nonRetryable: true });
    expect(failure.detail).toMatchObject({ mayBeApplied: false, code: 'fenced' });
  });

  it('lets a step of a run that is being cancelled wait for its own cancel, for a minute', async () => {
    const told = await answer(() => Promise.reject(new StoppedError('r1', Date.now())));
    expect(told).toMatchObject({ status: 'notYet', reason: 'Run r1 is being cancelled' });
    const failure = await failureOf(new StoppedError('r1', Date.now() - 61_000));
    expect(failure).toMatchObject({ nonRetryable: true });
  });

  it('retries what it does not know, and takes it for possibly applied', async () => {
    const failure = await failureOf(new Error('the store is busy'));
    expect(failure).toMatchObject({ nonRetryable: false, message: 'the store is busy' });
    expect(failure.detail).toMatchObject({ mayBeApplied: true, code: 'failed' });
  });

  it('passes on what a step says of itself', async () => {
    const failure = await failureOf(new StepError('gone', 'refused', 'not_found', true));
    expect(failure).toMatchObject({ nonRetryable: true });
    expect(failure.detail).toMatchObject({ mayBeApplied: true, code: 'not_found' });
  });

  it('delays a retry by the upper half of the interval of the activity’s own level', async () => {
    const { base, factor, max } = SETTINGS.retry.conservative;
    const retryPolicy = { initialInterval: base, backoffCoefficient: factor, maximumInterval: max };
    for (const [attempt, whole] of [
      [1, 1_000],
      [2, 2_000],
      [3, 4_000],
      [9, 10_000],
    ] as const) {
      const failure = await failureOf(failed({ kind: 'unknown', status: 502 }), { attempt, retryPolicy });
      expect(failure.nextRetryDelay).toBeGreaterThanOrEqual(whole / 2);
      expect(failure.nextRetryDelay).toBeLessThanOrEqual(whole);
    }
  });

  it('keeps headers and tokens out: a failure is its message, code and counts', async () => {
    const error = new GitHubError('PATCH /repos: GitHub refused with 422', { kind: 'refused', status: 422 });
    const failure = await failureOf(Object.assign(error, { headers: { authorization: 'token' } }));
    expect(JSON.stringify(failure.details)).not.toContain('authorization');
    expect(Object.keys(failure.detail).toSorted()).toEqual(['code', 'mayBeApplied', 'usage']);
  });
});
