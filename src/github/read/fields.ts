import type { Json, JsonObject, Permission } from '../../standards/model.js';
import { type Fields, isObject, textOrNull, toJson } from '../json.js';

/** A repository setting's GraphQL field, by its REST name. */
const SETTINGS: Readonly<Record<string, string>> = {
  description: 'description',
  homepage: 'homepageUrl',
  visibility: 'visibility',
  archived: 'isArchived',
  has_issues: 'hasIssuesEnabled',
  has_projects: 'hasProjectsEnabled',
  has_wiki: 'hasWikiEnabled',
  has_discussions: 'hasDiscussionsEnabled',
  is_template: 'isTemplate',
  default_branch: 'defaultBranchRef { name }',
  allow_squash_merge: 'squashMergeAllowed',
  allow_merge_commit: 'mergeCommitAllowed',
  allow_rebase_merge: 'rebaseMergeAllowed',
  allow_auto_merge: 'autoMergeAllowed',
  allow_update_branch: 'allowUpdateBranch',
  allow_forking: 'forkingAllowed',
  delete_branch_on_merge: 'deleteBranchOnMerge',
  web_commit_signoff_required: 'webCommitSignoffRequired',
  squash_merge_commit_title: 'squashMergeCommitTitle',
  squash_merge_commit_message: 'squashMergeCommitMessage',
  merge_commit_title: 'mergeCommitTitle',
  merge_commit_message: 'mergeCommitMessage',
};

/** Settings that only a repository's own page shows, not the lists. REST only. */
export const DETAIL_SETTINGS: ReadonlySet<string> = new Set([
  'allow_squash_merge',
  'allow_merge_commit',
  'allow_rebase_merge',
  'allow_auto_merge',
  'allow_update_branch',
  'delete_branch_on_merge',
  'squash_merge_commit_title',
  'squash_merge_commit_message',
  'merge_commit_title',
  'merge_commit_message',
]);

/** Read for every repository, whatever is asked. */
const ALWAYS = [
  'id',
  'databaseId',
  'name',
  'visibility',
  'isArchived',
  'isEmpty',
  'defaultBranchRef { name }',
];

/** GraphQL names of what every repository needs and of the settings asked for. */
export function settingFields(settings: readonly string[]): string[] {
  const fields = settings.flatMap((setting) => SETTINGS[setting] ?? []);
  return [...new Set([...ALWAYS, ...fields])];
}

/** The settings of a GraphQL repository by REST names. */
export function settingsOf(node: Fields, settings: readonly string[]): JsonObject {
  return Object.fromEntries(
    settings.flatMap((setting): [string, Json][] => {
      const field = SETTINGS[setting];
      if (field === undefined) return [];
      if (setting === 'default_branch') return [[setting, branchName(node)]];
      const value = toJson(node[field]);
      return [[setting, setting === 'visibility' && typeof value === 'string' ? value.toLowerCase() : value]];
    }),
  );
}

export function branchName(node: Fields): string | null {
  const ref = node['defaultBranchRef'];
  return isObject(ref) ? textOrNull(ref['name']) : null;
}

const PERMISSIONS: Readonly<Record<string, Permission>> = {
  READ: 'pull',
  TRIAGE: 'triage',
  WRITE: 'push',
  MAINTAIN: 'maintain',
  ADMIN: 'admin',
};

/** GraphQL's name for REST's; undefined for one that is not known. */
export const graphqlPermission = (value: unknown): string | undefined =>
  Object.keys(PERMISSIONS).find((name) => PERMISSIONS[name] === value);

/** REST's name for GraphQL's; null for one that is not known. */
export function permissionOf(value: unknown): Permission | null {
  return typeof value === 'string' ? (PERMISSIONS[value] ?? null) : null;
}
