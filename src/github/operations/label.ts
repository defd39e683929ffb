import { sameJson } from '../../standards/json.js';
import type { Change, Json, JsonObject, Target } from '../../standards/model.js';
import { isRefused } from '../errors.js';
import { isObject, object, text } from '../json.js';
import type { Mutation } from '../mutation.js';
import { labelOf } from '../read/labels.js';
import { gathered } from './gathered.js';
import { carriers } from './label-carriers.js';
import type { Operation, OperationContext } from './operation.js';
import { readTarget, repository } from './target.js';

const ROUTE = '/repos/{owner}/{repo}/labels';

/** A label by its name, in which case does not count. */
export const label: Operation = {
  kind: 'label',
  names: { do: 'applyLabel', undo: 'restoreLabel' },
  owns: 'fields',
  idempotent: false,
  async read(context, target, { key }) {
    const { labels } = await readTarget(context, target, { labels: true });
    const found = labels.find(({ name }) => name.toLowerCase() === key.toLowerCase());
    return found === undefined ? null : { ...found };
  },
  // GitHub takes a label that is removed from everything that carries it.
  others: (context, target, { key, before, after }) =>
    carriers(context, target, nameOf(isObject(after) ? after : before, key)),
  async write(context, target, change, from, to) {
    if ((await gathered(context, labelMutation(target, change, from, to))) !== undefined) return;
    const { github } = context;
    const { key } = change;
    const at = repository(target);
    if (!isObject(to)) {
      await github.rest(`DELETE ${ROUTE}/{name}`, { ...at, name: nameOf(from, key) });
      return;
    }
    const body = { color: text(to['color']), description: text(to['description']) };
    const name = nameOf(to, key);
    if (isObject(from)) {
      const present = nameOf(from, key);
      const rename = present === name ? {} : { new_name: name };
      await github.rest(`PATCH ${ROUTE}/{name}`, { ...at, name: present, ...body, ...rename });
      return;
    }
    // Without a description is not with an empty one.
    const { description, ...named } = body;
    await create(github, { ...at, name, ...named, ...(description === '' ? {} : { description }) }, to);
  },
};

/** By the id that the plan has seen; what is removed is looked at by its name first. */
function labelMutation(target: Target, { key, node_id }: Change, from: Json, to: Json): Mutation | null {
  if (!isObject(to) || (from === null) !== (node_id === undefined)) return null;
  const description = text(to['description']);
  const isNew = node_id === undefined;
  const name = nameOf(to, key);
  const fields = {
    // A label that somebody renames meanwhile keeps its new name.
    ...(isNew || name !== nameOf(from, key) ? { name } : {}),
    color: text(to['color']),
    // Without a description is not with an empty one.
    ...(isNew && description === '' ? {} : { description }),
  };
  return {
    name: isNew ? 'createLabel' : 'updateLabel',
    input: isNew ? { repositoryId: target.node_id, ...fields } : { id: node_id, ...fields },
    selection: 'label { id }',
    what: `${key} in ${target.owner}/${target.name}`,
  };
}

function nameOf(value: Json, key: string): string {
  return isObject(value) ? text(value['name']) || key : key;
}

/** "Already exists" is success only where what is there is what was to be made. */
async function create(github: OperationContext['github'], body: JsonObject, wanted: Json): Promise<void> {
  try {
    await github.rest(`POST ${ROUTE}`, body);
  } catch (error) {
    if (!isRefused(error, 422)) throw error;
    const { owner, repo, name } = body;
    const there = await github
      .rest(`GET ${ROUTE}/{name}`, { owner: owner ?? '', repo: repo ?? '', name: name ?? '' })
      .catch(() => null);
    if (there === null || !sameJson({ ...labelOf(object(there.data)) }, wanted)) throw error;
  }
}
