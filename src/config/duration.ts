const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What a duration looks like, for error messages. */
export const DURATION_FORM = 'a whole number with a unit, such as 500ms, 30s, 10m, 1h or 7d';

/** A duration such as `500ms`, `30s`, `10m`, `1h` or `7d` in milliseconds; null where the text is none. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim());
  const unit = UNITS[match?.[2] ?? ''];
  const milliseconds = Number(match?.[1]) * (unit ?? Number.NaN);
  return Number.isSafeInteger(milliseconds) ? milliseconds : null;
}
