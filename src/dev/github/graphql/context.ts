import { GraphQLError } from 'graphql';
import type { Entity, Repository } from '../state/model.js';
import type { State, Writer } from '../state/state.js';

export interface Context {
  state: State;
  writer: Writer;
  /** `http://host[:port]`, for the `url` fields. */
  origin: string;
  rateLimit: Record<string, unknown>;
  /** Called before and after each mutation field; may throw in its place. */
  aroundMutation: <T>(field: string, args: Record<string, unknown>, apply: () => T) => T;
}

/** Resolvers of one type by field; what they do not name is read from the source. */
export type Fields<Source> = Record<
  string,
  (source: Source, args: Record<string, unknown>, context: Context) => unknown
>;

export const unprocessable = (message: string, type = 'UNPROCESSABLE'): GraphQLError =>
  new GraphQLError(message, { extensions: { type } });

/** The node of a global id. Throws GraphQL's NOT_FOUND in GitHub's wording. */
export function nodeOf<K extends Entity['kind']>(
  context: Context,
  id: unknown,
  ...kinds: K[]
): Extract<Entity, { kind: K }> {
  const node = context.state.nodes.get(String(id));
  if (node === undefined || !(kinds as string[]).includes(node.kind))
    throw new GraphQLError(`Could not resolve to a node with the global id of '${String(id)}'.`, {
      extensions: { type: 'NOT_FOUND' },
    });
  return node as Extract<Entity, { kind: K }>;
}

export function repositoryOfEntity(entity: Entity | undefined): Repository | null {
  if (entity === undefined) return null;
  if (entity.kind === 'Repository') return entity;
  if (entity.kind === 'IssueComment') return entity.issue.repository;
  if (entity.kind === 'RepositoryRuleset') return entity.source.kind === 'Repository' ? entity.source : null;
  return 'repository' in entity ? entity.repository : null;
}

export const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
export const camel = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** A plain value with all its keys turned, deeply. */
export function withKeys(value: unknown, turn: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withKeys(item, turn));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [turn(key), withKeys(item, turn)]));
}
