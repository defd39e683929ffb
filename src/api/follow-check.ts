import { setTimeout as delay } from 'node:timers/promises';
import type { DriftReport } from '../workflows/drift-contract.js';
import { isLost } from './failures.js';
import type { LastPolls } from './unanswered.js';
import { GIVE_UP_AFTER } from './watch.js';

/** A worker that is there has polled by then, milliseconds (DESIGN section 8). */
const NO_WORKER_AFTER = 10_000;
/** Between two looks at a check, milliseconds. */
const LOOK_EVERY = 300;

export interface FollowOptions {
  /** Ends the waiting, not the check. */
  signal?: AbortSignal;
  /** Told once when no worker has polled for 10 s. */
  onNoWorker?: () => void;
}

/** Looks at a check until it has ended. @throws ApiError for anything but a lost server */
export async function followCheck(
  look: () => Promise<DriftReport | null>,
  lastPolls: LastPolls,
  { signal, onNoWorker }: FollowOptions,
): Promise<DriftReport | 'aborted' | 'gave_up'> {
  const begunAt = Date.now();
  let told = false;
  let lostSince: number | null = null;
  for (;;) {
    if (signal?.aborted === true) return 'aborted';
    const askedAt = Date.now();
    try {
      const found = await look();
      if (found !== null) return found;
      lostSince = null;
      // A check may wait on a timer while its worker's poll lasts a minute: only where nobody polls at all is there none.
      if (!told && askedAt - begunAt > NO_WORKER_AFTER && (await lastPolls()).length === 0) {
        told = true;
        onNoWorker?.();
      }
    } catch (error) {
      if (!isLost(error)) throw error;
      lostSince ??= askedAt;
      if (Date.now() - lostSince > GIVE_UP_AFTER) return 'gave_up';
    }
    await delay(LOOK_EVERY, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}
