import type { GitHubError } from '../errors.js';
import { readTeamIds } from '../read/team-ids.js';
import type { OperationContext } from './operation.js';
import { refused } from './target.js';

/**
 * Makes sure that a slug leads to the team that is meant, where its id is known: what is written to one that has its name since was
 * not planned, and would not be found again. Between this look and the write there is a moment; GraphQL writes by id.
 * @throws GitHubError refused where it is another one
 */
export async function sameTeam({ github, team }: OperationContext, org: string, slug: string): Promise<void> {
  if (team === undefined) return;
  const { [slug]: found } = await readTeamIds(github, org, [slug]);
  if (found === undefined || found.id === team) return;
  throw anotherTeam(`${org}/${slug}`, found.id, team);
}

/** What is there by a team's name is not the team that is meant. */
export const anotherTeam = (name: string, found: number, meant: number): GitHubError =>
  refused(404, `the team ${name} is another one now (id ${found}, planned for ${meant}); plan again`);
