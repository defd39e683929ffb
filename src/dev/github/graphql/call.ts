import { execute, type FieldNode, GraphQLError, getArgumentValues, OperationTypeNode } from 'graphql';
import type { FaultSubject, Faults } from '../faults.js';
import { type Answer, type Call, type Incoming, json } from '../http/call.js';
import { fingerprint } from '../journal.js';
import type { Limits } from '../limits.js';
import type { State, Writer } from '../state/state.js';
import { type Context, repositoryOfEntity } from './context.js';
import { type Measure, measure } from './cost.js';
import { CONTENT_MUTATIONS } from './mutations.js';
import { type Prepared, prepare } from './prepare.js';
import { githubSchema, readField, typeOf } from './schema.js';

interface Host {
  state: State;
  limits: Limits;
  faults: Faults;
}

type Variables = Readonly<Record<string, unknown>>;

/** GitHub puts the type beside the message, not under extensions. */
function formatted(error: GraphQLError): Record<string, unknown> {
  const { type, ...extensions } = error.extensions;
  return {
    ...(type === undefined ? {} : { type }),
    ...(error.path === undefined ? {} : { path: error.path }),
    ...(Object.keys(extensions).length === 0 ? {} : { extensions }),
    ...(error.locations === undefined ? {} : { locations: error.locations }),
    message: error.message,
  };
}

/** `owner/name` of the repository that a value leads to by a node id in it, or null. */
function repositoryIn(state: State, value: unknown): string | null {
  if (typeof value === 'string') {
    const found = repositoryOfEntity(state.nodes.get(value));
    return found === null ? null : `${found.organization.login}/${found.name}`;
  }
  if (typeof value !== 'object' || value === null) return null;
  const named = (value as { repositoryNameWithOwner?: unknown }).repositoryNameWithOwner;
  if (typeof named === 'string') return named;
  for (const part of Object.values(value)) {
    const found = repositoryIn(state, part);
    if (found !== null) return found;
  }
  return null;
}

function targets(
  state: State,
  { operation, fields }: Prepared,
  variables: Variables,
): FaultSubject['operations'] {
  const known = githubSchema().getRootType(operation.operation)?.getFields() ?? {};
  return fields.map((node: FieldNode) => {
    const field = node.name.value;
    const definition = known[field];
    if (definition === undefined) return { field, repo: null };
    let args: Record<string, unknown>;
    try {
      args = getArgumentValues(definition, node, variables);
    } catch (error) {
      // Arguments that do not fit: carrying it out will say so.
      if (error instanceof GraphQLError) return { field, repo: null };
      throw error;
    }
    if (operation.operation === OperationTypeNode.MUTATION) return { field, repo: repositoryIn(state, args) };
    return {
      field,
      repo: field === 'repository' ? `${String(args['owner'])}/${String(args['name'])}` : null,
    };
  });
}

const FREE = { resource: 'graphql', cost: 1, points: 1, content: false } as const;

/** A request that is answered with errors alone. */
const refused = (answer: Answer): Call => ({
  paths: ['/graphql'],
  operations: [],
  repo: null,
  write: false,
  charge: FREE,
  run: () => answer,
});

function context(
  { state, limits, faults }: Host,
  incoming: Incoming,
  writer: Writer,
  size: Measure,
  applyFirst: number | undefined,
): Context & { struck: string | null } {
  const view = limits.view(incoming.token, 'graphql');
  let done = 0;
  const made: Context & { struck: string | null } = {
    state,
    writer,
    origin: incoming.origin,
    struck: null,
    rateLimit: {
      cost: size.cost,
      nodeCount: size.nodes,
      limit: view.limit,
      remaining: view.remaining,
      used: view.used,
      resetAt: new Date(view.reset * 1000).toISOString(),
    },
    aroundMutation: (field, args, apply) => {
      if (done++ >= (applyFirst ?? Infinity)) throw new GraphQLError('Not reached');
      const strike = faults.onMutation({
        method: 'POST',
        paths: ['/graphql'],
        operations: [{ field, repo: repositoryIn(state, args) }],
        repo: null,
        write: true,
        userAgent: incoming.userAgent,
        token: fingerprint(incoming.token),
      });
      if (strike === null) return apply();
      made.struck = strike.rule.id;
      if (strike.rule.when === 'after') apply();
      const { type = 'INTERNAL', message = 'Something went wrong while executing your query.' } = strike.rule;
      throw new GraphQLError(message, { extensions: { type } });
    },
  };
  return made;
}

function run(host: Host, incoming: Incoming, prepared: Prepared, variables: Variables, size: Measure) {
  return (writer: Writer, applyFirst?: number): Answer => {
    const contextValue = context(host, incoming, writer, size, applyFirst);
    const result = execute({
      schema: githubSchema(),
      document: prepared.document,
      operationName: prepared.operation.name?.value,
      variableValues: variables,
      contextValue,
      fieldResolver: readField,
      typeResolver: typeOf,
    });
    if (result instanceof Promise) throw new Error('a resolver of the simulated GitHub was not synchronous');
    const answer = json(200, {
      ...(result.data === undefined ? {} : { data: result.data }),
      ...(result.errors === undefined ? {} : { errors: result.errors.map(formatted) }),
    });
    return contextValue.struck === null ? answer : { ...answer, fault: contextValue.struck };
  };
}

/** Understands a GraphQL request; one that is not valid becomes a call that answers with the errors. */
export function graphqlCall(host: Host, incoming: Incoming): Call {
  let body: { query?: unknown; variables?: unknown; operationName?: unknown };
  try {
    body = JSON.parse(incoming.body);
  } catch {
    return refused(
      json(400, { message: 'Problems parsing JSON', documentation_url: 'https://docs.github.com/graphql' }),
    );
  }
  if (incoming.method !== 'POST' || typeof body?.query !== 'string')
    return refused(json(400, { message: 'A query attribute must be specified and must be a string.' }));
  const prepared = prepare(
    body.query,
    typeof body.operationName === 'string' ? body.operationName : undefined,
  );
  if (!('document' in prepared)) return refused(json(200, { errors: prepared.map(formatted) }));
  const { operation, fields, fragments } = prepared;
  const variables = (body.variables ?? {}) as Variables;
  const size = measure(githubSchema(), operation, fragments, variables);
  if (size.refusal !== null) return refused(json(200, { errors: [size.refusal] }));
  const write = operation.operation === OperationTypeNode.MUTATION;
  return {
    paths: ['/graphql'],
    operations: targets(host.state, prepared, variables),
    fields: fields.map(({ alias, name }) => (alias ? `${alias.value}:${name.value}` : name.value)),
    repo: null,
    write,
    charge: {
      resource: 'graphql',
      cost: size.cost,
      points: write ? 5 : 1,
      content: fields.some((field) => CONTENT_MUTATIONS.has(field.name.value)),
    },
    run: run(host, incoming, prepared, variables, size),
  };
}
