import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '../errors.js';
import { isAtRest, type RunStatus } from '../workflows/contract.js';
import { isLost } from './failures.js';
import { type LastPolls, Unanswered } from './unanswered.js';

export interface WatchOptions {
  /** Ends the watching, not the run. */
  signal?: AbortSignal;
  onStatus?: (status: RunStatus) => void;
  /** Told once when no worker has polled for 10 s, see {@link Unanswered}. */
  onNoWorker?: () => void;
  /** Told when the server is lost, and when it is back. */
  onServer?: (reachable: boolean) => void;
}

/** How watching ended. */
export type Watched =
  | { ended: 'at_rest'; status: RunStatus }
  | { ended: 'aborted' }
  /** The server stayed lost for five minutes. */
  | { ended: 'gave_up' };

/**
 * Milliseconds between two looks: each costs the worker a query for the run and for every page under way, so a long run is
 * looked at less often. Its end is told at once.
 */
const LOOK = { first: 200, factor: 1.3, longest: 1_000 };

/** Without a server, milliseconds (DESIGN section 8). */
export const GIVE_UP_AFTER = 5 * 60_000;

/**
 * Follows a run until it is at rest. `closed` resolves when its workflow has ended; that is looked at without delay.
 * @throws ApiError for anything but a lost server
 */
export async function watchRun(
  look: () => Promise<RunStatus>,
  options: WatchOptions,
  closed: (signal: AbortSignal) => Promise<unknown>,
  lastPolls: LastPolls,
): Promise<Watched> {
  const watching = new AbortController();
  const end = untilClosed(() => closed(watching.signal));
  try {
    return await follow(look, options, end, new Unanswered(lastPolls));
  } finally {
    watching.abort();
  }
}

async function follow(
  look: () => Promise<RunStatus>,
  options: WatchOptions,
  end: Promise<void>,
  workers: Unanswered,
): Promise<Watched> {
  const { signal, onStatus, onNoWorker, onServer } = options;
  let lostSince: number | null = null;
  let pause = LOOK.first;
  const ended = (): boolean => signal?.aborted === true;
  while (!ended()) {
    const askedAt = Date.now();
    try {
      const status = await unlessAborted(ask(look), signal);
      if (status === null) break;
      if (lostSince !== null) onServer?.(true);
      lostSince = null;
      if (status === 'no_worker') {
        if (await workers.unanswered(askedAt, Date.now())) onNoWorker?.();
      } else {
        workers.answered();
        onStatus?.(status);
        if (isAtRest(status.state)) return { ended: 'at_rest', status };
      }
    } catch (error) {
      if (!isLost(error)) throw error;
      if (lostSince === null) onServer?.(false);
      lostSince ??= Date.now();
      if (Date.now() - lostSince > GIVE_UP_AFTER) return { ended: 'gave_up' };
    }
    await Promise.race([
      end,
      delay(pause, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
    ]);
    pause = Math.min(pause * LOOK.factor, LOOK.longest);
  }
  return { ended: 'aborted' };
}

/** Never resolves where that cannot be told, e.g. because the server was lost: then the next look has to find out. */
async function untilClosed(closed: () => Promise<unknown>): Promise<void> {
  try {
    await closed();
  } catch {
    await new Promise(() => undefined);
  }
}

/** Null as soon as the signal is aborted: a question that nobody answers would hold up whoever detaches. */
async function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T | null> {
  if (signal === undefined) return answer;
  const settled = new AbortController();
  const aborted = once(signal, 'abort', { signal: settled.signal }).then(
    () => null,
    () => null,
  );
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    settled.abort();
  }
}

/** An open run is asked by a query, which only a worker can answer. */
async function ask(look: () => Promise<RunStatus>): Promise<RunStatus | 'no_worker'> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof ApiError && error.problem === 'no_answer') return 'no_worker';
    throw error;
  }
}
