import { Buffer } from 'node:buffer';
import { GitHubError, invalidRequest, missingKeys, notFound } from '../errors.js';
import { checkFileSha, commitFiles, findBlob, findBranch, resolveCommit, treeSha } from '../state/git.js';
import type { Repository } from '../state/model.js';
import type { Blob, Commit } from '../state/objects.js';
import { refuseProtectedPush } from '../state/pushes.js';
import { repositoryOf, repositoryUrl, writableRepository } from './target.js';
import { created, ok, type Reply, type RestRequest, route } from './types.js';

const PATH = '/repos/{owner}/{repo}/contents/{path+}';

const pathOf = (request: RestRequest): string => (request.params['path'] ?? '').replace(/^\/+|\/+$/g, '');

function entryView(
  request: RestRequest,
  repository: Repository,
  path: string,
  blob: Blob,
): Record<string, unknown> {
  const url = repositoryUrl(request, repository);
  const self = `${url}/contents/${path}`;
  const git = `${url}/git/blobs/${blob.sha}`;
  const html = `${request.origin}/${repository.organization.login}/${repository.name}/blob/HEAD/${path}`;
  return {
    name: path.split('/').at(-1),
    path,
    sha: blob.sha,
    size: blob.content.length,
    url: self,
    html_url: html,
    git_url: git,
    download_url: html,
    type: 'file',
    _links: { self, git, html },
  };
}

/** Base64 in lines of 60, as GitHub sends it. */
const encoded = (content: Buffer): string =>
  content.toString('base64').replace(/(.{60})/g, '$1\n') + (content.length > 0 ? '\n' : '');

function directory(request: RestRequest, repository: Repository, commit: Commit, path: string): unknown[] {
  const prefix = path === '' ? '' : `${path}/`;
  const entries = new Map<string, unknown>();
  for (const [file, blob] of commit.files) {
    if (!file.startsWith(prefix)) continue;
    const [name = '', ...below] = file.slice(prefix.length).split('/');
    const view = entryView(request, repository, `${prefix}${name}`, blob);
    if (!entries.has(name)) entries.set(name, below.length === 0 ? view : { ...view, type: 'dir', size: 0 });
  }
  if (entries.size === 0) throw notFound();
  return [...entries.values()];
}

function getContents(request: RestRequest): Reply {
  const repository = repositoryOf(request);
  if (repository.branches.size === 0) throw new GitHubError(404, 'This repository is empty.');
  const ref = request.query.get('ref');
  const commit = resolveCommit(repository, ref ?? 'HEAD');
  if (commit === undefined) throw new GitHubError(404, `No commit found for the ref ${ref}`);
  const path = pathOf(request);
  const blob = commit.files.get(path);
  if (blob === undefined) return ok(directory(request, repository, commit, path));
  return ok({
    ...entryView(request, repository, path, blob),
    content: encoded(blob.content),
    encoding: 'base64',
  });
}

function commitView(request: RestRequest, repository: Repository, commit: Commit): Record<string, unknown> {
  const url = `${repositoryUrl(request, repository)}/git/commits/${commit.sha}`;
  const by = { name: 'octo-admin', email: 'octo-admin@users.example', date: commit.date };
  return {
    sha: commit.sha,
    url,
    message: commit.message,
    author: by,
    committer: by,
    parents: commit.parent === null ? [] : [{ sha: commit.parent }],
  };
}

/** The branch a write goes to; throws 404 where a named one is not there. */
function targetBranch(request: RestRequest, repository: Repository): string {
  const { branch } = request.body;
  const name = typeof branch === 'string' ? branch : String(repository.settings['default_branch']);
  if (repository.branches.size > 0 && !repository.branches.has(name))
    throw new GitHubError(404, `Branch ${name} not found`);
  return name;
}

function putContents(request: RestRequest): Reply {
  const repository = writableRepository(request);
  const { message, content, sha } = request.body;
  const missing = Object.entries({ message, content }).flatMap(([key, value]) =>
    typeof value === 'string' ? [] : [key],
  );
  if (missing.length > 0) throw missingKeys(missing);
  const bytes = Buffer.from(String(content), 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== String(content).replace(/\s|=+\s*$/g, ''))
    throw new GitHubError(422, 'content is not valid Base64');
  const path = pathOf(request);
  const branch = targetBranch(request, repository);
  const existing = repository.branches.get(branch)?.commit.files.get(path);
  checkFileSha(existing, path, sha);
  refuseProtectedPush(request.writer, repository, branch, existing === undefined ? 'create' : 'update');
  const commit = commitFiles(request.writer, repository, branch, { [path]: bytes }, String(message));
  const blob = commit.files.get(path);
  if (blob === undefined) throw notFound();
  const body = {
    content: entryView(request, repository, path, blob),
    commit: commitView(request, repository, commit),
  };
  return existing === undefined ? created(body) : ok(body);
}

function deleteContents(request: RestRequest): Reply {
  const repository = writableRepository(request);
  const { message, sha } = request.body;
  if (typeof message !== 'string') throw missingKeys(['message']);
  const branch = targetBranch(request, repository);
  const path = pathOf(request);
  const existing = findBranch(repository, branch).commit.files.get(path);
  if (existing === undefined) throw notFound();
  if (typeof sha !== 'string') throw invalidRequest('"sha" wasn\'t supplied.');
  checkFileSha(existing, path, sha);
  refuseProtectedPush(request.writer, repository, branch, 'delete');
  const commit = commitFiles(request.writer, repository, branch, { [path]: null }, message);
  return ok({ content: null, commit: commitView(request, repository, commit) });
}

export const contentsRoutes = [
  route('GET /repos/{owner}/{repo}/contents', getContents),
  route(`GET ${PATH}`, getContents),
  route(`PUT ${PATH}`, putContents, { content: true }),
  route(`DELETE ${PATH}`, deleteContents, { content: true }),
  route('GET /repos/{owner}/{repo}/git/commits/{sha}', (request) => {
    const repository = repositoryOf(request);
    const commit = repository.commits.get(request.params['sha'] ?? '');
    if (commit === undefined) throw notFound();
    const tree = treeSha(commit);
    const url = `${repositoryUrl(request, repository)}/git/trees/${tree}`;
    return ok({ ...commitView(request, repository, commit), tree: { sha: tree, url } });
  }),
  route('GET /repos/{owner}/{repo}/git/blobs/{sha}', (request) => {
    const repository = repositoryOf(request);
    const blob = findBlob(repository, request.params['sha'] ?? '');
    return ok({
      sha: blob.sha,
      node_id: '',
      size: blob.content.length,
      url: `${repositoryUrl(request, repository)}/git/blobs/${blob.sha}`,
      content: encoded(blob.content),
      encoding: 'base64',
    });
  }),
];
