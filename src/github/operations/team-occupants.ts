import type { GitHubClient } from '../client.js';
import { objects, text } from '../json.js';

const ROUTE = 'GET /orgs/{org}/teams/{team_slug}';

/**
 * Repositories, child teams and members of a team. Whoever makes a team is its maintainer, so one maintainer is nobody's.
 * @throws GitHubError
 */
export async function occupants(github: GitHubClient, org: string, slug: string): Promise<string[]> {
  const at = { org, team_slug: slug };
  const names = async (what: string, field: string, more: Record<string, string> = {}): Promise<string[]> =>
    objects(await github.list(`${ROUTE}/${what}`, { ...at, ...more })).map((one) => text(one[field]));
  const maintainers = await names('members', 'login', { role: 'maintainer' });
  return [
    ...(await names('repos', 'full_name')),
    ...(await names('teams', 'slug')),
    ...(await names('members', 'login', { role: 'member' })),
    ...(maintainers.length > 1 ? maintainers : []),
  ];
}
