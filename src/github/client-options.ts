import type { Coalescing } from '../policies/coalescing.js';
import type { Gate } from './gate-contract.js';
import type { ReadCache } from './read-cache.js';

export interface GitHubClientOptions {
  /** REST root: `https://api.github.com`, or a GitHub Enterprise Server's `https://<host>/api/v3`. */
  baseUrl: string;
  /** The token for the next request. */
  auth: () => Promise<string>;
  /** One gate for each token and host. */
  gate: Gate;
  /** Longest time for one request in milliseconds; below the activity's start-to-close. */
  timeoutMs: number;
  /** Whether GraphQL may be used. */
  graphql: boolean;
  /** What is known of the host, shared by all clients of it: the first one that is told it has no GraphQL tells the others. */
  host?: HostKnowledge;
  userAgent: string;
  /** How mutations are gathered; unless given, each is sent alone. */
  coalescing?: Coalescing;
  /** Longest wait for a turn where the call context names none; milliseconds. */
  maxWaitMs?: number;
  /** Told of each request that is about to be sent. */
  count?: (kind: 'rest' | 'graphql') => void;
  /** Where answers to reads are kept; a client that has one cannot write. */
  cache?: ReadCache;
  /** Drops what still waits for its turn, where the call context names none. */
  signal?: AbortSignal;
}

/** What clients learn of a host. */
export interface HostKnowledge {
  /** False once the host has answered that there is no such address. */
  graphql: boolean;
  /** Mutations that its schema has not, or not with such an input. */
  lacks: Set<string>;
}

/** A host of which nothing is known yet. */
export const unknownHost = (): HostKnowledge => ({ graphql: true, lacks: new Set() });
