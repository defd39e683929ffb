import type { OrganizationNeeds, OrganizationState } from '../../standards/model.js';
import type { GitHubClient } from '../client.js';
import { type Fields, number, object, text, toJson } from '../json.js';
import { childTeams } from './child-teams.js';
import { missingLogins, missingRepositories } from './existence.js';
import { organizationMissing } from './query.js';
import { getOrNull, restRulesets } from './rest-repository.js';
import { readTeams } from './teams.js';

/**
 * What a standards file names of an organisation outside its repositories.
 * @throws GitHubError refused 404 where the organisation is not there
 */
export async function readOrganization(
  github: GitHubClient,
  login: string,
  needs: OrganizationNeeds,
): Promise<OrganizationState> {
  const body = await getOrNull(github, 'GET /orgs/{org}', { org: login });
  if (body === null) throw organizationMissing(login);
  const organization = object(body);
  const { teams, count } = await readTeams(github, login, needs.teams, needs.members);
  return {
    login: text(organization['login']),
    id: number(organization['id']),
    node_id: text(organization['node_id']),
    settings: Object.fromEntries(needs.settings.map((name) => [name, toJson(organization[name])])),
    // GraphQL names the repositories of a condition by node id, which REST does not take back.
    rulesets: needs.rulesets ? await restRulesets(github, 'GET /orgs/{org}/rulesets', { org: login }) : [],
    teams,
    childTeams: await childTeamsOf(github, login, needs.absent, teams),
    teamCount: count,
    repositoryCount: repositoryCount(organization),
    missingLogins: await missingLogins(github, needs.logins),
    missingRepositories: await missingRepositories(github, login, needs.repositories),
  };
}

async function childTeamsOf(
  github: GitHubClient,
  login: string,
  slugs: readonly string[],
  teams: OrganizationState['teams'],
): Promise<OrganizationState['childTeams']> {
  const found: OrganizationState['childTeams'] = {};
  for (const slug of slugs) if (teams[slug]) found[slug] = await childTeams(github, login, slug);
  return found;
}

/** Number of repositories by the body of `GET /orgs/{org}`; the private ones as far as the token may see them. */
export function repositoryCount({ public_repos, total_private_repos }: Fields): number {
  return number(public_repos) + number(total_private_repos);
}
