import { missingKeys, notFound, validationFailed } from '../errors.js';
import type { Label, Repository } from './model.js';
import { fold, placeOf, type Writer } from './state.js';

interface LabelInput {
  name: string;
  color: string;
  description: string | null;
}

/** The labels that GitHub puts into every new repository. */
export const DEFAULT_LABELS: readonly LabelInput[] = [
  { name: 'bug', color: 'd73a4a', description: "Something isn't working" },
  { name: 'documentation', color: '0075ca', description: 'Improvements or additions to documentation' },
  { name: 'duplicate', color: 'cfd3d7', description: 'This issue or pull request already exists' },
  { name: 'enhancement', color: 'a2eeef', description: 'New feature or request' },
  { name: 'good first issue', color: '7057ff', description: 'Good for newcomers' },
  { name: 'help wanted', color: '008672', description: 'Extra attention is needed' },
  { name: 'invalid', color: 'e4e669', description: "This doesn't seem right" },
  { name: 'question', color: 'd876e3', description: 'Further information is requested' },
  { name: 'wontfix', color: 'ffffff', description: 'This will not be worked on' },
];

const invalid = (field: string, code = 'invalid') => validationFailed({ resource: 'Label', code, field });

export const labelValue = (label: Label): LabelInput => ({
  name: label.name,
  color: label.color,
  description: label.description,
});

function checked(input: Readonly<Record<string, unknown>>): Partial<LabelInput> {
  const { name, color, description } = input;
  const result: Partial<LabelInput> = {};
  if (name !== undefined) {
    if (typeof name !== 'string' || name === '' || name.length > 50) throw invalid('name');
    result.name = name;
  }
  if (color !== undefined) {
    if (typeof color !== 'string' || !/^[0-9a-f]{6}$/i.test(color)) throw invalid('color');
    result.color = color.toLowerCase();
  }
  if (description !== undefined) {
    if (description !== null && (typeof description !== 'string' || description.length > 100))
      throw invalid('description');
    result.description = description;
  }
  return result;
}

/** Adds a label without a record of its own: part of creating its repository. */
export function addLabel(writer: Writer, repository: Repository, input: LabelInput): Label {
  const label: Label = { kind: 'Label', ...writer.state.identify('Label'), repository, ...input };
  writer.state.register(label);
  repository.labels.set(fold(label.name), label);
  return label;
}

export function findLabel(repository: Repository, name: string): Label {
  const label = repository.labels.get(fold(name));
  if (label === undefined) throw notFound();
  return label;
}

export function createLabel(
  writer: Writer,
  repository: Repository,
  body: Readonly<Record<string, unknown>>,
): Label {
  const { name, color = 'ededed', description = null } = checked(body);
  if (name === undefined) throw missingKeys(['name']);
  if (repository.labels.has(fold(name))) throw invalid('name', 'already_exists');
  const label = addLabel(writer, repository, { name, color, description });
  writer.record('label.create', placeOf(repository, `labels/${name}`), null, labelValue(label));
  return label;
}

export function updateLabel(writer: Writer, label: Label, body: Readonly<Record<string, unknown>>): void {
  const { repository } = label;
  const changes = checked(body);
  const holder = changes.name === undefined ? undefined : repository.labels.get(fold(changes.name));
  if (holder !== undefined && holder !== label) throw invalid('name', 'already_exists');
  const place = placeOf(repository, `labels/${label.name}`);
  const before = labelValue(label);
  repository.labels.delete(fold(label.name));
  Object.assign(label, changes);
  repository.labels.set(fold(label.name), label);
  writer.record('label.update', place, before, labelValue(label));
}

export function deleteLabel(writer: Writer, label: Label): void {
  const { repository } = label;
  repository.labels.delete(fold(label.name));
  writer.state.nodes.delete(label.node_id);
  for (const thread of repository.threads.values())
    thread.labels = thread.labels.filter((name) => fold(name) !== fold(label.name));
  writer.record('label.delete', placeOf(repository, `labels/${label.name}`), labelValue(label), null);
}
