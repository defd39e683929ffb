import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { githubSchema } from './schema.js';

/** A document that was parsed and found valid. */
export interface Prepared {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Root fields in order; those inside fragments are left out. */
  fields: readonly FieldNode[];
}

const cache = new LRUCache<string, Prepared | readonly GraphQLError[]>({ max: 200 });

function prepareAnew(text: string, operationName: string | undefined): Prepared | readonly GraphQLError[] {
  let document: DocumentNode;
  try {
    document = parse(text);
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
  const errors = validate(githubSchema(), document);
  if (errors.length > 0) return errors;
  const operation = getOperationAST(document, operationName);
  if (!operation) return [new GraphQLError('An operation name is required')];
  const fragments = new Map(
    document.definitions.flatMap((each) =>
      each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
    ),
  );
  const fields = operation.selectionSet.selections.filter((each) => each.kind === Kind.FIELD);
  return { document, operation, fragments, fields };
}

/** Parses and validates a document against GitHub's schema, once for each text. */
export function prepare(text: string, operationName: string | undefined): Prepared | readonly GraphQLError[] {
  const key = `${operationName ?? ''}\n${text}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const fresh = prepareAnew(text, operationName);
  cache.set(key, fresh);
  return fresh;
}
