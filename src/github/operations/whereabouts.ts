import type { Target } from '../../standards/model.js';
import { isMarkedBy } from '../../standards/repository-marker.js';
import { GitHubError, isRefused } from '../errors.js';
import { type Fields, object, text, textOrNull } from '../json.js';
import { whereIs } from '../read/index.js';
import type { OperationContext } from './operation.js';
import { repository } from './target.js';

/** Where the repository that a run made is now, as far as GitHub shows it. */
export type Whereabouts =
  | { is: 'here'; found: Fields }
  /** Under another name or owner, as owner/name; null where the token does not see where. */
  | { is: 'elsewhere'; name: string | null }
  | { is: 'gone' };

/**
 * Looks for the repository that a run made: under its name, where that name leads now, and by its id. So one that is still there is
 * never taken for gone because it was renamed, also where another one has its old name by now.
 * @throws GitHubError
 */
export async function whereabouts(context: OperationContext, target: Target): Promise<Whereabouts> {
  const { github, made = null } = context;
  const { found, moved } = await findByName(context, target);
  if (found !== null && isOurs(context, found))
    return moved ? { is: 'elsewhere', name: text(found['full_name']) } : { is: 'here', found };
  const name = made === null ? null : await whereIs(github, made);
  if (name !== null) {
    if (name.toLowerCase() !== `${target.owner}/${target.name}`.toLowerCase())
      return { is: 'elsewhere', name };
    throw new GitHubError(`GitHub shows ${name} by its id and not by its name`, {
      kind: 'unknown',
      status: null,
    });
  }
  return moved && found === null ? { is: 'elsewhere', name: null } : { is: 'gone' };
}

/** Whether a repository is the one that this run made. */
export function isOurs({ made, run }: OperationContext, found: Fields): boolean {
  if (made !== undefined && made !== null) return found['id'] === made.id;
  return isMarkedBy(textOrNull(found['description']), run);
}

/**
 * The repository that a name leads to, and whether that is not its name any more; null where there is none, or none that the token
 * sees.
 * @throws GitHubError
 */
export async function findByName(
  { github }: OperationContext,
  target: Target,
): Promise<{ found: Fields | null; moved: boolean }> {
  const get = async (follow: boolean): Promise<Fields | null> => {
    try {
      return object((await github.rest('GET /repos/{owner}/{repo}', repository(target), { follow })).data);
    } catch (error) {
      if (isRefused(error, 404)) return null;
      throw error;
    }
  };
  try {
    return { found: await get(false), moved: false };
  } catch (error) {
    if (!isRefused(error, 301)) throw error;
    return { found: await get(true), moved: true };
  }
}

/** For a person: what has become of a repository's name. */
export function movedInWords({ owner }: Target, name: string | null): string {
  if (name === null) return "moved to where the workers' token does not see it";
  const renamed = name.toLowerCase().startsWith(`${owner.toLowerCase()}/`);
  return `${renamed ? 'renamed' : 'transferred'} to ${name}`;
}
