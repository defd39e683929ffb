import type { Target } from '../../standards/model.js';
import type { Fields } from '../json.js';
import type { Mutation } from '../mutation.js';
import type { OperationContext } from './operation.js';
import { isRefused, readTarget } from './target.js';

/**
 * A step's write by GraphQL, where it goes in one request with those of other repositories.
 * @returns the mutation's payload; undefined where REST is to do it, and nothing is done: for what takes something back, which looks
 *   first and writes by the names that it has just found; for a repository that the run has made, which has no neighbours; where
 *   GitHub does not know the mutation; and where it refuses what REST can do otherwise, as a rule or team that is another by now
 * @throws GitHubError
 */
export async function gathered(
  context: OperationContext,
  target: Target,
  mutation: Mutation | null,
): Promise<Fields | undefined> {
  const { github, takesBack, made = null } = context;
  if (mutation === null || takesBack !== undefined || made !== null) return undefined;
  try {
    return await github.mutate(mutation);
  } catch (error) {
    if (!isRefused(error, 404) && !isRefused(error, 422)) throw error;
    // REST goes by the name: it has to be the repository's still.
    await readTarget(context, target, {});
    return undefined;
  }
}
