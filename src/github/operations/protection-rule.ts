import type { Change, Json, JsonObject, Target } from '../../standards/model.js';
import { namesActors } from '../../standards/protection.js';
import { GitHubError } from '../errors.js';
import { isObject, object, objects, sortedTexts, text } from '../json.js';
import { type Mutation, mutationsQuery, payloadOf } from '../mutation.js';
import { TooManyError } from '../read/complete.js';
import { hasNext, ruleSelection } from '../read/protection.js';
import { extrasOf } from '../read/protection-extras.js';
import { queryWhole } from '../read/query.js';
import type { OperationContext } from './operation.js';
import { appsEverSeen, namesApps } from './protection-apps.js';
import { refused } from './target.js';

/** Whether a rule's pattern is more than a branch's name. */
export function isPattern(key: string): boolean {
  return /[*?[\]]/.test(key);
}

/** Exported so that a test can validate it. */
export const RULES =
  'query($id: ID!) { node(id: $id) { ... on Repository { branchProtectionRules(first: 100) { pageInfo { hasNextPage } nodes { ' +
  'id pattern requiredStatusChecks { app { id databaseId } } } } } } }';

interface LiveRules {
  /** Of the rule with the pattern; null: there is none. */
  id: string | null;
  /** Node ids of apps by the number that REST has for them, as far as the repository's rules name them, or have named. */
  apps: Map<unknown, string>;
}

/** Creates the rule with that pattern, or makes the one that is there as `body` says. @throws GitHubError */
export async function saveProtectionRule(
  context: OperationContext,
  target: Target,
  pattern: string,
  body: JsonObject,
): Promise<void> {
  const { id, apps } = await liveRules(context, target, pattern);
  const input = await ruleInput(context, target.owner, body, apps);
  await mutate(context, ruleMutation(target, pattern, id, input, 'clientMutationId'));
}

/**
 * The mutation that saves a rule as the plan has seen it, without another look; null where that does not do: a rule that the plan
 * has not seen, or one that names people, teams or apps, whose ids are to be asked for first.
 */
export async function plannedRule(
  context: OperationContext,
  target: Target,
  { key: pattern, node_id }: Change,
  from: Json,
  body: JsonObject,
): Promise<Mutation | null> {
  const isCreated = from === null;
  if (isCreated !== (node_id === undefined) || namesOthers(body) || namesApps(from)) return null;
  const input = await ruleInput(context, target.owner, body, new Map());
  return ruleMutation(target, pattern, node_id ?? null, input, `branchProtectionRule { ${ruleSelection()} }`);
}

/** Makes a rule, or with the id of one changes it. A rule that somebody renames meanwhile keeps its new pattern. */
function ruleMutation(
  target: Target,
  pattern: string,
  id: string | null,
  input: JsonObject,
  selection: string,
): Mutation {
  const isNew = id === null;
  return {
    name: isNew ? 'createBranchProtectionRule' : 'updateBranchProtectionRule',
    input: isNew
      ? { ...input, pattern, repositoryId: target.node_id }
      : { ...input, branchProtectionRuleId: id },
    selection,
    what: protectionOf(pattern, target),
  };
}

/** Whether it names what GraphQL knows by ids that are to be asked for first. */
function namesOthers(body: JsonObject): boolean {
  return namesActors(body) || namesApps(body);
}

const protectionOf = (pattern: string, { owner, name }: Target): string => `${pattern} in ${owner}/${name}`;

/** Keeps the ids of the apps that the rules name now, before a write by REST takes them out. @throws GitHubError */
export async function keepApps(context: OperationContext, target: Target, pattern: string): Promise<void> {
  await liveRules(context, target, pattern);
}

/** Deletes the rule with that pattern; without one there is nothing to do. @throws GitHubError */
export async function deleteProtectionRule(
  context: OperationContext,
  target: Target,
  pattern: string,
): Promise<void> {
  const { id } = await liveRules(context, target, pattern);
  if (id === null) return;
  await mutate(context, {
    name: 'deleteBranchProtectionRule',
    input: { branchProtectionRuleId: id },
    selection: 'clientMutationId',
    what: protectionOf(pattern, target),
  });
}

async function liveRules(context: OperationContext, target: Target, pattern: string): Promise<LiveRules> {
  const { github } = context;
  if (!github.hasGraphql)
    throw refused(
      422,
      `${target.owner}/${target.name}: the protection of ${pattern} is a wildcard or of a branch that is not there, ` +
        'which only GraphQL can write; run without --no-graphql',
    );
  const { node } = await queryWhole(github, RULES, { id: target.node_id });
  const connection = object(object(node)['branchProtectionRules']);
  const rules = objects(connection['nodes']);
  const rule = rules.find((each) => each['pattern'] === pattern);
  if (rule === undefined && hasNext(connection))
    throw new TooManyError(
      `${target.owner}/${target.name} has more than 100 branch protection rules: too many to manage`,
    );
  const apps = rules
    .flatMap((each) => objects(each['requiredStatusChecks']))
    .map(({ app }) => object(app))
    .map(({ id, databaseId }): [unknown, string] => [databaseId, text(id)]);
  return {
    id: rule === undefined ? null : text(rule['id']),
    apps: await appsEverSeen(context, new Map(apps)),
  };
}

/** One mutation by itself, at once. @throws GitHubError */
async function mutate({ github }: OperationContext, mutation: Mutation): Promise<void> {
  const { query, variables } = mutationsQuery([mutation]);
  const came = payloadOf(await github.graphql(query, variables, { mutation: true }), mutation, 0);
  if (came instanceof GitHubError) throw came;
}

/** A REST PUT body as GraphQL input; actors by node id. */
async function ruleInput(
  context: OperationContext,
  org: string,
  body: JsonObject,
  apps: LiveRules['apps'],
): Promise<JsonObject> {
  const checks = body['required_status_checks'];
  const reviews = object(body['required_pull_request_reviews']);
  const hasReviews = isObject(body['required_pull_request_reviews']);
  const dismissal = object(reviews['dismissal_restrictions']);
  const restrictsDismissals = Object.keys(dismissal).length > 0;
  const restrictions = body['restrictions'];
  return {
    isAdminEnforced: body['enforce_admins'] === true,
    requiresLinearHistory: body['required_linear_history'] === true,
    allowsForcePushes: body['allow_force_pushes'] === true,
    allowsDeletions: body['allow_deletions'] === true,
    blocksCreations: body['block_creations'] === true,
    requiresConversationResolution: body['required_conversation_resolution'] === true,
    lockBranch: body['lock_branch'] === true,
    lockAllowsFetchAndMerge: body['allow_fork_syncing'] === true,
    requiresStatusChecks: isObject(checks),
    ...(isObject(checks)
      ? {
          requiresStrictStatusChecks: checks['strict'] === true,
          requiredStatusChecks: checkInputs(checks, apps),
        }
      : {}),
    requiresApprovingReviews: hasReviews,
    ...(hasReviews
      ? {
          requiredApprovingReviewCount: Number(reviews['required_approving_review_count'] ?? 1),
          dismissesStaleReviews: reviews['dismiss_stale_reviews'] === true,
          requiresCodeOwnerReviews: reviews['require_code_owner_reviews'] === true,
          requireLastPushApproval: reviews['require_last_push_approval'] === true,
          restrictsReviewDismissals: restrictsDismissals,
          reviewDismissalActorIds: await actorIds(context, org, dismissal),
          bypassPullRequestActorIds: await actorIds(context, org, reviews['bypass_pull_request_allowances']),
        }
      : {}),
    restrictsPushes: isObject(restrictions),
    pushActorIds: await actorIds(context, org, restrictions),
    ...(await extraInput(context, org, extrasOf(body))),
  };
}

/** What is not named stays as it is. */
async function extraInput(context: OperationContext, org: string, extras: JsonObject): Promise<JsonObject> {
  const { required_signatures, required_deployments, bypass_force_push_allowances } = extras;
  return {
    ...(required_signatures === undefined ? {} : { requiresCommitSignatures: required_signatures === true }),
    ...(Array.isArray(required_deployments)
      ? { requiresDeployments: true, requiredDeploymentEnvironments: required_deployments }
      : {}),
    ...(isObject(bypass_force_push_allowances)
      ? { bypassForcePushActorIds: await actorIds(context, org, bypass_force_push_allowances) }
      : {}),
  };
}

function checkInputs(checks: object, apps: LiveRules['apps']): JsonObject[] {
  const { contexts, checks: tied } = object(checks);
  const free = sortedTexts(contexts).map((context) => ({ context, appId: 'any' }));
  const pinned = objects(tied).map(({ context, app_id }) => {
    const appId = app_id === -1 ? 'any' : apps.get(app_id);
    if (appId !== undefined) return { context: text(context), appId };
    throw refused(
      422,
      `the check ${text(context)} is tied to the app ${String(app_id)}, which GraphQL knows by another id; ` +
        'name an existing branch instead of a wildcard, or leave app_id out',
    );
  });
  return [...free, ...pinned];
}

/** Node ids of users, teams and apps. @throws GitHubError refused where one of them is not there */
async function actorIds({ github }: OperationContext, org: string, value: unknown): Promise<string[]> {
  const { users, teams, apps } = object(value);
  const ids: string[] = [];
  const add = async (route: string, parameters: JsonObject): Promise<void> => {
    ids.push(text(object((await github.rest(route, parameters)).data)['node_id']));
  };
  for (const username of sortedTexts(users)) await add('GET /users/{username}', { username });
  for (const slug of sortedTexts(teams))
    await add('GET /orgs/{org}/teams/{team_slug}', { org, team_slug: slug });
  for (const slug of sortedTexts(apps)) await add('GET /apps/{app_slug}', { app_slug: slug });
  return ids;
}
