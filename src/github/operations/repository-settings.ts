import type { Json, JsonObject, Target } from '../../standards/model.js';
import { PAIRS } from '../../standards/restore.js';
import { isObject, toJsonObject } from '../json.js';
import type { Mutation } from '../mutation.js';
import { gathered } from './gathered.js';
import type { Operation, OperationContext } from './operation.js';
import { differing, ownedFields, readTarget, repository, sameId, withoutNull } from './target.js';

/** Settings of a repository, `archived`, `visibility` and `default_branch` included: one write of what differs. */
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
    if ((await gathered(context, target, settingsMutation(target, differ))) !== undefined) return;
    const fields = withoutNull({ ...(await titlesOf(context, target, differ, to)), ...differ });
    const answer = await context.github.rest('PATCH /repos/{owner}/{repo}', {
      ...repository(target),
      ...fields,
    });
    sameId(target, answer.data, `${target.owner}/${target.name}`);
  },
};

/** What GraphQL can set, by REST's names; of the rest, merge settings above all, it has no field. */
const INPUTS: Readonly<Record<string, string>> = {
  description: 'description',
  homepage: 'homepageUrl',
  has_issues: 'hasIssuesEnabled',
  has_projects: 'hasProjectsEnabled',
  has_wiki: 'hasWikiEnabled',
  has_discussions: 'hasDiscussionsEnabled',
  is_template: 'template',
};

/** One write of all that differs; null where any of it is REST's alone: two writes could be half done. */
function settingsMutation(target: Target, differ: JsonObject): Mutation | null {
  const input: JsonObject = { repositoryId: target.node_id };
  for (const [field, value] of Object.entries(differ)) {
    const name = INPUTS[field];
    // To GraphQL null is what is not named.
    if (name === undefined || value === null || value === '') return null;
    input[name] = value;
  }
  return {
    name: 'updateRepository',
    input,
    selection: 'repository { id }',
    what: `${target.owner}/${target.name}`,
  };
}

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
