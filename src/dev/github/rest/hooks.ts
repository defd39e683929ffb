import { createHook, deleteHook, findHook, hookValue, updateHook } from '../state/hooks.js';
import type { Hook, Repository } from '../state/model.js';
import { page } from './pagination.js';
import { repositoryOf, repositoryUrl, writableRepository } from './target.js';
import { created, noContent, ok, type RestRequest, route } from './types.js';

const HOOKS = '/repos/{owner}/{repo}/hooks';

function hookView(request: RestRequest, repository: Repository, hook: Hook): Record<string, unknown> {
  return {
    type: 'Repository',
    id: hook.id,
    ...hookValue(hook),
    created_at: hook.created_at,
    updated_at: hook.updated_at,
    url: `${repositoryUrl(request, repository)}/hooks/${hook.id}`,
    last_response: { code: null, status: 'unused', message: null },
  };
}

const hookOf = (request: RestRequest, repository: Repository): Hook =>
  findHook(repository, request.params['hook_id'] ?? '');

export const hookRoutes = [
  route(`GET ${HOOKS}`, (request) => {
    const repository = repositoryOf(request);
    return page(request, [...repository.hooks.values()], (hook) => hookView(request, repository, hook));
  }),
  route(`POST ${HOOKS}`, (request) => {
    const repository = writableRepository(request);
    return created(hookView(request, repository, createHook(request.writer, repository, request.body)));
  }),
  route(`GET ${HOOKS}/{hook_id}`, (request) => {
    const repository = repositoryOf(request);
    return ok(hookView(request, repository, hookOf(request, repository)));
  }),
  route(`PATCH ${HOOKS}/{hook_id}`, (request) => {
    const repository = writableRepository(request);
    const hook = hookOf(request, repository);
    updateHook(request.writer, repository, hook, request.body);
    return ok(hookView(request, repository, hook));
  }),
  route(`DELETE ${HOOKS}/{hook_id}`, (request) => {
    const repository = writableRepository(request);
    deleteHook(request.writer, repository, hookOf(request, repository));
    return noContent();
  }),
];
