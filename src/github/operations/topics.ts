import { sortedTexts } from '../json.js';
import type { Operation } from './operation.js';
import { readTarget, repository } from './target.js';

/** All topics of a repository: one PUT of the whole list. */
export const topics: Operation = {
  kind: 'topics',
  names: { do: 'replaceTopics', undo: 'restoreTopics' },
  owns: 'set',
  idempotent: true,
  async read(context, target) {
    return (await readTarget(context, target, { topics: true })).topics;
  },
  async write({ github }, target, _change, _from, to) {
    await github.rest('PUT /repos/{owner}/{repo}/topics', { ...repository(target), names: sortedTexts(to) });
  },
};
