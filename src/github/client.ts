import type { JsonObject } from '../standards/model.js';
import type { Fields } from './json.js';
import type { Mutation } from './mutation.js';

/** Requests sent, refused ones included. `mutating` counts those of both kinds that may change something. */
export interface RequestCount {
  rest: number;
  graphql: number;
  mutating: number;
}

export interface RestAnswer {
  status: number;
  data: unknown;
  headers: Record<string, string | undefined>;
  requestId: string | null;
}

/** Access to GitHub for one token: every call passes the gate (limits, breaker), is counted, and fails as GitHubError. */
export interface GitHubClient {
  /**
   * One REST call.
   * @param route as octokit has it, e.g. `PATCH /repos/{owner}/{repo}`
   * @param options `follow`: a GET of what has moved gives what is there now, instead of being refused with 301
   * @throws GitHubError
   */
  rest(route: string, parameters?: JsonObject, options?: { follow?: boolean }): Promise<RestAnswer>;
  /** All pages of a REST list, following Link headers. @throws GitHubError */
  list(route: string, parameters?: JsonObject): Promise<unknown[]>;
  /** One GraphQL request; partial errors are returned beside the data, not thrown. @throws GitHubError */
  graphql(query: string, variables?: JsonObject, options?: { mutation?: boolean }): Promise<GraphQlAnswer>;
  /**
   * One mutation, in one request with those that others ask for at about the same time.
   * @returns its payload; undefined: nothing was done, since the host has no GraphQL or its schema has not this mutation
   * @throws GitHubError
   */
  mutate(mutation: Mutation): Promise<Fields | undefined>;
  /** Whether GraphQL may be used (`--no-graphql`, or a host that has none). */
  readonly hasGraphql: boolean;
}

export interface GraphQlAnswer {
  data: Record<string, unknown> | null;
  errors: GraphQlError[];
  requestId: string | null;
}

export interface GraphQlError {
  type: string | null;
  path: (string | number)[];
  message: string;
}
