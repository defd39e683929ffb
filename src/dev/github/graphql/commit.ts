import { Buffer } from 'node:buffer';
import { commitFiles } from '../state/git.js';
import { refuseProtectedPush } from '../state/pushes.js';
import { type Context, nodeOf, unprocessable } from './context.js';
import { commitNode } from './repository.js';

type Input = Record<string, unknown>;

/** One commit with several files, on the head that the caller expects. */
export function createCommitOnBranch(context: Context, input: Input): Record<string, unknown> {
  const target = input['branch'] as { id?: string; repositoryNameWithOwner?: string; branchName?: string };
  const ref = target.id ? nodeOf(context, target.id, 'Ref') : undefined;
  const [owner = '', name = ''] = (target.repositoryNameWithOwner ?? '').split('/');
  const repository = ref?.repository ?? context.state.repository(owner, name);
  const branch = ref?.name ?? String(target.branchName).replace(/^refs\/heads\//, '');
  const head = repository.branches.get(branch);
  if (head === undefined) throw unprocessable(`No branch named "${branch}" was found`, 'NOT_FOUND');
  const expected = input['expectedHeadOid'];
  if (head.commit.sha !== expected)
    throw unprocessable(
      `Expected branch to point to "${String(expected)}" but it did not. Pull and try again.`,
      'STALE_DATA',
    );
  refuseProtectedPush(context.writer, repository, branch, 'update');
  const changes = (input['fileChanges'] ?? {}) as {
    additions?: { path: string; contents: string }[];
    deletions?: { path: string }[];
  };
  const files: Record<string, Buffer | null> = {};
  for (const { path, contents } of changes.additions ?? []) files[path] = Buffer.from(contents, 'base64');
  for (const { path } of changes.deletions ?? []) files[path] = null;
  const { headline, body } = input['message'] as { headline: string; body?: string | null };
  const commit = commitFiles(
    context.writer,
    repository,
    branch,
    files,
    body ? `${headline}\n\n${body}` : headline,
  );
  return { commit: commitNode(repository, commit), ref: head };
}
