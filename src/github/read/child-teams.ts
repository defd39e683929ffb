import type { GitHubClient } from '../client.js';
import { isRefused } from '../errors.js';
import { objects, text } from '../json.js';

/** Slugs of a team's child teams, which GitHub removes with it; none where there is no such team any more. @throws GitHubError */
export async function childTeams(github: GitHubClient, org: string, slug: string): Promise<string[]> {
  try {
    const found = await github.list('GET /orgs/{org}/teams/{team_slug}/teams', { org, team_slug: slug });
    return objects(found).map((one) => text(one['slug']));
  } catch (error) {
    if (isRefused(error, 404)) return [];
    throw error;
  }
}
