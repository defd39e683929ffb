import { sameJson } from '../../standards/json.js';
import type { Json, JsonObject, RepositoryNeeds, RepositoryState, Target } from '../../standards/model.js';
import { GitHubError } from '../errors.js';
import { type Fields, isObject, toJsonObject } from '../json.js';
import { NOTHING } from '../read/by-id.js';
import { readRepositories } from '../read/index.js';
import type { OperationContext } from './operation.js';

/**
 * The live repository that the target's ids pin, as far as `needs` says.
 * @throws GitHubError refused where it is gone (404), or has another name now (301)
 */
export async function readTarget(
  { github }: OperationContext,
  target: Target,
  needs: Partial<RepositoryNeeds>,
): Promise<RepositoryState> {
  const [state] = await readRepositories(github, target.owner, { ...NOTHING, ...needs }, [target]);
  const name = `${target.owner}/${target.name}`;
  if (state === null || state === undefined)
    throw refused(404, `${name} is not there any more, or is another repository now; plan again`);
  if (state.name.toLowerCase() !== target.name.toLowerCase())
    throw refused(301, `${name} has been renamed to ${state.name}; plan again`);
  return state;
}

/** Where a repository's REST routes find it. */
export function repository(target: Target): { owner: string; repo: string } {
  return { owner: target.owner, repo: target.name };
}

/** Fails where an answer shows that another repository, team or organisation of that name was met. */
export function sameId(target: Target, found: unknown, what: string): void {
  if (target.id !== 0 && isObject(found) && found['id'] !== target.id)
    throw new GitHubError(
      `${what} is another one now (id ${String(found['id'])}, planned for ${target.id}); plan again`,
      { kind: 'unknown', status: null },
    );
}

export function refused(status: number, message: string): GitHubError {
  return new GitHubError(message, { kind: 'refused', status });
}

/** The fields of `to` that differ from `from`: what a PATCH has to send. GitHub takes '' where it gives null. */
export function differing(from: Json, to: Json): JsonObject {
  const there: Fields = isObject(from) ? from : {};
  const changed = Object.entries(isObject(to) ? to : {}).filter(
    ([field, value]) => !sameJson(value, toJsonObject(there)[field] ?? null),
  );
  return Object.fromEntries(changed);
}

/** Null texts as PATCH takes them. */
export function withoutNull(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, value ?? '']));
}

/**
 * The live fields that a change owns, an empty text in the spelling that the change uses: GitHub stores '' and null as
 * the same and gives back either.
 */
export function ownedFields(live: Fields, before: Json, after: Json): JsonObject {
  const was: Fields = isObject(before) ? before : {};
  const is: Fields = isObject(after) ? after : {};
  return toJsonObject(
    Object.fromEntries(
      Object.keys({ ...was, ...is }).map((field) => {
        const value = live[field] ?? null;
        if (value !== null && value !== '') return [field, value];
        return [field, is[field] === '' || is[field] === null ? is[field] : null];
      }),
    ),
  );
}
