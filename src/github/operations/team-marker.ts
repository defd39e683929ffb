import { isObject, text } from '../json.js';

/** What the description of a team ends in from its creation until its settings are written: proof of who made it. */
function teamMarker(run: string): string {
  return `<!-- orgsaga:${run} -->`;
}

export function markedDescription(description: unknown, run: string): string {
  return `${text(description)} ${teamMarker(run)}`.trimStart();
}

/** Whether a team, as GitHub shows it, was made by that run and has not got its settings yet. */
export function isMadeBy(team: unknown, run: string): boolean {
  return isObject(team) && text(team['description']).endsWith(teamMarker(run));
}
