import type { Buffer } from 'node:buffer';
import { GitHubError } from '../errors.js';
import { commitFiles, deleteRef, findBranch } from './git.js';
import type { PullRequest, Repository } from './model.js';
import type { Commit } from './objects.js';
import { placeOf, type Writer } from './state.js';
import { threadValue } from './threads.js';

/**
 * Merges an open pull request as one commit on its base; head and base of the request stay as they were then. Throws 405 where it
 * is not open.
 */
export function mergePullRequest(writer: Writer, pull: PullRequest): Commit {
  const { repository } = pull;
  if (pull.state !== 'open') throw new GitHubError(405, 'Pull Request is not mergeable');
  const [head, base] = [findBranch(repository, pull.head), findBranch(repository, pull.base)];
  const before = threadValue(pull);
  pull.head_sha = head.commit.sha;
  pull.base_sha = base.commit.sha;
  const changes = changesOf(repository, head.commit, base.commit);
  const title = `${pull.title} (#${pull.number})`;
  const commit = commitFiles(writer, repository, pull.base, changes, title);
  const now = writer.state.timestamp();
  Object.assign(pull, { state: 'closed', closed_at: now, merged_at: now, updated_at: now });
  writer.record('pull_request.merge', placeOf(repository, `pulls/${pull.number}`), before, threadValue(pull));
  if (repository.settings['delete_branch_on_merge'] === true) deleteRef(writer, head);
  return commit;
}

/** What a branch has done to files since it left the other. */
function changesOf(repository: Repository, head: Commit, base: Commit): Record<string, Buffer | null> {
  const known = new Set(ancestors(repository, base));
  const from = ancestors(repository, head).find((commit) => known.has(commit));
  const paths = new Set([...head.files.keys(), ...(from?.files.keys() ?? [])]);
  const changed = [...paths].filter((path) => head.files.get(path)?.sha !== from?.files.get(path)?.sha);
  return Object.fromEntries(changed.map((path) => [path, head.files.get(path)?.content ?? null]));
}

/** A commit and all before it, newest first. */
function ancestors({ commits }: Repository, tip: Commit): Commit[] {
  const found: Commit[] = [];
  for (
    let next: Commit | undefined = tip;
    next !== undefined;
    next = next.parent === null ? undefined : commits.get(next.parent)
  )
    found.push(next);
  return found;
}
