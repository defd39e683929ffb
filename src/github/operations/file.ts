import { Buffer } from 'node:buffer';
import type { Change, Json, Target } from '../../standards/model.js';
import { isObject, object, text } from '../json.js';
import { getOrNull } from '../read/rest-repository.js';
import {
  branchHead,
  hasAbandonedBranch,
  othersOnBranch,
  othersWithBranch,
  propose,
  withdraw,
} from './file-proposal.js';
import { mergedProposal } from './merged-proposal.js';
import type { Operation, OperationContext } from './operation.js';
import { readTarget, refused, repository } from './target.js';

const ROUTE = '/repos/{owner}/{repo}/contents/{path}';

/** A file on the default branch, by commit; or what our open pull request proposes for it (`{ sha: null }`: to remove it). */
export const file: Operation = {
  kind: 'file',
  names: { do: 'writeFile', undo: 'restoreFile' },
  owns: 'whole',
  idempotent: false,
  looksFirst: () => true,
  async read(context, target, change) {
    const { key, via, after } = change;
    const proposed = via === 'pull_request';
    const found = await (proposed ? proposedBlob : committedBlob)(context, target, key);
    const { takesBack } = context;
    if (found === null && takesBack === undefined) return null;
    const isGone = found === null && proposed && takesBack !== undefined;
    const merged = isGone ? await mergedProposal(context, target, change, takesBack) : null;
    if (merged !== null) return merged;
    // As neither what we wrote nor what was before: what others have pushed is not taken away with the proposal.
    const changed = await (proposed
      ? othersAt(context, target, change, found)
      : goneFrom(context, target, found));
    if (changed.length > 0) return { sha: found?.sha ?? null, changed };
    if (found === null) return null;
    // With `from`, as it is in `after`, so that what was written compares equal to what is there.
    return isObject(after) && after['sha'] === found.sha ? after : { sha: found.sha };
  },
  async leftover(context, target, { key, via }) {
    return via === 'pull_request' && hasAbandonedBranch(context, target, key);
  },
  async write(context, target, { key: path, via }, from, to) {
    if (via === 'pull_request') {
      if (to === null) return withdraw(context, target, path);
      return propose(context, target, path, await bytesOf(context, target, to));
    }
    const branch = target.default_branch;
    if (branch === null) throw refused(409, `${target.owner}/${target.name} has no branch to commit to`);
    const at = { ...repository(target), path, branch, message: commitMessage(path, context.run, to) };
    const sha = shaOf(from);
    const present = sha === null ? {} : { sha };
    const bytes = await bytesOf(context, target, to);
    if (bytes !== null)
      await context.github.rest(`PUT ${ROUTE}`, { ...at, ...present, content: bytes.toString('base64') });
    else if (sha !== null) await context.github.rest(`DELETE ${ROUTE}`, { ...at, sha });
  },
};

type Blob = { sha: string | null };

/** What others have made of a proposal's branch; of pull requests of theirs an undo alone wants to know. */
async function othersAt(
  context: OperationContext,
  target: Target,
  { key: path, before }: Change,
  found: Blob | null,
): Promise<string[]> {
  const commits = found === null ? [] : await othersOnBranch(context, target, path);
  // What goes back to an earlier proposal leaves the branch.
  return context.takesBack === undefined || before !== null
    ? commits
    : [...commits, ...(await othersWithBranch(context, target, path))];
}

/** Where the branch of a commit is gone, or has another name now, the file is on another perhaps. */
async function goneFrom(context: OperationContext, target: Target, found: Blob | null): Promise<string[]> {
  const { default_branch: branch } = target;
  if (found !== null || branch === null || (await branchHead(context, target, branch)) !== null) return [];
  return [`the branch ${branch} is not there any more`];
}

async function proposedBlob(context: OperationContext, target: Target, path: string): Promise<Blob | null> {
  const { proposals } = await readTarget(context, target, { files: [path] });
  return proposals[path] ?? null;
}

/** On the branch that is written to, which may not be the default branch any more. */
async function committedBlob(context: OperationContext, target: Target, path: string): Promise<Blob | null> {
  const { files, default_branch } = await readTarget(context, target, { files: [path] });
  const { default_branch: branch } = target;
  if (branch === null || branch === default_branch) return files[path] ?? null;
  const at = { ...repository(target), path, ref: branch };
  const found = await getOrNull(context.github, `GET ${ROUTE}`, at);
  return isObject(found) && found['type'] === 'file' ? { sha: text(found['sha']) } : null;
}

function commitMessage(path: string, run: string, to: Json): string {
  return `${shaOf(to) === null ? 'Remove' : 'Update'} ${path}\n\nOrgsaga-Run: ${run}`;
}

/** What is to be in the file: bytes that came with the run, or those of an older blob; null: no file. */
async function bytesOf(context: OperationContext, target: Target, to: Json): Promise<Buffer | null> {
  const sha = shaOf(to);
  if (sha === null) return null;
  if (isObject(to) && typeof to['from'] === 'string') return context.content(to['from']);
  const { data } = await context.github.rest('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', {
    ...repository(target),
    file_sha: sha,
  });
  return Buffer.from(text(object(data)['content']), 'base64');
}

function shaOf(value: Json): string | null {
  return isObject(value) && typeof value['sha'] === 'string' ? value['sha'] : null;
}
