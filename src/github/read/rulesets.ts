import { byText, canonicalJson } from '../../standards/json.js';
import type { Json, JsonObject, Ruleset } from '../../standards/model.js';
import { type Fields, isObject, number, object, objects, text, toJson, toJsonObject } from '../json.js';
import { hasNext } from './protection.js';

export type LiveRuleset = Ruleset & { id: number };

/** Parameters of each rule type that has any; field names are REST's in camel case. */
const PARAMETERS: Readonly<Record<string, string>> = {
  UpdateParameters: 'updateAllowsFetchAndMerge',
  RequiredDeploymentsParameters: 'requiredDeploymentEnvironments',
  PullRequestParameters:
    'allowedMergeMethods dismissStaleReviewsOnPush requireCodeOwnerReview requireLastPushApproval requiredApprovingReviewCount requiredReviewThreadResolution',
  RequiredStatusChecksParameters:
    'doNotEnforceOnCreate requiredStatusChecks { context integrationId } strictRequiredStatusChecksPolicy',
  WorkflowsParameters: 'doNotEnforceOnCreate workflows { path ref repositoryId sha }',
  CodeScanningParameters: 'codeScanningTools { alertsThreshold securityAlertsThreshold tool }',
  FileExtensionRestrictionParameters: 'restrictedFileExtensions',
  FilePathRestrictionParameters: 'restrictedFilePaths',
  MaxFilePathLengthParameters: 'maxFilePathLength',
  MaxFileSizeParameters: 'maxFileSize',
  MergeQueueParameters:
    'checkResponseTimeoutMinutes groupingStrategy maxEntriesToBuild maxEntriesToMerge mergeMethod minEntriesToMerge minEntriesToMergeWaitMinutes',
};
const PATTERNS = ['BranchName', 'CommitAuthorEmail', 'CommitMessage', 'CommitterEmail', 'TagName'];

function parameterSelection(): string {
  const patterns = PATTERNS.map(
    (name) => [`${name}PatternParameters`, 'name negate operator pattern'] as const,
  );
  return [...Object.entries(PARAMETERS), ...patterns]
    .map(([type, fields]) => `... on ${type} { ${fields} }`)
    .join(' ');
}

/** The selection of a repository's own rulesets; `whole` asks for all there can be, for one repository. */
export function rulesetSelection(whole = false): string {
  const [rulesets, rules, actors] = whole ? [50, 100, 100] : [10, 30, 10];
  return `rulesets(first: ${rulesets}, includeParents: false) { pageInfo { hasNextPage } nodes {
    databaseId name target enforcement
    conditions { refName { include exclude } }
    bypassActors(first: ${actors}) { pageInfo { hasNextPage } nodes {
      bypassMode deployKey enterpriseOwner organizationAdmin repositoryRoleDatabaseId
      actor { __typename ... on App { databaseId } ... on Team { databaseId } }
    } }
    rules(first: ${rules}) { pageInfo { hasNextPage } nodes { type parameters { __typename ${parameterSelection()} } } }
  } }`;
}

export function rulesetsAreCut(node: Fields): boolean {
  const connection = object(node['rulesets']);
  if (hasNext(connection)) return true;
  return objects(connection['nodes']).some(
    (ruleset) => hasNext(object(ruleset['bypassActors'])) || hasNext(object(ruleset['rules'])),
  );
}

export function rulesetsOf(node: Fields): LiveRuleset[] {
  return objects(object(node['rulesets'])['nodes']).map(rulesetOfGraphQl).toSorted(byName);
}

export function byName(left: { name: string }, right: { name: string }): number {
  return byText(left.name, right.name);
}

function rulesetOfGraphQl(ruleset: Fields): LiveRuleset {
  return {
    id: number(ruleset['databaseId']),
    ...rulesetOf({
      name: ruleset['name'],
      target: text(ruleset['target']).toLowerCase(),
      enforcement: text(ruleset['enforcement']).toLowerCase(),
      conditions: snakeKeys(ruleset['conditions']),
      bypass_actors: objects(object(ruleset['bypassActors'])['nodes']).map(bypassActor),
      rules: objects(object(ruleset['rules'])['nodes']).map((rule) => ({
        type: text(rule['type']).toLowerCase(),
        parameters: ruleParameters(rule['parameters']),
      })),
    }),
  };
}

/** The body of a REST ruleset. */
export function rulesetOfRest(body: Fields): LiveRuleset {
  return { id: number(body['id']), ...rulesetOf(body) };
}

/** One form: no nulls in rules and conditions, no empty parameters, actors and rules sorted. */
function rulesetOf(body: Fields): Ruleset {
  const conditions = withoutNulls(object(body['conditions']));
  return {
    name: text(body['name']),
    target: text(body['target']) || 'branch',
    enforcement: text(body['enforcement']),
    conditions: Object.keys(conditions).length === 0 ? null : conditions,
    bypass_actors: sorted(
      objects(body['bypass_actors']).map(({ actor_id, actor_type, bypass_mode }) => ({
        actor_id: actorId(actor_type, actor_id),
        actor_type: toJson(actor_type),
        bypass_mode: toJson(bypass_mode),
      })),
    ),
    rules: sorted(
      objects(body['rules']).map((rule) => {
        const parameters = withoutNulls(object(rule['parameters']));
        const type = toJson(rule['type']);
        return Object.keys(parameters).length === 0 ? { type } : { type, parameters };
      }),
    ),
  };
}

/** REST has 1 for the administrators and GraphQL no number; the others here stand for nobody in particular. */
function actorId(type: unknown, id: unknown): Json {
  if (type === 'OrganizationAdmin') return 1;
  return type === 'DeployKey' || type === 'EnterpriseOwner' ? null : toJson(id);
}

function sorted(list: JsonObject[]): JsonObject[] {
  return list.toSorted((left, right) => byText(canonicalJson(left), canonicalJson(right)));
}

function bypassActor(node: Fields): Fields {
  const actor = object(node['actor']);
  const type = actorType(node, actor);
  return {
    actor_type: type,
    actor_id: type === 'RepositoryRole' ? node['repositoryRoleDatabaseId'] : actor['databaseId'],
    bypass_mode: text(node['bypassMode']).toLowerCase(),
  };
}

function actorType(node: Fields, actor: Fields): string {
  if (node['organizationAdmin'] === true) return 'OrganizationAdmin';
  if (node['enterpriseOwner'] === true) return 'EnterpriseOwner';
  if (node['deployKey'] === true) return 'DeployKey';
  if (actor['__typename'] === 'App') return 'Integration';
  return actor['__typename'] === 'Team' ? 'Team' : 'RepositoryRole';
}

function ruleParameters(value: unknown): Json {
  const { __typename: _type, ...parameters } = object(value);
  const snake = snakeKeys(parameters);
  if (!isObject(snake)) return null;
  const methods = snake['allowed_merge_methods'];
  if (Array.isArray(methods))
    snake['allowed_merge_methods'] = methods.map((each) => text(each).toLowerCase());
  return toJsonObject(snake);
}

/** `requiredStatusChecks` becomes `required_status_checks`, at every depth. */
function snakeKeys(value: unknown): Json {
  if (Array.isArray(value)) return value.map(snakeKeys);
  if (!isObject(value)) return toJson(value);
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeKeys(each),
    ]),
  );
}

function withoutNulls(value: Fields): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== null && each !== undefined)
      .map(([key, each]) => [key, Array.isArray(each) ? each.map(strip) : strip(each)]),
  );
}

function strip(value: unknown): Json {
  return isObject(value) ? withoutNulls(value) : toJson(value);
}
