import type { JsonObject } from '../../standards/model.js';
import { normalizeProtection } from '../../standards/protection.js';
import { array, type Fields, isObject, object, objects, text, toJsonObject } from '../json.js';

/** Rules of a repository and actors of a rule that come with a page; more are fetched apart. */
const RULES = 5;
const ACTORS = 10;

const FLAGS: Readonly<Record<string, string>> = {
  enforce_admins: 'isAdminEnforced',
  required_linear_history: 'requiresLinearHistory',
  allow_force_pushes: 'allowsForcePushes',
  allow_deletions: 'allowsDeletions',
  block_creations: 'blocksCreations',
  required_conversation_resolution: 'requiresConversationResolution',
  lock_branch: 'lockBranch',
  allow_fork_syncing: 'lockAllowsFetchAndMerge',
};

const REVIEW_FLAGS: Readonly<Record<string, string>> = {
  dismiss_stale_reviews: 'dismissesStaleReviews',
  require_code_owner_reviews: 'requiresCodeOwnerReviews',
  require_last_push_approval: 'requireLastPushApproval',
};

/** The selection of the actors of a connection. */
export const ACTOR_NODES =
  'pageInfo { hasNextPage } nodes { actor { __typename ... on User { login } ... on Team { slug } ... on App { slug } } }';

const actors = (connection: string, first: number): string =>
  `${connection}(first: ${first}) { ${ACTOR_NODES} }`;

/** The selection of a repository's branch protection rules. `whole` asks for all there can be, for one repository. */
export function protectionSelection(whole = false): string {
  const [rules, each] = whole ? [100, 100] : [RULES, ACTORS];
  return `branchProtectionRules(first: ${rules}) { pageInfo { hasNextPage } nodes { id ${ruleSelection(each)} } }`;
}

/** The selection of one rule, with so many of its actors. */
export function ruleSelection(each = ACTORS): string {
  return `pattern ${Object.values(FLAGS).join(' ')}
    requiresStatusChecks requiresStrictStatusChecks requiredStatusChecks { context app { databaseId } }
    requiresApprovingReviews requiredApprovingReviewCount ${Object.values(REVIEW_FLAGS).join(' ')}
    restrictsReviewDismissals ${actors('reviewDismissalAllowances', each)}
    ${actors('bypassPullRequestAllowances', each)}
    restrictsPushes ${actors('pushAllowances', each)}`;
}

/** Whether a repository has more rules, or a rule more actors, than came. */
export function protectionIsCut(node: Fields): boolean {
  const connection = object(node['branchProtectionRules']);
  if (hasNext(connection)) return true;
  return objects(connection['nodes']).some((rule) =>
    ['reviewDismissalAllowances', 'bypassPullRequestAllowances', 'pushAllowances'].some((name) =>
      hasNext(object(rule[name])),
    ),
  );
}

export function hasNext(connection: Fields): boolean {
  return object(connection['pageInfo'])['hasNextPage'] === true;
}

/** A repository's rules by pattern, as REST PUT bodies in the one form. */
export function protectionsOf(node: Fields): Record<string, JsonObject> {
  const rules = objects(object(node['branchProtectionRules'])['nodes']);
  return Object.fromEntries(rules.map((rule) => [text(rule['pattern']), protectionOfRule(rule)]));
}

/** By pattern: GraphQL's id of each rule. */
export function ruleIdsOf(node: Fields): Record<string, string> {
  const rules = objects(object(node['branchProtectionRules'])['nodes']);
  return Object.fromEntries(rules.map((rule) => [text(rule['pattern']), text(rule['id'])]));
}

/** A rule as GraphQL shows it, as a REST PUT body in the one form. */
export function protectionOfRule(rule: Fields): JsonObject {
  const flags = (names: typeof FLAGS): Fields =>
    Object.fromEntries(Object.entries(names).map(([rest, graphql]) => [rest, rule[graphql] === true]));
  return normalizeProtection(
    toJsonObject({
      ...flags(FLAGS),
      required_status_checks:
        rule['requiresStatusChecks'] === true
          ? {
              strict: rule['requiresStrictStatusChecks'] === true,
              checks: objects(rule['requiredStatusChecks']).map((check) => ({
                context: check['context'],
                app_id: object(check['app'])['databaseId'],
              })),
            }
          : null,
      required_pull_request_reviews:
        rule['requiresApprovingReviews'] === true
          ? {
              ...flags(REVIEW_FLAGS),
              required_approving_review_count: rule['requiredApprovingReviewCount'],
              dismissal_restrictions:
                rule['restrictsReviewDismissals'] === true ? actorsOf(rule['reviewDismissalAllowances']) : {},
              bypass_pull_request_allowances: actorsOf(rule['bypassPullRequestAllowances']),
            }
          : null,
      restrictions: rule['restrictsPushes'] === true ? actorsOf(rule['pushAllowances']) : null,
    }),
  );
}

/** Users, teams and apps of a connection, as REST has them. */
export function actorsOf(connection: unknown): Fields {
  const found = objects(object(connection)['nodes']).map((node) => object(node['actor']));
  const of = (type: string, field: string): unknown[] =>
    found.filter((actor) => actor['__typename'] === type).map((actor) => actor[field]);
  return { users: of('User', 'login'), teams: of('Team', 'slug'), apps: of('App', 'slug') };
}

/** The body of `GET .../branches/{branch}/protection` as a PUT body in the one form. */
export function protectionOfRest(body: Fields): JsonObject {
  const flat = Object.fromEntries(
    Object.entries(body).map(([key, value]) => [
      key,
      isObject(value) && typeof value['enabled'] === 'boolean' ? value['enabled'] : value,
    ]),
  );
  const reviews = body['required_pull_request_reviews'];
  return normalizeProtection(
    toJsonObject({
      ...flat,
      restrictions: restActors(body['restrictions'], null),
      required_pull_request_reviews: isObject(reviews)
        ? {
            ...reviews,
            dismissal_restrictions: restActors(reviews['dismissal_restrictions'], {}),
            bypass_pull_request_allowances: restActors(reviews['bypass_pull_request_allowances'], {}),
          }
        : null,
    }),
  );
}

function restActors(value: unknown, none: Fields | null): Fields | null {
  // Some hosts give back the empty object that a PUT without restrictions sent.
  if (!isObject(value) || Object.keys(value).length === 0) return none;
  const of = (kind: string, field: string): unknown[] =>
    array(value[kind]).map((actor) => object(actor)[field]);
  return { users: of('users', 'login'), teams: of('teams', 'slug'), apps: of('apps', 'slug') };
}
