import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../standards/model.js';
import type { GitHubClient, GraphQlError } from '../client.js';
import { GitHubError } from '../errors.js';
import { callFailed } from '../failure.js';
import { failureOfError } from '../graphql-answer.js';
import type { Fields } from '../json.js';

/** A read changes nothing, so an answer that did not come is asked for again, this often and after these waits. */
const WAITS_MS = [250, 500, 1_000, 2_000];

/**
 * One read, repeated where its outcome is unknown. `lighten` is called before each repeat: a heavy query fails again.
 * @throws GitHubError
 */
export async function repeatRead<T>(read: () => Promise<T>, lighten: () => void = () => {}): Promise<T> {
  for (const wait of WAITS_MS) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof GitHubError) || error.failure.kind !== 'unknown') throw error;
    }
    lighten();
    await sleep(wait);
  }
  return read();
}

/**
 * One GraphQL query whose answer is whole: an error in any part throws, unless `missing` says that the part may be
 * missing (NOT_FOUND there means that there is none).
 * @throws GitHubError
 */
export async function queryWhole(
  github: GitHubClient,
  query: string,
  variables: JsonObject,
  missing: (path: readonly (string | number)[]) => boolean = () => false,
): Promise<Fields> {
  const { data, errors, requestId } = await github.graphql(query, variables);
  const wrong = errors.find((error) => !(error.type === 'NOT_FOUND' && missing(error.path)));
  if (wrong !== undefined) throw errorOf(wrong, requestId);
  return data ?? {};
}

function errorOf(error: GraphQlError, requestId: string | null): GitHubError {
  const where = error.path.length === 0 ? '' : ` at ${error.path.join('.')}`;
  return callFailed(`GraphQL query${where}`, failureOfError(error, Date.now()), error.message, requestId);
}

export function chunks<T>(list: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < list.length; at += size) parts.push(list.slice(at, at + size));
  return parts;
}

/** Maps with at most `limit` under way at once; the first failure ends it. */
export async function mapLimited<T, R>(
  list: readonly T[],
  limit: number,
  map: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const entries = list.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of entries) results[index] = await map(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(limit, list.length) }, worker));
  return results;
}

export function organizationMissing(login: string): GitHubError {
  return new GitHubError(
    `organization ${login} is not there, or the token may not see it; check the login and the token's access`,
    { kind: 'refused', status: 404 },
  );
}
