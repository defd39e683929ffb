/** When a breaker opens, for how long (milliseconds), and how many probes must succeed before it closes. */
export interface BreakerSettings {
  failure_threshold: number;
  timeout: number;
  success_threshold: number;
}

/** `isolated` is open by a person's word and stays so until a person resets it. */
export type Breaker =
  | { state: 'closed'; failures: number }
  | { state: 'open'; until: number }
  | { state: 'half-open'; successes: number; probing: boolean }
  | { state: 'isolated' };

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

export const CLOSED: Breaker = { state: 'closed', failures: 0 };

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
  if (event.type === 'isolate') return { state: 'isolated' };
  if (event.type === 'reset') return CLOSED;
  switch (breaker.state) {
    case 'closed': {
      if (event.type === 'success') return CLOSED;
      if (event.type !== 'failure') return breaker;
      const failures = breaker.failures + 1;
      return failures >= settings.failure_threshold ? open(now, settings) : { state: 'closed', failures };
    }
    case 'open':
      if (event.type !== 'admitted' || now < breaker.until) return breaker;
      return { state: 'half-open', successes: 0, probing: true };
    case 'half-open':
      if (event.type === 'admitted') return { ...breaker, probing: true };
      // Calls sent before the breaker opened tell how the other side was then, not how it is now.
      if (!event.probe) return breaker;
      if (event.type === 'failure') return open(now, settings);
      if (event.type === 'dropped') return { ...breaker, probing: false };
      return breaker.successes + 1 >= settings.success_threshold
        ? CLOSED
        : { state: 'half-open', successes: breaker.successes + 1, probing: false };
    case 'isolated':
  }
  return breaker;
}

function open(now: number, settings: BreakerSettings): Breaker {
  return { state: 'open', until: now + settings.timeout };
}
