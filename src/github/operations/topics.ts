import { array, sortedTexts, text } from '../json.js';
import { gathered } from './gathered.js';
import type { Operation } from './operation.js';
import { readTarget, repository } from './target.js';

/** All topics of a repository: one write of the whole list. */
export const topics: Operation = {
  kind: 'topics',
  names: { do: 'replaceTopics', undo: 'restoreTopics' },
  owns: 'set',
  idempotent: true,
  async read(context, target) {
    return (await readTarget(context, target, { topics: true })).topics;
  },
  async write(context, target, _change, _from, to) {
    const payload = await gathered(context, {
      name: 'updateTopics',
      input: { repositoryId: target.node_id, topicNames: sortedTexts(to).map(text) },
      selection: 'invalidTopicNames',
      refusal: ({ invalidTopicNames }) =>
        array(invalidTopicNames).length === 0
          ? null
          : `invalid: ${array(invalidTopicNames).map(text).join(', ')}`,
      what: `${target.owner}/${target.name}`,
    });
    if (payload !== undefined) return;
    await context.github.rest('PUT /repos/{owner}/{repo}/topics', {
      ...repository(target),
      names: sortedTexts(to),
    });
  },
};
