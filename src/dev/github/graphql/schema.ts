import { readFileSync } from 'node:fs';
import {
  buildSchema,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  type GraphQLTypeResolver,
  getNullableType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { GitHubError } from '../errors.js';
import { fold } from '../state/state.js';
import { type Context, type Fields, nodeOf, snake } from './context.js';
import { mutations } from './mutations.js';
import { app, organization, organizationInvitation, team, user } from './people.js';
import { branchProtectionRule } from './protection.js';
import {
  blob,
  commit,
  issue,
  issueComment,
  label,
  pullRequest,
  ref,
  repository,
  tree,
} from './repository.js';
import { foundRepository } from './repository-list.js';
import { repositoryRule, repositoryRuleset, repositoryRulesetBypassActor } from './ruleset.js';

const unresolved = (message: string) => new GraphQLError(message, { extensions: { type: 'NOT_FOUND' } });

const query: Fields<unknown> = {
  organization: (_source, { login }, context) => {
    const found = context.state.organizations.get(fold(String(login)));
    if (found === undefined)
      throw unresolved(`Could not resolve to an Organization with the login of '${String(login)}'.`);
    return found;
  },
  repository: (_source, { owner, name, followRenames }, context) => {
    const found = foundRepository(context, String(owner), String(name), followRenames !== false);
    if (found === undefined)
      throw unresolved(`Could not resolve to a Repository with the name '${String(owner)}/${String(name)}'.`);
    return found;
  },
  user: (_source, { login }, context) => {
    const found = context.state.users.get(fold(String(login)));
    if (found === undefined)
      throw unresolved(`Could not resolve to a User with the login of '${String(login)}'.`);
    return found;
  },
  viewer: (_source, _args, context) => {
    if (context.writer.actor === null)
      throw new GraphQLError('Resource not accessible by integration', { extensions: { type: 'FORBIDDEN' } });
    return context.writer.actor;
  },
  node: (_source, { id }, context) => anyNode(context, id),
  nodes: (_source, { ids }, context) =>
    (ids as string[]).map((id) => {
      try {
        return anyNode(context, id);
      } catch (error) {
        return error;
      }
    }),
  rateLimit: (_source, _args, context) => context.rateLimit,
};

const anyNode = (context: Context, id: unknown) =>
  nodeOf(
    context,
    id,
    'User',
    'App',
    'Organization',
    'OrganizationInvitation',
    'Team',
    'Repository',
    'Ref',
    'Label',
    'Issue',
    'PullRequest',
    'IssueComment',
    'BranchProtectionRule',
    'RepositoryRuleset',
    'RepositoryRule',
  );

const TYPES = {
  Query: query,
  Organization: organization,
  Team: team,
  User: user,
  App: app,
  OrganizationInvitation: organizationInvitation,
  Repository: repository,
  Ref: ref,
  Commit: commit,
  Blob: blob,
  Tree: tree,
  Label: label,
  Issue: issue,
  PullRequest: pullRequest,
  IssueComment: issueComment,
  BranchProtectionRule: branchProtectionRule,
  RepositoryRuleset: repositoryRuleset,
  RepositoryRule: repositoryRule,
  RepositoryRulesetBypassActor: repositoryRulesetBypassActor,
} as unknown as Record<string, Fields<unknown>>;

const STATUS_TYPES: Readonly<Record<number, string>> = { 403: 'FORBIDDEN', 404: 'NOT_FOUND' };

/** A refusal of the state in GraphQL's form; its details are joined into the message, as GitHub does. */
function inGraphqlForm(error: unknown): unknown {
  if (!(error instanceof GitHubError)) return error;
  const details = (error.errors ?? []).map((each) =>
    typeof each === 'string'
      ? each
      : (each.message ?? `${each.field ?? each.resource} ${each.code.replaceAll('_', ' ')}`),
  );
  const message = details.length > 0 ? details.join(', ') : error.message;
  return new GraphQLError(message, { extensions: { type: STATUS_TYPES[error.status] ?? 'UNPROCESSABLE' } });
}

function attach(schema: GraphQLSchema): void {
  for (const [name, fields] of Object.entries(TYPES)) {
    const type = schema.getType(name);
    if (!isObjectType(type)) throw new Error(`GitHub's schema has no type ${name}`);
    const known = type.getFields();
    for (const [field, resolve] of Object.entries(fields)) {
      const definition = known[field];
      if (definition !== undefined)
        definition.resolve = (source, args, context) => resolve(source, args, context);
    }
  }
  const fields = schema.getMutationType()?.getFields() ?? {};
  for (const [name, mutation] of Object.entries(mutations)) {
    const definition = fields[name];
    if (definition === undefined) throw new Error(`GitHub's schema has no mutation ${name}`);
    definition.resolve = (_source, args: { input: Record<string, unknown> }, context: Context) =>
      context.aroundMutation(name, args, () => {
        try {
          return {
            clientMutationId: args.input['clientMutationId'] ?? null,
            ...mutation(context, args.input),
          };
        } catch (error) {
          throw inGraphqlForm(error);
        }
      });
  }
}

let schema: GraphQLSchema | undefined;

/** GitHub's public schema with the simulator's resolvers; built at the first use, which takes about half a second. */
export function githubSchema(): GraphQLSchema {
  if (schema !== undefined) return schema;
  // Beside the package's entry; importing that would read another 5 MB of the same schema in JSON.
  const file = new URL('schema.graphql', import.meta.resolve('@octokit/graphql-schema'));
  const built = buildSchema(readFileSync(file, 'utf8'), { assumeValidSDL: true });
  attach(built);
  schema = built;
  return schema;
}

/** Reads a field by its own name, else by its REST name; a field that is not simulated is an error, never null. */
export const readField: GraphQLFieldResolver<Record<string, unknown>, Context> = (
  source,
  args,
  context,
  info,
) => {
  const { fieldName } = info;
  if (source['node_id'] !== undefined && fieldName === 'id') return source['node_id'];
  if (source['node_id'] !== undefined && fieldName === 'databaseId') return source['id'];
  const value = source[fieldName] ?? source[snake(fieldName)];
  if (typeof value === 'function') return (value as (a: unknown, c: Context) => unknown)(args, context);
  if (value !== undefined) return value;
  if (source['__defaults'] === true) {
    if (!isNonNullType(info.returnType)) return null;
    const type = getNullableType(info.returnType);
    return isListType(type) ? [] : String(type) === 'Boolean' ? false : String(type) === 'Int' ? 0 : '';
  }
  if (fieldName in source || snake(fieldName) in source) return null;
  throw new GraphQLError(
    `The simulated GitHub does not know the field ${info.parentType.name}.${fieldName}.`,
  );
};

export const typeOf: GraphQLTypeResolver<Record<string, unknown>, Context> = (value) =>
  String(value['__typename'] ?? value['kind']);
