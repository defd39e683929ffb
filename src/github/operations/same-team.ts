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
  throw refused(
    404,
    `the team ${org}/${slug} is another one now (id ${found.id}, planned for ${team}); plan again`,
  );
}
