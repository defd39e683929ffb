import { byText } from '../../standards/json.js';
import type { Label } from '../../standards/model.js';
import { type Fields, object, objects, text } from '../json.js';
import { hasNext } from './protection.js';

export const LABEL_SELECTION =
  'labels(first: 100) { pageInfo { hasNextPage endCursor } nodes { id name color description } }';

export function labelsAreCut(node: Fields): boolean {
  return hasNext(object(node['labels']));
}

export function labelsOf(node: Fields): Label[] {
  return sortLabels(objects(object(node['labels'])['nodes']).map(labelOf));
}

/** GraphQL's ids of a repository's labels, by name. */
export function labelIdsOf(node: Fields): Record<string, string> {
  return labelIds(objects(object(node['labels'])['nodes']), 'id');
}

/** GraphQL's ids of labels of either API, which have them in that field. */
export const labelIds = (labels: readonly Fields[], field: 'id' | 'node_id'): Record<string, string> =>
  Object.fromEntries(labels.map((label) => [text(label['name']), text(label[field])]));

/** A label of either API. */
export function labelOf(label: Fields): Label {
  return {
    name: text(label['name']),
    color: text(label['color']).toLowerCase(),
    description: text(label['description']) || null,
  };
}

export function sortLabels(labels: Label[]): Label[] {
  return labels.toSorted((left, right) => byText(left.name, right.name));
}
