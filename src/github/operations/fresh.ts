import { setTimeout as sleep } from 'node:timers/promises';
import type { GitHubClient } from '../client.js';
import { isRefused } from '../errors.js';
import { object, text } from '../json.js';

/** GitHub may not know for so long what it has just made. */
const FRESH_MS = 30_000;
const WAIT_MS = 1_000;
const REPEATS = 3;

/**
 * A call about a team, repeated shortly where GitHub says 404 although the team is there and was made within the last
 * 30 seconds. Only for calls that a repeat does not double; costs a request only where the call failed.
 */
export async function whileFresh<T>(
  github: GitHubClient,
  org: string,
  slug: string,
  call: () => Promise<T>,
): Promise<T> {
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    try {
      return await call();
    } catch (error) {
      if (!isRefused(error, 404) || !(await isFresh(github, org, slug))) throw error;
    }
    await sleep(WAIT_MS);
  }
  return call();
}

async function isFresh(github: GitHubClient, org: string, slug: string): Promise<boolean> {
  try {
    const { data, headers } = await github.rest('GET /orgs/{org}/teams/{team_slug}', {
      org,
      team_slug: slug,
    });
    const age = Date.parse(headers['date'] ?? '') - Date.parse(text(object(data)['created_at']));
    return age < FRESH_MS;
  } catch (error) {
    if (isRefused(error, 404)) return false;
    throw error;
  }
}
