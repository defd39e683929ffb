import type { Counts } from './fuse.js';

export function addCounts(left: Counts, right: Counts): Counts {
  const sum: Counts = { ...left };
  for (const kind of Object.keys(right) as (keyof Counts)[]) {
    sum[kind] = (sum[kind] ?? 0) + (right[kind] ?? 0);
  }
  return sum;
}
