import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** From "Rate limits and node limits for the GraphQL API": nodes a call may ask for, and entries of one connection. */
const NODE_LIMIT = 500_000;
const PAGE_LIMIT = 100;

export interface Measure {
  /** Primary points: connections asked for, a hundred to the point, at least 1. */
  cost: number;
  nodes: number;
  refusal: { type: string; message: string } | null;
}

interface Walk {
  schema: GraphQLSchema;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  variables: Readonly<Record<string, unknown>>;
  requests: number;
  nodes: number;
  refusal: Measure['refusal'];
}

function argument(walk: Walk, field: FieldNode, name: string): unknown {
  const value = field.arguments?.find((each) => each.name.value === name)?.value;
  if (value?.kind === Kind.VARIABLE) return walk.variables[value.name.value];
  if (value?.kind === Kind.INT) return Number(value.value);
  if (value?.kind === Kind.LIST) return value.values;
  return undefined;
}

function pageSize(walk: Walk, field: FieldNode): number {
  const name = field.name.value;
  const first = argument(walk, field, 'first') ?? argument(walk, field, 'last');
  if (typeof first !== 'number') {
    walk.refusal ??= {
      type: 'MISSING_PAGINATION_BOUNDARIES',
      message: `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`,
    };
    return 1;
  }
  if (first > PAGE_LIMIT)
    walk.refusal ??= {
      type: 'EXCESSIVE_PAGINATION',
      message: `Requesting ${first} records on the \`${name}\` connection exceeds the \`first\` limit of ${PAGE_LIMIT} records.`,
    };
  if (first < 0)
    walk.refusal ??= {
      type: 'INVALID_PAGINATION',
      message: `\`first\` on the \`${name}\` connection cannot be less than zero.`,
    };
  return Math.max(0, first);
}

function visit(walk: Walk, set: SelectionSetNode, typeName: string, parents: number): void {
  const type = walk.schema.getType(typeName);
  for (const selection of set.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      visit(walk, selection.selectionSet, selection.typeCondition?.name.value ?? typeName, parents);
    } else if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = walk.fragments.get(selection.name.value);
      if (fragment) visit(walk, fragment.selectionSet, fragment.typeCondition.name.value, parents);
    } else if (selection.selectionSet !== undefined && (isObjectType(type) || isInterfaceType(type))) {
      visitField(walk, selection, selection.selectionSet, type as GraphQLObjectType, parents);
    }
  }
}

function visitField(
  walk: Walk,
  field: FieldNode,
  set: SelectionSetNode,
  type: GraphQLObjectType,
  parents: number,
): void {
  const definition = type.getFields()[field.name.value];
  if (definition === undefined) return;
  const result = getNamedType(definition.type);
  if (!isCompositeType(result)) return;
  let count = parents;
  if (result.name.endsWith('Connection')) {
    walk.requests += parents;
    count = parents * pageSize(walk, field);
    walk.nodes += count;
  } else if (field.name.value === 'nodes' && type.name === 'Query') {
    const ids = argument(walk, field, 'ids');
    count = Array.isArray(ids) ? ids.length : 1;
  }
  visit(walk, set, result.name, count);
}

/** What an operation asks for, by GitHub's way of counting, before it is run. */
export function measure(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Readonly<Record<string, unknown>>,
): Measure {
  const root = schema.getRootType(operation.operation)?.name ?? 'Query';
  const walk: Walk = { schema, fragments, variables, requests: 0, nodes: 0, refusal: null };
  visit(walk, operation.selectionSet, root, 1);
  if (walk.nodes > NODE_LIMIT)
    walk.refusal ??= {
      type: 'MAX_NODE_LIMIT_EXCEEDED',
      message: `This query requests up to ${walk.nodes.toLocaleString('en-US')} possible nodes which exceeds the maximum limit of 500,000.`,
    };
  return { cost: Math.max(1, Math.round(walk.requests / 100)), nodes: walk.nodes, refusal: walk.refusal };
}
