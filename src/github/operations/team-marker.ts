import { markOf } from '../../standards/team-marker.js';
import { isObject, text } from '../json.js';

/** Whether a team, as GitHub shows it, was made by that run and has not got its settings yet. */
export function isMadeBy(team: unknown, run: string): boolean {
  return isObject(team) && markOf(text(team['description'])) === run;
}
