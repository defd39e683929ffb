/** When a breaker opens, for how long (milliseconds), and how many probes must succeed before it closes. */
export interface BreakerSettings {
  failure_threshold: number;
  timeout: number;
  success_threshold: number;
}

/** `isolated` is open by a person's word and stays so until a person resets it. `since`: when it was last closed. */
export type Breaker =
  | { state: 'closed'; failures: number }
  | { state: 'open'; since: number; until: number }
  | { state: 'half-open'; since: number; successes: number; probing: boolean }
  | { state: 'isolated'; since: number };

/**
 * `admitted`: a call was let through. `success`, `failure`: what came of it, and whether it was a probe. `dropped`: an
 * admitted call ended without telling anything about the other side.
 */
export type BreakerEvent =
  | { type: 'admitted' }
  | { type: 'success'; probe: boolean }
  | { type: 'failure'; probe: boolean }
  | { type: 'dropped'; probe: boolean }
  | { type: 'isolate' }
  | { type: 'reset' };

/** States from the best to the worst: the later, the less goes out. */
export const BREAKER_STATES = [
  'closed',
  'half-open',
  'open',
  'isolated',
] as const satisfies Breaker['state'][];

export const CLOSED: Breaker = { state: 'closed', failures: 0 };

/**
 * Who waits for hours may wait a little longer each time: each time is some lines of a workflow's history, which is not
 * endless. So the next try is at least this part of the whole time later, and no more than a quarter of an hour.
 */
const PATIENCE = 1 / 16;
const LONGEST_MS = 900_000;
/** How soon to ask again while a probe is under way. */
const PROBING_MS = 1_000;

/**
 * Whether a call may go now. Where not, `until` is when to ask again; null while a probe is under way.
 * A call admitted while the breaker is not closed is a probe, and only one is under way at a time.
 */
export function admission(
  breaker: Breaker,
  now: number,
  settings: BreakerSettings,
): { admitted: true; probe: boolean } | { admitted: false; until: number | null } {
  switch (breaker.state) {
    case 'closed':
      return { admitted: true, probe: false };
    case 'open':
      return now >= breaker.until
        ? { admitted: true, probe: true }
        : { admitted: false, until: breaker.until };
    case 'half-open':
      return breaker.probing ? { admitted: false, until: null } : { admitted: true, probe: true };
    case 'isolated':
  }
  return { admitted: false, until: now + settings.timeout };
}

/** The state after an event. Pure: the same arguments give the same state, and time comes in only as `now`. */
export function next(breaker: Breaker, event: BreakerEvent, now: number, settings: BreakerSettings): Breaker {
  if (event.type === 'isolate') return { state: 'isolated', since: sinceOf(breaker) ?? now };
  if (event.type === 'reset') return CLOSED;
  switch (breaker.state) {
    case 'closed': {
      if (event.type === 'success') return CLOSED;
      if (event.type !== 'failure') return breaker;
      const failures = breaker.failures + 1;
      return failures >= settings.failure_threshold
        ? open(now, now, settings)
        : { state: 'closed', failures };
    }
    case 'open':
      if (event.type !== 'admitted' || now < breaker.until) return breaker;
      return { state: 'half-open', since: sinceWhenAsked(breaker, now), successes: 0, probing: true };
    case 'half-open':
      if (event.type === 'admitted') return { ...breaker, probing: true };
      // Calls sent before the breaker opened tell how the other side was then, not how it is now.
      if (!event.probe) return breaker;
      if (event.type === 'failure') return open(breaker.since, now, settings);
      if (event.type === 'dropped') return { ...breaker, probing: false };
      return breaker.successes + 1 >= settings.success_threshold
        ? CLOSED
        : { ...breaker, successes: breaker.successes + 1, probing: false };
    case 'isolated':
  }
  return breaker;
}

/**
 * When somebody who is turned away by a breaker that is not closed should come back. Not before it admits a probe, and the later
 * the longer it has been so: an outage of a week is waited for in some seven hundred times, one of ten minutes in some twenty.
 */
export function comeBackAt(breaker: Breaker, now: number, settings: BreakerSettings): number {
  const patience = Math.min((now - (sinceOf(breaker) ?? now)) * PATIENCE, LONGEST_MS);
  switch (breaker.state) {
    case 'closed':
      return now;
    case 'open':
      return Math.max(breaker.until, now + patience);
    case 'half-open':
      return now + Math.max(PROBING_MS, patience);
    case 'isolated':
  }
  return now + Math.max(settings.timeout, patience);
}

/** Where for long nobody came who was told to, nobody has waited: what was before tells nothing of how long this one lasts. */
const sinceWhenAsked = ({ since, until }: Breaker & { state: 'open' }, now: number): number =>
  now - until > 2 * LONGEST_MS ? now : since;

const sinceOf = (breaker: Breaker): number | null => (breaker.state === 'closed' ? null : breaker.since);

function open(since: number, now: number, settings: BreakerSettings): Breaker {
  return { state: 'open', since, until: now + settings.timeout };
}
