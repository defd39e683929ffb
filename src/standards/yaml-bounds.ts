import type { Complaint, Path } from './problem.js';

/** What a run can carry: the file and its templates together, in bytes. */
export const MOST_BYTES = 1024 * 1024;

/** Far deeper than any of our files. */
const DEEPEST = 100;

/** Objects take it for something else than a key of their own, and so would lose it without a word. */
const NO_NAME = '__proto__';

/**
 * Why a value that was read from YAML cannot be looked at; null where it can. Aliases can make a small text a huge value, or one that holds itself.
 */
export function outOfBounds(value: unknown): Complaint | null {
  let left = MOST_BYTES;
  const within = (part: unknown, path: Path): Complaint | null => {
    left -= typeof part === 'string' ? part.length + 2 : 4;
    if (left < 0) return { path: [], text: 'larger than 1 MiB when its aliases are resolved' };
    if (path.length > DEEPEST) return { path: [], text: 'nested too deeply to be read' };
    if (typeof part !== 'object' || part === null) return null;
    for (const [key, inner] of Object.entries(part)) {
      left -= key.length + 2;
      const at = [...path, Array.isArray(part) ? Number(key) : key];
      if (key === NO_NAME) return { path: at, atKey: true, text: `${NO_NAME} cannot be a name here` };
      const found = within(inner, at);
      if (found !== null) return found;
    }
    return null;
  };
  return within(value, []);
}
