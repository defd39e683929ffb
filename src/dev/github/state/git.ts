import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { conflict, GitHubError, invalidRequest, notFound, validationFailed } from '../errors.js';
import type { Ref, Repository } from './model.js';
import type { Blob, Commit } from './objects.js';
import { placeOf, type Writer } from './state.js';

const sha1 = (data: Buffer | string): string => createHash('sha1').update(data).digest('hex');

function makeBlob(content: Buffer): Blob {
  return { sha: sha1(Buffer.concat([Buffer.from(`blob ${content.length}\0`), content])), content };
}

function makeCommit(
  repository: Repository,
  files: ReadonlyMap<string, Blob>,
  parent: string | null,
  message: string,
  date: string,
): Commit {
  const tree = [...files].map(([path, blob]) => `${path} ${blob.sha}`).join('\n');
  const sha = sha1(`${repository.id}\n${repository.commits.size}\n${parent}\n${message}\n${date}\n${tree}`);
  const commit: Commit = { sha, message, parent, date, files };
  repository.commits.set(sha, commit);
  return commit;
}

/** The hash of a tree, which changes with any file in it. */
export const treeSha = (commit: Commit): string =>
  sha1(`tree\n${[...commit.files].map(([path, blob]) => `${path} ${blob.sha}`).join('\n')}`);

export function findBranch(repository: Repository, name: string): Ref {
  const branch = repository.branches.get(name);
  if (branch === undefined) throw new GitHubError(404, 'Branch not found');
  return branch;
}

export const defaultBranch = (repository: Repository): Ref | undefined =>
  repository.branches.get(String(repository.settings['default_branch']));

function moveTo(writer: Writer, repository: Repository, name: string, commit: Commit): Ref {
  const { state } = writer;
  repository.pushed_at = state.timestamp();
  const branch = repository.branches.get(name);
  if (branch !== undefined) {
    branch.commit = commit;
    return branch;
  }
  const ref = state.register<Ref>({ kind: 'Ref', ...state.identify('Ref'), repository, name, commit });
  repository.branches.set(name, ref);
  if (repository.branches.size === 1) repository.settings['default_branch'] = name;
  return ref;
}

/** Text of the files as an effect shows it; binary content by its hash. */
function shown(blob: Blob | undefined): string | null {
  if (blob === undefined) return null;
  return blob.content.includes(0) ? `sha:${blob.sha}` : blob.content.toString('utf8');
}

/** One commit on a branch; null removes a file. Makes the branch where the repository is empty. */
export function commitFiles(
  writer: Writer,
  repository: Repository,
  branchName: string,
  changes: Readonly<Record<string, string | Buffer | null>>,
  message: string,
): Commit {
  const parent = repository.branches.get(branchName)?.commit;
  const files = new Map(parent?.files);
  const before: Record<string, string | null> = {};
  const after: Record<string, string | null> = {};
  for (const [path, content] of Object.entries(changes)) {
    before[path] = shown(files.get(path));
    if (content === null) files.delete(path);
    else files.set(path, makeBlob(Buffer.from(content)));
    after[path] = shown(files.get(path));
  }
  const date = writer.state.timestamp();
  const commit = makeCommit(repository, files, parent?.sha ?? null, message, date);
  moveTo(writer, repository, branchName, commit);
  writer.record('commit.create', placeOf(repository, `contents@${branchName}`), before, after);
  return commit;
}

/** The commit that an expression such as `HEAD`, a branch or a hash names. */
export function resolveCommit(repository: Repository, expression: string): Commit | undefined {
  const name = expression.replace(/^refs\/heads\//, '');
  if (name === 'HEAD' || name === '') return defaultBranch(repository)?.commit;
  return repository.branches.get(name)?.commit ?? repository.commits.get(name);
}

export function findBlob(repository: Repository, sha: string): Blob {
  for (const commit of repository.commits.values())
    for (const blob of commit.files.values()) if (blob.sha === sha) return blob;
  throw notFound();
}

/** Throws as GitHub does where the `sha` of the file to be replaced is missing (422) or stale (409). */
export function checkFileSha(existing: Blob | undefined, path: string, sha: unknown): void {
  if (existing === undefined) {
    if (typeof sha === 'string') throw conflict(`${path} does not match ${sha}`);
    return;
  }
  if (typeof sha !== 'string') throw invalidRequest('"sha" wasn\'t supplied.');
  if (sha !== existing.sha) throw conflict(`${path} does not match ${sha}`);
}

// git check-ref-format: what a branch name must not hold.
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const BAD_REF = /[\x00-\x20~^:?*[\\\x7f]|\.\.|@\{|\/\/|^\/|\/$|\.$|(^|\/)\.|\.lock(\/|$)/;

export function createRef(writer: Writer, repository: Repository, ref: unknown, sha: unknown): Ref {
  if (typeof ref !== 'string' || !/^refs\/heads\/.+/.test(ref) || BAD_REF.test(ref))
    throw new GitHubError(422, 'Reference name is invalid');
  if (repository.branches.size === 0) throw conflict('Git Repository is empty.');
  const name = ref.slice('refs/heads/'.length);
  if (repository.branches.has(name)) throw new GitHubError(422, 'Reference already exists');
  const commit = typeof sha === 'string' ? repository.commits.get(sha) : undefined;
  if (commit === undefined) throw new GitHubError(422, 'Object does not exist');
  const branch = moveTo(writer, repository, name, commit);
  writer.record('ref.create', placeOf(repository, `refs/heads/${name}`), null, commit.sha);
  return branch;
}

export function updateRef(writer: Writer, branch: Ref, sha: unknown): void {
  const { repository } = branch;
  const commit = typeof sha === 'string' ? repository.commits.get(sha) : undefined;
  if (commit === undefined) throw new GitHubError(422, 'Object does not exist');
  const before = branch.commit.sha;
  moveTo(writer, repository, branch.name, commit);
  writer.record('ref.update', placeOf(repository, `refs/heads/${branch.name}`), before, commit.sha);
}

/** Removes a branch and closes the pull requests that came from it. */
export function deleteRef(writer: Writer, branch: Ref): void {
  const { repository } = branch;
  if (branch === defaultBranch(repository))
    throw validationFailed({
      resource: 'Reference',
      code: 'custom',
      message: 'Cannot delete the default branch',
    });
  repository.branches.delete(branch.name);
  writer.state.nodes.delete(branch.node_id);
  writer.record('ref.delete', placeOf(repository, `refs/heads/${branch.name}`), branch.commit.sha, null);
  for (const thread of repository.threads.values()) {
    if (thread.kind !== 'PullRequest' || thread.head !== branch.name || thread.state === 'closed') continue;
    thread.state = 'closed';
    thread.closed_at = writer.state.timestamp();
    writer.record(
      'pull_request.update',
      placeOf(repository, `pull/${thread.number}`),
      { state: 'open' },
      { state: 'closed' },
    );
  }
}
