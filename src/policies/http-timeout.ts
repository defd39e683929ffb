/**
 * The longest one HTTP request may take, milliseconds: GitHub itself ends one after 10 s, and an activity's start-to-close
 * has to hold the wait for a turn and the request.
 */
export function httpTimeoutMs(settings: { activity: { start_to_close: number } }): number {
  return Math.min(12_000, Math.floor(settings.activity.start_to_close * 0.4));
}
