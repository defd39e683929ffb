const UNITS = [
  [86_400_000, 'd', 3_600_000, 'h'],
  [3_600_000, 'h', 60_000, 'min'],
  [60_000, 'min', 1_000, 's'],
] as const;

/** Milliseconds as a person says them, two units at most: `850 ms`, `12.3 s`, `4 min 5 s`, `2 h`, `7 d`. */
export function formatDuration(milliseconds: number): string {
  for (const [size, unit, nextSize, nextUnit] of UNITS) {
    if (milliseconds < size) continue;
    const rest = Math.floor((milliseconds % size) / nextSize);
    return `${Math.floor(milliseconds / size)} ${unit}${rest === 0 ? '' : ` ${rest} ${nextUnit}`}`;
  }
  // One decimal would round 59.96 s up to a minute's worth.
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${Math.floor(milliseconds / 100) / 10} s`;
}
