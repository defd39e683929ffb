import { conflict, GitHubError, notFound } from '../errors.js';
import { createRef, deleteRef, updateRef } from '../state/git.js';
import type { Ref } from '../state/model.js';
import { refuseProtectedPush } from '../state/pushes.js';
import { repositoryOf, repositoryUrl, writableRepository } from './target.js';
import { created, noContent, ok, type RestRequest, route } from './types.js';

function refView(request: RestRequest, ref: Ref): Record<string, unknown> {
  const url = repositoryUrl(request, ref.repository);
  return {
    ref: `refs/heads/${ref.name}`,
    node_id: ref.node_id,
    url: `${url}/git/refs/heads/${ref.name}`,
    object: { type: 'commit', sha: ref.commit.sha, url: `${url}/git/commits/${ref.commit.sha}` },
  };
}

function refOf(request: RestRequest, missing: GitHubError): Ref {
  const repository = repositoryOf(request);
  if (repository.branches.size === 0) throw conflict('Git Repository is empty.');
  const ref = repository.branches.get((request.params['ref'] ?? '').replace(/^heads\//, ''));
  if (ref === undefined) throw missing;
  return ref;
}

const noReference = (): GitHubError => new GitHubError(422, 'Reference does not exist');

export const refRoutes = [
  route('GET /repos/{owner}/{repo}/git/ref/{ref+}', (request) =>
    ok(refView(request, refOf(request, notFound()))),
  ),
  route('GET /repos/{owner}/{repo}/git/matching-refs/{ref+}', (request) => {
    const prefix = (request.params['ref'] ?? '').replace(/^heads\/?/, '');
    const found = [...repositoryOf(request).branches.values()].filter((ref) => ref.name.startsWith(prefix));
    return ok(found.map((ref) => refView(request, ref)));
  }),
  route('POST /repos/{owner}/{repo}/git/refs', (request) => {
    const { ref, sha } = request.body;
    return created(refView(request, createRef(request.writer, writableRepository(request), ref, sha)));
  }),
  route('PATCH /repos/{owner}/{repo}/git/refs/{ref+}', (request) => {
    const ref = refOf(request, noReference());
    refuseProtectedPush(request.writer, ref.repository, ref.name, 'update');
    updateRef(request.writer, ref, request.body['sha']);
    return ok(refView(request, ref));
  }),
  route('DELETE /repos/{owner}/{repo}/git/refs/{ref+}', (request) => {
    writableRepository(request);
    deleteRef(request.writer, refOf(request, noReference()));
    return noContent();
  }),
];
