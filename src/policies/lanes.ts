/** Requests by what GitHub's limits tell apart: reads, writes, and writes that create content or notify people. */
export const LANES = ['read', 'write', 'content'] as const;
export type Lane = (typeof LANES)[number];

/** GitHub's primary limits, by its own names. */
export type Resource = 'core' | 'graphql';

/** The `lanes` of orgsaga.config.yaml. `polite` writes one at a time with a second between. */
export interface Lanes {
  profile: 'documented' | 'polite';
  /** Requests under way at once. */
  concurrent: number;
  rest_points_per_minute: number;
  graphql_points_per_minute: number;
  content_per_minute: number;
  content_per_hour: number;
  /** Requests that may start within one second. */
  burst: number;
}

/**
 * Points of a request under the secondary limits: a read 1, a REST write or a GraphQL request with mutations 5.
 * Source: "Rate limits for the REST API" and "Rate limits and query limits for the GraphQL API" at docs.github.com.
 */
export function pointsOf(lane: Lane): number {
  return lane === 'read' ? 1 : 5;
}
