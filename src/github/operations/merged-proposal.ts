import type { Change, Json, Target } from '../../standards/model.js';
import { commitTrailer } from '../../standards/repository-marker.js';
import { type Fields, isObject, number, object, objects, text } from '../json.js';
import { proposalBranch, proposer } from '../read/files.js';
import { getOrNull } from '../read/rest-repository.js';
import { branchHead, isAt } from './file-proposal.js';
import type { OperationContext } from './operation.js';
import { repository } from './target.js';

const ROUTE = 'GET /repos/{owner}/{repo}';

/**
 * What a run's proposal has become that somebody has merged: a value that is neither what was written nor what was before, in words
 * for a person. Null where none was merged, or where the file has been brought back to what it was before the merge.
 * @throws GitHubError
 */
export async function mergedProposal(
  context: OperationContext,
  target: Target,
  change: Change,
  run: string,
): Promise<Json> {
  const pull = await mergedPull(context, target, change, run);
  if (pull === null) return null;
  const base = object(pull['base']);
  const branch = text(base['ref']);
  // One that is gone or has another name by now says nothing of what was merged into it.
  const isThere = (await branchHead(context, target, branch)) !== null;
  const is = await blobAt(context, target, change.key, isThere ? branch : null);
  const was = await blobAt(context, target, change.key, text(base['sha']));
  // What was proposed is never what was there before, whichever commit a host gives for the base.
  const isProposed = [change.before, change.after].some((value) => isObject(value) && value['sha'] === is);
  if (is === was && !isProposed) return null;
  return { sha: is, changed: [`proposal #${number(pull['number'])} was merged; revert it by hand`] };
}

/** The pull request that the run, or one that brought it forward again, has opened for the path, where it is merged. */
async function mergedPull(
  { github }: OperationContext,
  target: Target,
  { key: path }: Change,
  run: string,
): Promise<Fields | null> {
  const at = repository(target);
  const head = `${target.owner}:${proposalBranch(path)}`;
  const closed = objects(await github.list(`${ROUTE}/pulls`, { ...at, state: 'closed', head }));
  const merged = closed.filter((pull) => text(pull['merged_at']) !== '');
  const own = merged.find((pull) => isOf(proposerOf(pull, path), run));
  const newest = merged.find((pull) => isAt(pull, 'head', proposalBranch(path)));
  if (own !== undefined || newest === undefined) return own ?? null;
  // Its mark may be gone with its words; and a run that finds another's proposal open adds a commit to it, and leaves the mark as it is.
  const commit_sha = text(object(newest['head'])['sha']);
  const commit = await getOrNull(github, `${ROUTE}/git/commits/{commit_sha}`, { ...at, commit_sha });
  return text(object(commit)['message']).split('\n').includes(commitTrailer(run)) ? newest : null;
}

const proposerOf = (pull: Fields, path: string): string | null => proposer(text(pull['body']), path);

/** A rollback of its rollback makes a run's proposal again, under its own name. */
const isOf = (proposing: string | null, run: string): boolean =>
  proposing === run || proposing?.startsWith(`${run}-rollback`) === true;

/** On the default branch where no other is named. */
async function blobAt(
  { github }: OperationContext,
  target: Target,
  path: string,
  ref: string | null,
): Promise<string | null> {
  const at = { ...repository(target), path, ...(ref === null ? {} : { ref }) };
  const found = object(await getOrNull(github, `${ROUTE}/contents/{path}`, at));
  return found['type'] === 'file' ? text(found['sha']) : null;
}
