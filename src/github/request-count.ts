import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestCount } from './client.js';

interface Tally extends RequestCount {
  applied: number;
  lastRequestId: string | null;
  outer: Tally | undefined;
}

const tallies = new AsyncLocalStorage<Tally | undefined>();

/** What a counted function came to: a failure has a count too. */
export interface Counted<T> {
  outcome: { ok: true; value: T } | { ok: false; error: unknown };
  count: RequestCount;
  /** Requests that may change something and were answered with success: what they did stands, whatever failed later. */
  applied: number;
  /** GitHub's own id of the last request that may have changed something; null where no answer came. */
  lastRequestId: string | null;
}

/** Runs `work` and counts the requests that it sends, also where it fails. Never throws; nested counts add up. */
export async function countRequests<T>(work: () => Promise<T>): Promise<Counted<T>> {
  const tally: Tally = {
    rest: 0,
    graphql: 0,
    mutating: 0,
    applied: 0,
    lastRequestId: null,
    outer: tallies.getStore(),
  };
  const outcome = await tallies.run(tally, async (): Promise<Counted<T>['outcome']> => {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      return { ok: false, error };
    }
  });
  const { rest, graphql, mutating, applied, lastRequestId } = tally;
  return { outcome, count: { rest, graphql, mutating }, applied, lastRequestId };
}

/** Notes one request that is about to be sent, with every {@link countRequests} around it. */
export function noteRequest(kind: 'rest' | 'graphql', mutating: boolean): void {
  for (let tally = tallies.getStore(); tally !== undefined; tally = tally.outer) {
    tally[kind] += 1;
    if (mutating) tally.mutating += 1;
  }
}

/** Notes GitHub's id of an answered request that may have changed something, and whether the answer was a success. */
export function noteMutation(requestId: string | null, success: boolean): void {
  for (let tally = tallies.getStore(); tally !== undefined; tally = tally.outer) {
    tally.lastRequestId = requestId;
    if (success) tally.applied += 1;
  }
}

/** Runs `work` with its requests counted by nobody around it: what is sent for several is noted with one of them. */
export function countNowhere<T>(work: () => Promise<T>): Promise<T> {
  return tallies.run(undefined, work);
}
