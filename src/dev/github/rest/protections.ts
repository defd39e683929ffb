import { GitHubError } from '../errors.js';
import { findBranch } from '../state/git.js';
import type { Actors, BranchProtectionRule } from '../state/model.js';
import { deleteProtection, protectionFromRest, putProtection } from '../state/protections.js';
import { refuseArchived } from '../state/repositories.js';
import { repositoryOf, repositoryUrl } from './target.js';
import { noContent, ok, type RestRequest, route } from './types.js';
import { appView, teamView, userView } from './views.js';

const PATH = '/repos/{owner}/{repo}/branches/{branch}/protection';

const enabled = (value: boolean) => ({ enabled: value });

const actorLists = (request: RestRequest, actors: Actors): Record<string, unknown> => ({
  users: actors.users.map((user) => userView(request, user)),
  teams: actors.teams.map((team) => teamView(request, team)),
  apps: actors.apps.map(appView),
});

function actorsView(request: RestRequest, actors: Actors, url: string): Record<string, unknown> {
  return {
    url,
    users_url: `${url}/users`,
    teams_url: `${url}/teams`,
    apps_url: `${url}/apps`,
    ...actorLists(request, actors),
  };
}

const isEmpty = (actors: Actors): boolean =>
  actors.users.length + actors.teams.length + actors.apps.length === 0;

function reviewsView(request: RestRequest, rule: BranchProtectionRule, url: string): Record<string, unknown> {
  const reviews = rule.required_pull_request_reviews;
  if (reviews === null) return {};
  const { dismissal_restrictions: dismissal, bypass_pull_request_allowances: bypass, ...flags } = reviews;
  const own = `${url}/required_pull_request_reviews`;
  return {
    required_pull_request_reviews: {
      url: own,
      ...flags,
      ...(dismissal === null
        ? {}
        : { dismissal_restrictions: actorsView(request, dismissal, `${url}/dismissal_restrictions`) }),
      ...(isEmpty(bypass) ? {} : { bypass_pull_request_allowances: actorLists(request, bypass) }),
    },
  };
}

function checksView(rule: BranchProtectionRule, url: string): Record<string, unknown> {
  const checks = rule.required_status_checks;
  if (checks === null) return {};
  const own = `${url}/required_status_checks`;
  return {
    required_status_checks: {
      url: own,
      strict: checks.strict,
      contexts: checks.checks.map((check) => check.context),
      contexts_url: `${own}/contexts`,
      checks: checks.checks,
    },
  };
}

function protectionView(request: RestRequest, rule: BranchProtectionRule): Record<string, unknown> {
  const { repository, pattern } = rule;
  const url = `${repositoryUrl(request, repository)}/branches/${encodeURIComponent(pattern)}/protection`;
  return {
    url,
    ...checksView(rule, url),
    ...reviewsView(request, rule, url),
    ...(rule.restrictions === null
      ? {}
      : { restrictions: actorsView(request, rule.restrictions, `${url}/restrictions`) }),
    required_signatures: { url: `${url}/required_signatures`, enabled: rule.required_signatures },
    enforce_admins: { url: `${url}/enforce_admins`, enabled: rule.enforce_admins },
    required_linear_history: enabled(rule.required_linear_history),
    allow_force_pushes: enabled(rule.allow_force_pushes),
    allow_deletions: enabled(rule.allow_deletions),
    block_creations: enabled(rule.block_creations),
    required_conversation_resolution: enabled(rule.required_conversation_resolution),
    lock_branch: enabled(rule.lock_branch),
    allow_fork_syncing: enabled(rule.allow_fork_syncing),
  };
}

/** The rule with the branch's exact name as its pattern. Throws 404, worded by what is missing. */
function ruleOf(request: RestRequest): BranchProtectionRule {
  const repository = repositoryOf(request);
  const branch = findBranch(repository, request.params['branch'] ?? '');
  const rule = repository.protections.get(branch.name);
  if (rule === undefined) throw new GitHubError(404, 'Branch not protected');
  return rule;
}

function signaturesView(request: RestRequest, rule: BranchProtectionRule) {
  return (protectionView(request, rule) as { required_signatures: unknown }).required_signatures;
}

function setSignatures(request: RestRequest, value: boolean): BranchProtectionRule {
  const rule = ruleOf(request);
  return putProtection(request.writer, rule.repository, rule.pattern, {
    ...rule,
    required_signatures: value,
  });
}

export const protectionRoutes = [
  route(`GET ${PATH}`, (request) => ok(protectionView(request, ruleOf(request)))),
  route(`PUT ${PATH}`, (request) => {
    const repository = repositoryOf(request);
    refuseArchived(repository);
    const { name } = findBranch(repository, request.params['branch'] ?? '');
    const present = repository.protections.get(name);
    const settings = protectionFromRest(request.state, repository.organization, request.body, present);
    return ok(protectionView(request, putProtection(request.writer, repository, name, settings)));
  }),
  route(`DELETE ${PATH}`, (request) => {
    deleteProtection(request.writer, ruleOf(request));
    return noContent();
  }),
  route(`GET ${PATH}/required_signatures`, (request) => ok(signaturesView(request, ruleOf(request)))),
  route(`POST ${PATH}/required_signatures`, (request) =>
    ok(signaturesView(request, setSignatures(request, true))),
  ),
  route(`DELETE ${PATH}/required_signatures`, (request) => {
    setSignatures(request, false);
    return noContent();
  }),
];
