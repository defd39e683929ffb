/**
 * How long after a write was answered GitHub's reads and lists may still show what was there before, milliseconds. GitHub
 * documents no bound; what was seen is seconds.
 */
export const READ_LAG_MS = 10_000;

/** How soon a read that is behind is repeated, milliseconds. */
export const READ_AGAIN_MS = 1_000;
