import type { JsonObject, Target } from '../../standards/model.js';
import { markedRepository } from '../../standards/repository-marker.js';
import { isRefused } from '../errors.js';
import { type Fields, isObject, number, object, text, textOrNull, toJsonObject } from '../json.js';
import { changedSince } from './made-repository.js';
import type { Operation, OperationContext } from './operation.js';
import { refused, repository } from './target.js';
import { findByName, isOurs, movedInWords, whereabouts } from './whereabouts.js';

/**
 * A repository that this run makes. It carries the run's mark in its description until the transaction's last step; undo
 * deletes it only where mark and remembered id prove that it is ours and it is still as created, under its name. What is not is
 * told as a value of its own, and so comes out as a conflict.
 */
export const repositoryCreation: Operation = {
  kind: 'repository',
  names: { do: 'createRepository', undo: 'removeCreatedRepository' },
  owns: 'whole',
  idempotent: false,
  async read(context, target, { after, before }) {
    const now = await whereabouts(context, target);
    if (now.is === 'gone' && context.isNew === true)
      throw refused(404, `GitHub does not show ${target.owner}/${target.name} yet`);
    if (now.is === 'gone') return null;
    const made = isObject(after) ? toJsonObject(after) : toJsonObject(isObject(before) ? before : {});
    if (now.is === 'elsewhere')
      return { ...made, changed: [movedInWords(target, now.name)], moved: now.name };
    const changed = await changedSince(context, target, now.found, context.made ?? null);
    return changed.length === 0 ? made : { ...made, changed };
  },
  async write(context, target, _change, from, to) {
    if (to === null) {
      const changed = isObject(from) && Array.isArray(from['changed']) ? from['changed'].map(text) : [];
      if (changed.length === 0) return remove(context, target);
      throw refused(
        409,
        `${target.owner}/${target.name} is not as it was created (${changed.join(', ')}), so it is not deleted; look at it and delete it by hand`,
      );
    }
    if (isObject(from) && 'moved' in from)
      throw refused(
        409,
        `${target.owner}/${target.name} was made by this run and has been ${movedInWords(target, textOrNull(from['moved']))}`,
      );
    // It is there already, and ours.
    if (from !== null) return;
    await create(context, target, toJsonObject(isObject(to) ? to : {}));
  },
};

async function create(context: OperationContext, target: Target, wanted: JsonObject): Promise<void> {
  const { github, run, made } = context;
  const name = `${target.owner}/${target.name}`;
  if (made !== undefined && made !== null)
    throw refused(409, `${name} was created by this run and is gone; what was in it cannot be brought back`);
  const visibility = text(wanted['visibility']);
  const body: JsonObject = {
    org: target.owner,
    name: target.name,
    description: markedRepository(text(wanted['description']), run),
    private: visibility !== 'public',
    auto_init: true,
    // Only GitHub Enterprise has it; the others are told by `private`.
    ...(visibility === 'internal' ? { visibility } : {}),
  };
  try {
    const answer = object((await github.rest('POST /orgs/{org}/repos', body)).data);
    await sameName(context, target, answer);
  } catch (error) {
    if (!isRefused(error, 422)) throw error;
    // "Already exists" is success only where the mark proves that an earlier call of this run made it.
    const { found } = await findByName(context, target);
    if (found === null || !isOurs(context, found)) throw error;
  }
}

/** GitHub folds names that it does not like: a repository by another name is taken back. */
async function sameName({ github }: OperationContext, target: Target, made: Fields): Promise<void> {
  const name = text(made['name']);
  if (name === target.name) return;
  await github.rest('DELETE /repos/{owner}/{repo}', { owner: target.owner, repo: name });
  throw refused(
    409,
    `GitHub would call the repository ${target.owner}/${name} (id ${number(made['id'])}) instead of ${target.name}; choose a name that it keeps`,
  );
}

async function remove(context: OperationContext, target: Target): Promise<void> {
  try {
    await context.github.rest('DELETE /repos/{owner}/{repo}', repository(target));
  } catch (error) {
    if (isRefused(error, 403))
      throw refused(
        403,
        `${error.message}; the workers' token may not delete repositories: give it the scope delete_repo (an app: administration, write), or delete ${target.owner}/${target.name} by hand`,
      );
    // 404 means gone, or not allowed to know: only a read that finds nothing makes it gone.
    if (!isRefused(error, 404) || (await findByName(context, target)).found !== null) throw error;
  }
}
