import type { GitHubClient } from '../github/client.js';
import { readOrganization } from '../github/read/index.js';
import { readPages } from '../github/read/pages.js';
import { initNeeds } from '../standards/init.js';
import type { OrganizationNeeds, RepositoryState } from '../standards/model.js';
import type { GitHubProbe, LimitWindow, LiveOrganization } from './deps.js';

const NO_NEEDS: OrganizationNeeds = {
  settings: [],
  rulesets: false,
  teams: [],
  members: [],
  absent: [],
  logins: [],
  repositories: [],
};

/** Reads all of an organisation that a standards file can name. @throws GitHubError */
export async function readLive(
  client: GitHubClient,
  login: string,
  pageSize: number,
  onPage: (read: number, total: number) => void,
): Promise<LiveOrganization> {
  // Says clearly where there is no such organisation.
  await readOrganization(client, login, NO_NEEDS);
  const teams = (await client.list('GET /orgs/{org}/teams', { org: login })) as { slug: string }[];
  const needs = initNeeds(teams.map(({ slug }) => slug));
  const organization = await readOrganization(client, login, needs.organization);
  const repositories: RepositoryState[] = [];
  for await (const page of readPages(client, login, needs.repository, pageSize)) {
    repositories.push(...page.repositories);
    onPage(repositories.length, page.total);
  }
  return { organization, repositories };
}

/** Asks GitHub for the limits of a token, which itself uses up none of them. @throws GitHubError */
export async function probeGitHub(client: GitHubClient): Promise<GitHubProbe> {
  const { data } = await client.rest('GET /rate_limit');
  const { core, graphql } = (data as { resources: { core: LimitWindow; graphql?: LimitWindow } }).resources;
  return { rest: windowOf(core), graphql: graphql === undefined ? null : windowOf(graphql) };
}

const windowOf = ({ limit, used, remaining, reset }: LimitWindow): LimitWindow => ({
  limit,
  used,
  remaining,
  reset,
});
