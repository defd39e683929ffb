import { markedDescription, markOf } from './team-marker.js';

/** GitHub takes no longer description of a repository, in characters. */
export const MOST_DESCRIPTION = 350;

/**
 * The description of a repository from its creation until the transaction's last step: proof of which run made it. What it
 * is to say is cut where it leaves no room for the mark; the last step writes it whole.
 */
export function markedRepository(description: string, run: string): string {
  const room = MOST_DESCRIPTION - markedDescription('', run).length - 1;
  return markedDescription(description.slice(0, Math.max(0, room)).trimEnd(), run);
}

/** Whether a repository, by its description, was made by that run and is not finished yet. */
export const isMarkedBy = (description: string | null, run: string): boolean => markOf(description) === run;

/** The hidden comment in the body of an issue that a run opened; `key` tells it from the run's other issues. */
export function issueMark(run: string, key: string): string {
  return `<!-- orgsaga:issue run=${run} key=${encodeURIComponent(key)} -->`;
}

/** The key of an issue of that run; null for every other issue. */
export function issueKey(body: string | null, run: string): string | null {
  const start = `<!-- orgsaga:issue run=${run} key=`;
  const at = body?.lastIndexOf(start) ?? -1;
  if (body === null || at < 0) return null;
  const rest = body.slice(at + start.length);
  const end = rest.indexOf(' -->');
  return end < 0 ? null : rest.slice(0, end);
}

/** The line of a commit's message that says which run made it. */
export const commitTrailer = (run: string): string => `Orgsaga-Run: ${run}`;
