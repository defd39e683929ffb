import { afterEach } from 'vitest';
import {
  type SeedOrganization,
  type SimulatedGitHub,
  startSimulatedGitHub,
} from '../../src/dev/github/index.js';
import type { GitHubClient } from '../../src/github/client.js';
import type { GitHubClientOptions } from '../../src/github/client-options.js';
import { createGitHubClient } from '../../src/github/create-client.js';
import { createGate, type Gate, type GateOptions } from '../../src/github/gate.js';
import type { Lanes } from '../../src/policies/lanes.js';
import type { RepositoryNeeds, RepositoryState } from '../../src/standards/model.js';

/** Lanes that hold nothing back. */
export const OPEN: Lanes = {
  profile: 'documented',
  concurrent: 100,
  rest_points_per_minute: 1_000_000,
  graphql_points_per_minute: 1_000_000,
  content_per_minute: 1_000_000,
  content_per_hour: 1_000_000,
  burst: 10_000,
};

export const NO_NEEDS: RepositoryNeeds = {
  settings: [],
  topics: false,
  branch_protection: false,
  teams: [],
  labels: false,
  rulesets: false,
  files: [],
};

/** A state without the ids that only GraphQL shows. */
export function asRestShows({
  rule_node_ids: _rules,
  label_node_ids: _labels,
  ...state
}: RepositoryState): RepositoryState {
  return state;
}

export const TOKEN = 'ghp_test-token';

/** A gate that holds nothing back, unless told otherwise. */
export function openGate(options: Partial<GateOptions> = {}): Gate {
  return createGate({
    lanes: OPEN,
    breaker: { failure_threshold: 1_000, timeout: 1_000, success_threshold: 1 },
    ...options,
  });
}

export interface World {
  github: SimulatedGitHub;
  gate: Gate;
  /** A client of the simulated GitHub; each call makes another one at the same gate. */
  client: (options?: Partial<GitHubClientOptions>) => GitHubClient;
}

const started: SimulatedGitHub[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((github) => github.close()));
});

/** A simulated GitHub that ends with the test. */
export async function world(
  seed: readonly SeedOrganization[] = [],
  { gate = openGate(), ...options }: Parameters<typeof startSimulatedGitHub>[0] & { gate?: Gate } = {},
): Promise<World> {
  const github = await startSimulatedGitHub({ seed, ...options });
  started.push(github);
  return {
    github,
    gate,
    client: (overrides = {}) =>
      createGitHubClient({
        baseUrl: github.url,
        auth: async () => TOKEN,
        gate,
        timeoutMs: 2_000,
        graphql: true,
        userAgent: 'orgsaga-test',
        ...overrides,
      }),
  };
}

/** The failure that a call comes to; a success fails the test. */
export async function failureOfCall(call: Promise<unknown>): Promise<Error & { failure?: unknown }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('the call succeeded');
}
