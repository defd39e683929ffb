import { findBranch } from '../state/git.js';
import type { Ref, Repository } from '../state/model.js';
import { refuseArchived } from '../state/repositories.js';
import type { RestRequest } from './types.js';

export const repositoryOf = (request: RestRequest): Repository =>
  request.state.repository(request.params['owner'] ?? '', request.params['repo'] ?? '');

/** The repository of a write; throws 403 where it is archived. */
export function writableRepository(request: RestRequest): Repository {
  const repository = repositoryOf(request);
  refuseArchived(repository);
  return repository;
}

export const branchOf = (request: RestRequest): Ref =>
  findBranch(repositoryOf(request), request.params['branch'] ?? '');

/** The API's address of the request's repository. */
export function repositoryUrl(request: RestRequest, repository: Repository): string {
  return `${request.base}/repos/${repository.organization.login}/${repository.name}`;
}
