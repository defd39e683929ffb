/**
 * What the description of a team ends in from its creation until its settings are written: proof of which run made it, so
 * that an undo deletes no other team, and a repeat after a lost answer takes it for its own.
 */
const MARKER = / ?<!-- orgsaga:(\S+) -->$/;

export function markedDescription(description: string, run: string): string {
  return `${description} <!-- orgsaga:${run} -->`.trimStart();
}

/** The run whose mark a description carries; null where it carries none. */
export function markOf(description: string | null): string | null {
  return MARKER.exec(description ?? '')?.[1] ?? null;
}

export function withoutMark(description: string): string {
  return description.replace(MARKER, '');
}
