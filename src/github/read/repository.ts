import type { Permission, RepositoryNeeds, RepositoryState } from '../../standards/model.js';
import { type Fields, number, object, objects, sortedTexts, text } from '../json.js';
import { branchName, settingFields, settingsOf } from './fields.js';
import { fileSelection, filesOf } from './files.js';
import { LABEL_SELECTION, labelIdsOf, labelsAreCut, labelsOf } from './labels.js';
import { protectionIsCut, protectionSelection, protectionsOf, ruleIdsOf } from './protection.js';
import { rulesetSelection, rulesetsAreCut, rulesetsOf } from './rulesets.js';

/** A repository may have 20 topics. */
const TOPICS = 'repositoryTopics(first: 100) { nodes { topic { name } } }';

/** What is asked of a repository by GraphQL: only the fields that `needs` names. `whole`: long nested lists too. */
export function repositorySelection(needs: RepositoryNeeds, whole = false): string {
  return [
    ...settingFields(needs.settings),
    ...(needs.topics ? [TOPICS] : []),
    ...(needs.branch_protection ? [protectionSelection(whole)] : []),
    ...(needs.rulesets ? [rulesetSelection(whole)] : []),
    ...(needs.labels ? [LABEL_SELECTION] : []),
    fileSelection(needs.files),
  ].join('\n');
}

/** What of a repository's nested lists did not come whole, as needs; null where nothing is missing. */
export function cutNeeds(node: Fields, needs: RepositoryNeeds): RepositoryNeeds | null {
  const cut = {
    branch_protection: needs.branch_protection && protectionIsCut(node),
    rulesets: needs.rulesets && rulesetsAreCut(node),
    labels: needs.labels && labelsAreCut(node),
  };
  if (!cut.branch_protection && !cut.rulesets && !cut.labels) return null;
  return { ...cut, settings: [], topics: false, teams: [], files: [] };
}

export function repositoryState(
  node: Fields,
  needs: RepositoryNeeds,
  teams: Record<string, Permission>,
): RepositoryState {
  const topics = objects(object(node['repositoryTopics'])['nodes']).map(({ topic }) => object(topic)['name']);
  return {
    id: number(node['databaseId']),
    node_id: text(node['id']),
    name: text(node['name']),
    visibility: text(node['visibility']).toLowerCase(),
    archived: node['isArchived'] === true,
    empty: node['isEmpty'] === true,
    default_branch: branchName(node),
    topics: sortedTexts(topics),
    settings: settingsOf(node, needs.settings),
    branch_protection: needs.branch_protection ? protectionsOf(node) : {},
    ...(needs.branch_protection ? { rule_node_ids: ruleIdsOf(node) } : {}),
    teams,
    labels: needs.labels ? labelsOf(node) : [],
    ...(needs.labels ? { label_node_ids: labelIdsOf(node) } : {}),
    rulesets: needs.rulesets ? rulesetsOf(node) : [],
    ...filesOf(node, needs.files),
  };
}
