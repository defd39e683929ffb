/** Longer names are no slips of the pen, and would make the comparison slow. */
const LONGEST = 80;

/** Fewer letters are the beginning of too many words. */
const SHORTEST_CUT = 3;

/** The candidate that is most like a mistyped name; null where none is near: a third of its letters, at most 4. */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  if (name.length > LONGEST) return null;
  const least = Math.min(4, Math.max(1, Math.floor(name.length / 3)));
  let best: { candidate: string; distance: number } | null = null;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= least && (best === null || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate ?? null;
}

/** The known key that a mistyped one most likely stands for, and whether it is near; null only where none is known. */
export function nearestKey(
  name: string,
  candidates: readonly string[],
): { key: string; isNear: boolean } | null {
  const near = nearest(name, candidates);
  if (near !== null) return { key: near, isNear: true };
  const start = name.slice(0, LONGEST).toLowerCase();
  const [best] = candidates
    .map((key) => ({
      key,
      likeness: key.toLowerCase().startsWith(start) ? Number.POSITIVE_INFINITY : sharedWords(start, key),
      distance: editDistance(start, key.toLowerCase()),
    }))
    .toSorted((left, right) =>
      left.likeness === right.likeness
        ? left.distance - right.distance
        : right.likeness > left.likeness
          ? 1
          : -1,
    );
  return best === undefined ? null : { key: best.key, isNear: false };
}

/** Words of a name that a key has, too; a word may be cut short, as `repo` is. */
function sharedWords(name: string, key: string): number {
  const theirs = wordsOf(key);
  return wordsOf(name).filter((word) =>
    theirs.some((other) => other === word || (word.length >= SHORTEST_CUT && other.startsWith(word))),
  ).length;
}

const wordsOf = (name: string): string[] =>
  name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(left: string, right: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    [before, previous] = [previous, current];
  }
  return previous[right.length] ?? 0;
}
