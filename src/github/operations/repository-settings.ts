import { isObject } from '../json.js';
import type { Operation } from './operation.js';
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
  async write({ github }, target, _change, from, to) {
    const fields = withoutNull(differing(from, to));
    if (Object.keys(fields).length === 0) return;
    const answer = await github.rest('PATCH /repos/{owner}/{repo}', { ...repository(target), ...fields });
    sameId(target, answer.data, `${target.owner}/${target.name}`);
  },
};
