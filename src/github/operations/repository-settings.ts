import type { Json, JsonObject, Target } from '../../standards/model.js';
import { PAIRS } from '../../standards/restore.js';
import { isObject, toJsonObject } from '../json.js';
import type { Operation, OperationContext } from './operation.js';
import { differing, ownedFields, readTarget, repository, sameId, withoutNull } from './target.js';

/** Settings of a repository, `archived`, `visibility` and `default_branch` included: one PATCH of what differs. */
export const repositorySettings: Operation = {
  kind: 'repository_settings',
  names: { do: 'updateRepositorySettings', undo: 'restoreRepositorySettings' },
  owns: 'fields',
  idempotent: true,
  async read(context, target, { before, after }) {
    const named = { ...(isObject(before) ? before : {}), ...(isObject(after) ? after : {}) };
    const state = await readTarget(context, target, { settings: Object.keys(named) });
    return ownedFields(state.settings, before, after);
  },
  async write(context, target, _change, from, to) {
    const differ = differing(from, to);
    if (Object.keys(differ).length === 0) return;
    const fields = withoutNull({ ...(await titlesOf(context, target, differ, to)), ...differ });
    const answer = await context.github.rest('PATCH /repos/{owner}/{repo}', {
      ...repository(target),
      ...fields,
    });
    sameId(target, answer.data, `${target.owner}/${target.name}`);
  },
};

/** GitHub takes a commit message's default with its title's only. */
async function titlesOf(
  context: OperationContext,
  target: Target,
  fields: JsonObject,
  to: Json,
): Promise<JsonObject> {
  const missing = PAIRS.flatMap(([title, message]) =>
    fields[message] === undefined || fields[title] !== undefined ? [] : [title],
  );
  if (missing.length === 0) return {};
  const known = isObject(to) ? toJsonObject(to) : {};
  const unnamed = missing.filter((title) => known[title] === undefined);
  const live =
    unnamed.length === 0 ? {} : (await readTarget(context, target, { settings: unnamed })).settings;
  return Object.fromEntries(missing.map((title) => [title, known[title] ?? live[title] ?? null]));
}
