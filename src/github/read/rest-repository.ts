import type { Permission, RepositoryNeeds, RepositoryState } from '../../standards/model.js';
import type { GitHubClient } from '../client.js';
import { isRefused } from '../errors.js';
import { type Fields, number, object, objects, sortedTexts, text, textOrNull, toJson } from '../json.js';
import { DETAIL_SETTINGS } from './fields.js';
import { proposalBranch, proposes } from './files.js';
import { labelOf, sortLabels } from './labels.js';
import { protectionOfRest } from './protection.js';
import { repeatRead } from './query.js';
import { byName, rulesetOfRest } from './rulesets.js';
import { restPermission } from './team-edges.js';

/** What a GET finds, or null where GitHub says 404. @throws GitHubError for every other failure */
export async function getOrNull(
  github: GitHubClient,
  route: string,
  parameters: Parameters<GitHubClient['rest']>[1],
): Promise<unknown> {
  try {
    return (await repeatRead(() => github.rest(route, parameters))).data;
  } catch (error) {
    if (isRefused(error, 404)) return null;
    throw error;
  }
}

/** A team's permission in the repository of that name, and the repository's id; null for none. @throws GitHubError */
export async function readTeamAccess(
  github: GitHubClient,
  owner: string,
  slug: string,
  repo: string,
): Promise<{ id: number; permission: Permission } | null> {
  const found = object(
    await getOrNull(github, 'GET /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}', {
      org: owner,
      team_slug: slug,
      owner,
      repo,
      headers: { accept: 'application/vnd.github.v3.repository+json' },
    }),
  );
  const permission = restPermission(found['permissions']);
  return permission === null ? null : { id: number(found['id']), permission };
}

/** A team's permission in one repository; null for none. @throws GitHubError */
export async function readTeamPermission(
  github: GitHubClient,
  owner: string,
  slug: string,
  repo: string,
): Promise<Permission | null> {
  return (await readTeamAccess(github, owner, slug, repo))?.permission ?? null;
}

/**
 * A repository's state by REST: the same as by GraphQL, but for protection rules with a pattern that is no branch's
 * name, which REST does not show.
 * @param listed the repository as a list or a GET shows it
 */
export async function restRepositoryState(
  github: GitHubClient,
  owner: string,
  needs: RepositoryNeeds,
  listed: Fields,
  teams: Record<string, Permission>,
): Promise<RepositoryState> {
  const at = { owner, repo: text(listed['name']) };
  const list = async (route: string, more: object = {}): Promise<Fields[]> =>
    objects(await repeatRead(() => github.list(route, { ...at, ...more })));
  const detail = needs.settings.some((setting) => DETAIL_SETTINGS.has(setting) && !(setting in listed))
    ? object(await getOrNull(github, 'GET /repos/{owner}/{repo}', at))
    : listed;
  // GitHub's size is 0 for small repositories, too, so it only tells which may be empty.
  const empty =
    number(listed['size']) === 0 && (await list('GET /repos/{owner}/{repo}/branches')).length === 0;
  const branch = empty ? null : textOrNull(listed['default_branch']);
  const settings = Object.fromEntries(needs.settings.map((setting) => [setting, toJson(detail[setting])]));
  if ('default_branch' in settings) settings['default_branch'] = branch;
  return {
    id: number(listed['id']),
    node_id: text(listed['node_id']),
    name: at.repo,
    visibility: text(listed['visibility']),
    archived: listed['archived'] === true,
    empty,
    default_branch: branch,
    topics: needs.topics ? sortedTexts(listed['topics']) : [],
    settings,
    branch_protection: needs.branch_protection && !empty ? await protections(github, at) : {},
    teams,
    labels: needs.labels ? sortLabels((await list('GET /repos/{owner}/{repo}/labels')).map(labelOf)) : [],
    rulesets: needs.rulesets
      ? await restRulesets(github, 'GET /repos/{owner}/{repo}/rulesets', { ...at, includes_parents: false })
      : [],
    ...(await files(github, at, needs.files, empty)),
  };
}

async function protections(
  github: GitHubClient,
  at: { owner: string; repo: string },
): Promise<RepositoryState['branch_protection']> {
  const branches = objects(
    await repeatRead(() => github.list('GET /repos/{owner}/{repo}/branches', { ...at, protected: true })),
  );
  const found: RepositoryState['branch_protection'] = {};
  for (const { name } of branches) {
    const branch = text(name);
    const body = await getOrNull(github, 'GET /repos/{owner}/{repo}/branches/{branch}/protection', {
      ...at,
      branch,
    });
    if (body !== null) found[branch] = protectionOfRest(object(body));
  }
  return found;
}

/** All rulesets of a list; the list itself has not their rules. */
export async function restRulesets(
  github: GitHubClient,
  route: string,
  parameters: NonNullable<Parameters<GitHubClient['list']>[1]>,
): Promise<RepositoryState['rulesets']> {
  const listed = objects(await repeatRead(() => github.list(route, parameters)));
  const found: RepositoryState['rulesets'] = [];
  const { includes_parents: _parents, ...at } = parameters;
  for (const { id } of listed) {
    const body = await getOrNull(github, `${route}/{ruleset_id}`, { ...at, ruleset_id: number(id) });
    if (body !== null) found.push(rulesetOfRest(object(body)));
  }
  return found.toSorted(byName);
}

async function files(
  github: GitHubClient,
  at: { owner: string; repo: string },
  paths: readonly string[],
  empty: boolean,
): Promise<Pick<RepositoryState, 'files' | 'proposals'>> {
  const found: Pick<RepositoryState, 'files' | 'proposals'> = { files: {}, proposals: {} };
  for (const path of paths) {
    found.files[path] = empty ? null : await blob(github, { ...at, path });
    if (empty) continue;
    const branch = proposalBranch(path);
    const pulls = objects(
      await repeatRead(() =>
        github.list('GET /repos/{owner}/{repo}/pulls', {
          ...at,
          state: 'open',
          head: `${at.owner}:${branch}`,
        }),
      ),
    );
    const ours = pulls.find((pull) => proposes(text(pull['body']), path));
    if (ours === undefined) continue;
    const proposed = await blob(github, { ...at, path, ref: branch });
    found.proposals[path] = { number: number(ours['number']), sha: proposed?.sha ?? null };
  }
  return found;
}

async function blob(
  github: GitHubClient,
  parameters: { owner: string; repo: string; path: string; ref?: string },
): Promise<{ sha: string } | null> {
  const body = object(await getOrNull(github, 'GET /repos/{owner}/{repo}/contents/{path}', parameters));
  return body['type'] === 'file' ? { sha: text(body['sha']) } : null;
}
