import type { Lane } from '../policies/lanes.js';

/**
 * Writes that GitHub counts as creating content or that notify people, as far as its documents and octokit's
 * plugin-throttling name them.
 */
const CONTENT = [
  /\/(issues|pulls)$/,
  /\/issues\/[^/]+\/comments$/,
  /\/pulls\/[^/]+\/(comments|reviews|requested_reviewers)$/,
  /\/(contents\/.+|releases|forks|dispatches|deployments|generate|transfer)$/,
  /^\/orgs\/[^/]+\/(repos|teams|invitations)$/,
  /\/memberships\/[^/]+$/,
];

/** The lane of a REST call. `path` starts after the API's root. */
export function laneOf(method: string, path: string): Lane {
  if (method === 'GET' || method === 'HEAD') return 'read';
  if (method !== 'POST' && method !== 'PUT') return 'write';
  return CONTENT.some((pattern) => pattern.test(path)) ? 'content' : 'write';
}
