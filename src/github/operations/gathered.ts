import { isRefused, StaleError } from '../errors.js';
import type { Fields } from '../json.js';
import type { Mutation } from '../mutation.js';
import type { OperationContext } from './operation.js';

/**
 * A step's write by GraphQL, where it goes in one request with those of other repositories.
 * @returns the mutation's payload; undefined where REST is to do it, and nothing is done: for what takes something back, which looks
 *   first and writes by the names that it has just found; for a repository that the run has made, which has no neighbours; and
 *   where GitHub does not know the mutation
 * @throws StaleError where GitHub finds the rule, team or label of the plan no more, finds one that the plan has not seen, or
 *   cannot take it so; GitHubError
 */
export async function gathered(
  { github, takesBack, made = null, alone }: OperationContext,
  mutation: Mutation | null,
): Promise<Fields | undefined> {
  if (mutation === null || takesBack !== undefined || made !== null || alone === true) return undefined;
  try {
    return await github.mutate(mutation);
  } catch (error) {
    if (!isRefused(error, 404) && !isRefused(error, 422)) throw error;
    throw new StaleError(error.message, error.failure, error.requestId);
  }
}
