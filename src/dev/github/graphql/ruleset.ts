import type { BypassActor, Organization, Repository, Ruleset, RulesetRule } from '../state/model.js';
import { connection } from './connection.js';
import { type Context, camel, type Fields, nodeOf, snake, withKeys } from './context.js';

type Input = Record<string, unknown>;

/** Numbers of GitHub's built-in repository roles, as its documents on rulesets name them. */
const ROLES: Readonly<Record<number, string>> = {
  1: 'read',
  2: 'maintain',
  3: 'triage',
  4: 'write',
  5: 'admin',
};

export function rulesetsOf(source: Organization | Repository, args: Input): unknown {
  const targets = args['targets'] as string[] | null | undefined;
  const parents = source.kind === 'Repository' && args['includeParents'] !== false;
  const all = [...source.rulesets.values(), ...(parents ? source.organization.rulesets.values() : [])];
  return connection(
    all.filter((ruleset) => !targets || targets.includes(ruleset.target.toUpperCase())),
    args,
  );
}

function actorOf(context: Context, { actor_id: id, actor_type: type }: BypassActor): unknown {
  if (type !== 'Team' && type !== 'Integration') return null;
  for (const node of context.state.nodes.values())
    if (node.id === id && node.kind === (type === 'Team' ? 'Team' : 'App')) return node;
  return null;
}

/** Parameters by GraphQL's names, marked so that what a rule leaves out reads as false, 0 or empty. */
function parametersOf(rule: RulesetRule): unknown {
  if (rule.parameters === null) return null;
  const pascal = camel(`_${rule.type}`);
  return {
    ...(withKeys(rule.parameters, camel) as object),
    __typename: `${pascal}Parameters`,
    __defaults: true,
  };
}

export const repositoryRuleset: Fields<Ruleset> = {
  target: (source) => source.target.toUpperCase(),
  enforcement: (source) => source.enforcement.toUpperCase(),
  conditions: (source, _args, context) => {
    const conditions = withKeys(source.conditions, camel) as Input;
    const ids = conditions['repositoryId'] as { repositoryIds?: number[] } | undefined;
    const nodeIds = ids?.repositoryIds?.map(
      (id) => context.state.repositoriesById.get(id)?.node_id ?? String(id),
    );
    const marked = Object.fromEntries(
      Object.entries(conditions).map(([key, value]) => [key, { ...(value as object), __defaults: true }]),
    );
    const none = { refName: null, repositoryId: null, repositoryName: null, repositoryProperty: null };
    return {
      ...none,
      ...marked,
      ...(nodeIds === undefined ? {} : { repositoryId: { repositoryIds: nodeIds } }),
    };
  },
  bypassActors: (source, args) =>
    connection(
      source.bypass_actors.map((actor, index) => ({ ...actor, ruleset: source, index })),
      args,
    ),
  rules: (source, args) =>
    connection(
      source.rules.filter((rule) => !args['type'] || rule.type.toUpperCase() === args['type']),
      args,
    ),
};

export const repositoryRule: Fields<RulesetRule> = {
  type: (source) => source.type.toUpperCase(),
  parameters: parametersOf,
  repositoryRuleset: (source) => source.ruleset,
};

export const repositoryRulesetBypassActor: Fields<BypassActor & { ruleset: Ruleset; index: number }> = {
  id: (source) => `RBA_${source.ruleset.id}_${source.index}`,
  actor: (source, _args, context) => actorOf(context, source),
  bypassMode: (source) => source.bypass_mode.toUpperCase(),
  deployKey: (source) => source.actor_type === 'DeployKey',
  enterpriseOwner: (source) => source.actor_type === 'EnterpriseOwner',
  organizationAdmin: (source) => source.actor_type === 'OrganizationAdmin',
  repositoryRoleDatabaseId: (source) => (source.actor_type === 'RepositoryRole' ? source.actor_id : null),
  repositoryRoleName: (source) =>
    source.actor_type === 'RepositoryRole' ? (ROLES[source.actor_id ?? 0] ?? null) : null,
  repositoryRuleset: (source) => source.ruleset,
};

function bypassFrom(context: Context, input: Input): BypassActor {
  const bypass_mode = String(input['bypassMode']).toLowerCase();
  if (input['organizationAdmin'] === true)
    return { actor_id: 1, actor_type: 'OrganizationAdmin', bypass_mode };
  if (input['deployKey'] === true) return { actor_id: null, actor_type: 'DeployKey', bypass_mode };
  if (input['enterpriseOwner'] === true)
    return { actor_id: null, actor_type: 'EnterpriseOwner', bypass_mode };
  if (typeof input['repositoryRoleDatabaseId'] === 'number')
    return { actor_id: input['repositoryRoleDatabaseId'], actor_type: 'RepositoryRole', bypass_mode };
  const actor = nodeOf(context, input['actorId'], 'Team', 'App');
  return { actor_id: actor.id, actor_type: actor.kind === 'Team' ? 'Team' : 'Integration', bypass_mode };
}

function conditionsFrom(context: Context, input: Input): Input {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
  const ids = given['repositoryId'] as { repositoryIds: string[] } | undefined;
  const numbers = ids?.repositoryIds.map((id) => nodeOf(context, id, 'Repository').id);
  const conditions = withKeys(given, snake) as Input;
  return { ...conditions, ...(numbers === undefined ? {} : { repository_id: { repository_ids: numbers } }) };
}

const lower = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.toLowerCase() : undefined;

/** A mutation's input as the body of the REST call that does the same. */
export function rulesetBody(context: Context, input: Input): Input {
  const { name, target, enforcement, bypassActors, conditions, rules } = input;
  return {
    name: name ?? undefined,
    target: lower(target),
    enforcement: lower(enforcement),
    bypass_actors: (bypassActors as Input[] | null | undefined)?.map((actor) => bypassFrom(context, actor)),
    conditions: conditions ? conditionsFrom(context, conditions as Input) : undefined,
    rules: (rules as { type: string; parameters?: Input | null }[] | null | undefined)?.map((rule) => {
      const type = rule.type.toLowerCase();
      const parameters = rule.parameters?.[camel(type)];
      return { type, ...(parameters ? { parameters: withKeys(parameters, snake) } : {}) };
    }),
  };
}
