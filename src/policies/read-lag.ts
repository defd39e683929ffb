/** How soon a read that is behind is repeated, milliseconds. */
export const READ_AGAIN_MS = 1_000;
