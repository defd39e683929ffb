import type { Actors, App, BranchProtectionRule, Team, User } from '../state/model.js';
import { defaultProtection, noActors, type ProtectionSettings } from '../state/protections.js';
import { connection } from './connection.js';
import { type Context, type Fields, nodeOf } from './context.js';

type Input = Record<string, unknown>;

function allowances(
  rule: BranchProtectionRule,
  kind: string,
  actors: Actors | null | undefined,
  args: Input,
): unknown {
  const all: (User | Team | App)[] = actors ? [...actors.users, ...actors.teams, ...actors.apps] : [];
  return connection(
    all.map((actor) => ({ id: `${kind}_${rule.id}_${actor.id}`, actor, branchProtectionRule: rule })),
    args,
  );
}

function appById(context: Context, id: number | null): App | null {
  if (id === null) return null;
  const known = [...context.state.apps.values()].find((app) => app.id === id);
  return known ?? { kind: 'App', id, node_id: `A_external_${id}`, slug: `app-${id}` };
}

export const branchProtectionRule: Fields<BranchProtectionRule> = {
  allowsDeletions: (rule) => rule.allow_deletions,
  allowsForcePushes: (rule) => rule.allow_force_pushes,
  blocksCreations: (rule) => rule.block_creations,
  dismissesStaleReviews: (rule) => rule.required_pull_request_reviews?.dismiss_stale_reviews ?? false,
  isAdminEnforced: (rule) => rule.enforce_admins,
  lockAllowsFetchAndMerge: (rule) => rule.allow_fork_syncing,
  lockBranch: (rule) => rule.lock_branch,
  requireLastPushApproval: (rule) => rule.required_pull_request_reviews?.require_last_push_approval ?? false,
  requiredApprovingReviewCount: (rule) =>
    rule.required_pull_request_reviews?.required_approving_review_count ?? null,
  requiredDeploymentEnvironments: (rule) => rule.required_deployments ?? [],
  requiredStatusCheckContexts: (rule) =>
    (rule.required_status_checks?.checks ?? []).map((check) => check.context),
  requiredStatusChecks: (rule, _args, context) =>
    (rule.required_status_checks?.checks ?? []).map((check) => ({
      context: check.context,
      app: appById(context, check.app_id),
    })),
  requiresApprovingReviews: (rule) => rule.required_pull_request_reviews !== null,
  requiresCodeOwnerReviews: (rule) => rule.required_pull_request_reviews?.require_code_owner_reviews ?? false,
  requiresCommitSignatures: (rule) => rule.required_signatures,
  requiresConversationResolution: (rule) => rule.required_conversation_resolution,
  requiresDeployments: (rule) => rule.required_deployments !== null,
  requiresLinearHistory: (rule) => rule.required_linear_history,
  requiresStatusChecks: (rule) => rule.required_status_checks !== null,
  requiresStrictStatusChecks: (rule) => rule.required_status_checks?.strict ?? false,
  restrictsPushes: (rule) => rule.restrictions !== null,
  restrictsReviewDismissals: (rule) => Boolean(rule.required_pull_request_reviews?.dismissal_restrictions),
  creator: () => null,
  pushAllowances: (rule, args) => allowances(rule, 'PA', rule.restrictions, args),
  reviewDismissalAllowances: (rule, args) =>
    allowances(rule, 'RDA', rule.required_pull_request_reviews?.dismissal_restrictions, args),
  bypassPullRequestAllowances: (rule, args) =>
    allowances(rule, 'BPRA', rule.required_pull_request_reviews?.bypass_pull_request_allowances, args),
  bypassForcePushAllowances: (rule, args) =>
    allowances(rule, 'BFPA', rule.bypass_force_push_allowances, args),
  branchProtectionRuleConflicts: (_rule, args) => connection([], args),
  matchingRefs: (rule, args) => {
    const exact = rule.repository.branches.get(rule.pattern);
    return connection(exact === undefined ? [] : [exact], args);
  },
};

/** Actors by node id; what is not named stays. */
function actorsOf(context: Context, ids: unknown, present: Actors | null | undefined): Actors {
  if (!Array.isArray(ids)) return present ?? noActors();
  const actors = noActors();
  for (const id of ids) {
    const node = nodeOf(context, id, 'User', 'Team', 'App');
    if (node.kind === 'User') actors.users.push(node);
    else if (node.kind === 'Team') actors.teams.push(node);
    else actors.apps.push(node);
  }
  return actors;
}

function checksOf(
  context: Context,
  input: Input,
  present: ProtectionSettings,
): ProtectionSettings['required_status_checks'] {
  const on = input['requiresStatusChecks'] ?? present.required_status_checks !== null;
  if (on !== true) return null;
  const before = present.required_status_checks ?? { strict: true, checks: [] };
  const given = input['requiredStatusChecks'] as
    | { context: string; appId?: string | null }[]
    | null
    | undefined;
  const contexts = input['requiredStatusCheckContexts'] as string[] | null | undefined;
  const checks = given
    ? given.map(({ context: name, appId }) => ({
        context: name,
        app_id: appId && appId !== 'any' ? nodeOf(context, appId, 'App').id : null,
      }))
    : contexts?.map((name) => ({ context: name, app_id: null }));
  return {
    strict: (input['requiresStrictStatusChecks'] ?? before.strict) === true,
    checks: checks ?? before.checks,
  };
}

function reviewsOf(
  context: Context,
  input: Input,
  present: ProtectionSettings,
): ProtectionSettings['required_pull_request_reviews'] {
  const on = input['requiresApprovingReviews'] ?? present.required_pull_request_reviews !== null;
  if (on !== true) return null;
  const before = present.required_pull_request_reviews;
  const restricts = input['restrictsReviewDismissals'] ?? Boolean(before?.dismissal_restrictions);
  const flag = (key: string, value: boolean | undefined): boolean => (input[key] ?? value ?? false) === true;
  return {
    dismiss_stale_reviews: flag('dismissesStaleReviews', before?.dismiss_stale_reviews),
    require_code_owner_reviews: flag('requiresCodeOwnerReviews', before?.require_code_owner_reviews),
    require_last_push_approval: flag('requireLastPushApproval', before?.require_last_push_approval),
    required_approving_review_count: Number(
      input['requiredApprovingReviewCount'] ?? before?.required_approving_review_count ?? 1,
    ),
    dismissal_restrictions:
      restricts === true
        ? actorsOf(context, input['reviewDismissalActorIds'], before?.dismissal_restrictions)
        : null,
    bypass_pull_request_allowances: actorsOf(
      context,
      input['bypassPullRequestActorIds'],
      before?.bypass_pull_request_allowances,
    ),
  };
}

const FLAGS = {
  isAdminEnforced: 'enforce_admins',
  requiresLinearHistory: 'required_linear_history',
  allowsForcePushes: 'allow_force_pushes',
  allowsDeletions: 'allow_deletions',
  blocksCreations: 'block_creations',
  requiresConversationResolution: 'required_conversation_resolution',
  lockBranch: 'lock_branch',
  lockAllowsFetchAndMerge: 'allow_fork_syncing',
  requiresCommitSignatures: 'required_signatures',
} as const;

/** The protection that a mutation's input asks for; what it does not name stays as it is. */
export function protectionFromInput(
  context: Context,
  input: Input,
  present: ProtectionSettings = defaultProtection(),
): ProtectionSettings {
  const flags = Object.fromEntries(
    Object.entries(FLAGS).map(([name, key]) => [key, (input[name] ?? present[key]) === true]),
  ) as Record<(typeof FLAGS)[keyof typeof FLAGS], boolean>;
  const restricts = input['restrictsPushes'] ?? present.restrictions !== null;
  const deploys = input['requiresDeployments'] ?? present.required_deployments !== null;
  const environments = input['requiredDeploymentEnvironments'] as string[] | null | undefined;
  return {
    ...flags,
    required_status_checks: checksOf(context, input, present),
    required_pull_request_reviews: reviewsOf(context, input, present),
    restrictions: restricts === true ? actorsOf(context, input['pushActorIds'], present.restrictions) : null,
    bypass_force_push_allowances: actorsOf(
      context,
      input['bypassForcePushActorIds'],
      present.bypass_force_push_allowances,
    ),
    required_deployments: deploys === true ? (environments ?? present.required_deployments ?? []) : null,
  };
}
