import { readFileSync } from 'node:fs';

/** What processes have taken of the processor, milliseconds; null where the system does not tell. */
export interface ProcessorTimes {
  /** The simulated GitHub. */
  github: number | null;
  workers: number | null;
}

/** Linux counts in hundredths of a second for whoever asks it (man 5 proc, sysconf(_SC_CLK_TCK)). */
const TICK_MS = 10;

/** Of one process since it began, all of its threads. */
export function cpuOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program may hold blanks and brackets; the fields after it are counted from the third.
    const [utime, stime] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number);
    return ((utime ?? 0) + (stime ?? 0)) * TICK_MS;
  } catch {
    return null;
  }
}

/** Of several processes; null where one of them is not known. */
export function cpuOfAll(pids: readonly number[]): number | null {
  const times = pids.map(cpuOf);
  return times.includes(null) ? null : times.reduce<number>((sum, time) => sum + (time ?? 0), 0);
}

const between = (from: number | null, to: number | null): number | null =>
  from === null || to === null ? null : to - from;

export const spentSince = (before: ProcessorTimes, after: ProcessorTimes): ProcessorTimes => ({
  github: between(before.github, after.github),
  workers: between(before.workers, after.workers),
});
