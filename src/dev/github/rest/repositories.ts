import { missingKeys } from '../errors.js';
import type { Ref } from '../state/model.js';
import { protectionOf } from '../state/pushes.js';
import {
  deleteRepository,
  replaceTopics,
  transferRepository,
  updateRepository,
} from '../state/repositories.js';
import { page } from './pagination.js';
import { branchOf, repositoryOf, repositoryUrl } from './target.js';
import { accepted, noContent, ok, type RestRequest, route } from './types.js';
import { permissionsView, repositoryDetail, teamView } from './views.js';

function shortBranch(request: RestRequest, branch: Ref): Record<string, unknown> {
  const { repository, name, commit } = branch;
  return {
    name,
    commit: { sha: commit.sha, url: `${repositoryUrl(request, repository)}/commits/${commit.sha}` },
    protected: protectionOf(repository, name) !== undefined,
  };
}

export const repositoryRoutes = [
  route('GET /repos/{owner}/{repo}', (request) => ok(repositoryDetail(request, repositoryOf(request)))),
  route('PATCH /repos/{owner}/{repo}', (request) => {
    const repository = repositoryOf(request);
    updateRepository(request.writer, repository, request.body);
    return ok(repositoryDetail(request, repository));
  }),
  route('DELETE /repos/{owner}/{repo}', (request) => {
    deleteRepository(request.writer, repositoryOf(request));
    return noContent();
  }),
  route('POST /repos/{owner}/{repo}/transfer', (request) => {
    const repository = repositoryOf(request);
    const { new_owner } = request.body;
    if (typeof new_owner !== 'string') throw missingKeys(['new_owner']);
    transferRepository(request.writer, repository, request.state.organization(new_owner));
    return accepted(repositoryDetail(request, repository));
  }),
  route('GET /repos/{owner}/{repo}/topics', (request) => ok({ names: repositoryOf(request).topics })),
  route('PUT /repos/{owner}/{repo}/topics', (request) => {
    const repository = repositoryOf(request);
    const { names } = request.body;
    if (!Array.isArray(names)) throw missingKeys(['names']);
    replaceTopics(request.writer, repository, names.map(String));
    return ok({ names: repository.topics });
  }),
  route('GET /repos/{owner}/{repo}/branches', (request) => {
    const repository = repositoryOf(request);
    const wanted = request.query.get('protected');
    const branches = [...repository.branches.values()]
      .filter(
        (branch) => wanted === null || String(protectionOf(repository, branch.name) !== undefined) === wanted,
      )
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return page(request, branches, (branch) => shortBranch(request, branch));
  }),
  route('GET /repos/{owner}/{repo}/branches/{branch}', (request) => {
    const branch = branchOf(request);
    const url = `${repositoryUrl(request, branch.repository)}/branches/${encodeURIComponent(branch.name)}`;
    const rule = protectionOf(branch.repository, branch.name);
    const checks = rule?.required_status_checks;
    return ok({
      ...shortBranch(request, branch),
      _links: {
        self: url,
        html: `${request.origin}/${branch.repository.organization.login}/${branch.repository.name}/tree/${branch.name}`,
      },
      protection: {
        enabled: rule !== undefined,
        required_status_checks: {
          enforcement_level: checks ? (rule?.enforce_admins ? 'everyone' : 'non_admins') : 'off',
          contexts: (checks?.checks ?? []).map((check) => check.context),
          checks: checks?.checks ?? [],
        },
      },
      protection_url: `${url}/protection`,
    });
  }),
  route('GET /repos/{owner}/{repo}/teams', (request) => {
    const repository = repositoryOf(request);
    const teams = [...repository.organization.teams.values()].flatMap((team) => {
      const permission = team.repositories.get(repository);
      return permission === undefined ? [] : [{ team, permission }];
    });
    return page(request, teams, ({ team, permission }) => ({
      ...teamView(request, team),
      permission,
      permissions: permissionsView(permission),
    }));
  }),
];
