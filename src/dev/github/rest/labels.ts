import { createLabel, deleteLabel, findLabel, labelValue, updateLabel } from '../state/labels.js';
import type { Label } from '../state/model.js';
import { page } from './pagination.js';
import { repositoryOf, repositoryUrl, writableRepository } from './target.js';
import { created, noContent, ok, type RestRequest, route } from './types.js';

function labelView(request: RestRequest, label: Label): Record<string, unknown> {
  return {
    id: label.id,
    node_id: label.node_id,
    url: `${repositoryUrl(request, label.repository)}/labels/${encodeURIComponent(label.name)}`,
    ...labelValue(label),
    default: false,
  };
}

export const labelRoutes = [
  route('GET /repos/{owner}/{repo}/labels', (request) =>
    page(request, [...repositoryOf(request).labels.values()], (label) => labelView(request, label)),
  ),
  route('POST /repos/{owner}/{repo}/labels', (request) =>
    created(labelView(request, createLabel(request.writer, writableRepository(request), request.body))),
  ),
  route('GET /repos/{owner}/{repo}/labels/{name}', (request) =>
    ok(labelView(request, findLabel(repositoryOf(request), request.params['name'] ?? ''))),
  ),
  route('PATCH /repos/{owner}/{repo}/labels/{name}', (request) => {
    const label = findLabel(writableRepository(request), request.params['name'] ?? '');
    const { new_name: name, color, description } = request.body;
    updateLabel(request.writer, label, { name, color, description });
    return ok(labelView(request, label));
  }),
  route('DELETE /repos/{owner}/{repo}/labels/{name}', (request) => {
    deleteLabel(request.writer, findLabel(writableRepository(request), request.params['name'] ?? ''));
    return noContent();
  }),
];
