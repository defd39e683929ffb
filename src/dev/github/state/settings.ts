import { invalidRequest } from '../errors.js';

type Kind = 'boolean' | 'text' | 'object' | readonly string[];

/** One setting: what values it takes, what a new one holds, and its name in GraphQL where it has one. */
export interface Field {
  kind: Kind;
  initial: unknown;
  graphql?: string;
}

const flag = (initial: boolean, graphql?: string): Field => ({
  kind: 'boolean',
  initial,
  ...(graphql === undefined ? {} : { graphql }),
});
const text = (graphql?: string): Field => ({
  kind: 'text',
  initial: null,
  ...(graphql === undefined ? {} : { graphql }),
});
const choice = (values: readonly string[], initial: string, graphql?: string): Field => ({
  kind: values,
  initial,
  ...(graphql === undefined ? {} : { graphql }),
});

/** What `PATCH /repos/{owner}/{repo}` takes, besides `name`, `private` and `default_branch`. */
export const REPOSITORY_FIELDS: Readonly<Record<string, Field>> = {
  description: text('description'),
  homepage: text('homepageUrl'),
  visibility: choice(['public', 'private', 'internal'], 'private'),
  has_issues: flag(true, 'hasIssuesEnabled'),
  has_projects: flag(true, 'hasProjectsEnabled'),
  has_wiki: flag(true, 'hasWikiEnabled'),
  has_discussions: flag(false, 'hasDiscussionsEnabled'),
  is_template: flag(false, 'isTemplate'),
  archived: flag(false, 'isArchived'),
  allow_squash_merge: flag(true, 'squashMergeAllowed'),
  allow_merge_commit: flag(true, 'mergeCommitAllowed'),
  allow_rebase_merge: flag(true, 'rebaseMergeAllowed'),
  allow_auto_merge: flag(false, 'autoMergeAllowed'),
  delete_branch_on_merge: flag(false, 'deleteBranchOnMerge'),
  allow_update_branch: flag(false, 'allowUpdateBranch'),
  allow_forking: flag(true, 'forkingAllowed'),
  web_commit_signoff_required: flag(false, 'webCommitSignoffRequired'),
  squash_merge_commit_title: choice(
    ['PR_TITLE', 'COMMIT_OR_PR_TITLE'],
    'COMMIT_OR_PR_TITLE',
    'squashMergeCommitTitle',
  ),
  squash_merge_commit_message: choice(
    ['PR_BODY', 'COMMIT_MESSAGES', 'BLANK'],
    'COMMIT_MESSAGES',
    'squashMergeCommitMessage',
  ),
  merge_commit_title: choice(['PR_TITLE', 'MERGE_MESSAGE'], 'MERGE_MESSAGE', 'mergeCommitTitle'),
  merge_commit_message: choice(['PR_BODY', 'PR_TITLE', 'BLANK'], 'PR_TITLE', 'mergeCommitMessage'),
  security_and_analysis: { kind: 'object', initial: null },
};

/** What `PATCH /orgs/{org}` takes. */
export const ORGANIZATION_FIELDS: Readonly<Record<string, Field>> = {
  name: text('name'),
  description: text('description'),
  company: text(),
  email: text('email'),
  billing_email: text('organizationBillingEmail'),
  location: text('location'),
  blog: text('websiteUrl'),
  twitter_username: text('twitterUsername'),
  default_repository_permission: choice(['read', 'write', 'admin', 'none'], 'read'),
  has_organization_projects: flag(true),
  has_repository_projects: flag(true),
  members_can_create_repositories: flag(true),
  members_can_create_public_repositories: flag(true),
  members_can_create_private_repositories: flag(true),
  members_can_create_internal_repositories: flag(false),
  members_allowed_repository_creation_type: choice(['all', 'private', 'none'], 'all'),
  members_can_create_pages: flag(true),
  members_can_create_public_pages: flag(true),
  members_can_create_private_pages: flag(true),
  members_can_fork_private_repositories: flag(false, 'membersCanForkPrivateRepositories'),
  web_commit_signoff_required: flag(false, 'webCommitSignoffRequired'),
  advanced_security_enabled_for_new_repositories: flag(false),
  dependabot_alerts_enabled_for_new_repositories: flag(false),
  dependabot_security_updates_enabled_for_new_repositories: flag(false),
  dependency_graph_enabled_for_new_repositories: flag(false),
  secret_scanning_enabled_for_new_repositories: flag(false),
  secret_scanning_push_protection_enabled_for_new_repositories: flag(false),
  secret_scanning_push_protection_custom_link_enabled: flag(false),
  secret_scanning_push_protection_custom_link: text(),
  deploy_keys_enabled_for_repositories: flag(true),
};

export function initialSettings(fields: Readonly<Record<string, Field>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.initial]));
}

function fits(kind: Kind, value: unknown): boolean {
  if (kind === 'boolean') return typeof value === 'boolean';
  if (kind === 'text') return typeof value === 'string' || value === null;
  if (kind === 'object') return typeof value === 'object';
  return typeof value === 'string' && kind.includes(value);
}

function expected(kind: Kind): string {
  if (kind === 'boolean') return 'a boolean';
  if (kind === 'text') return 'a string';
  if (kind === 'object') return 'an object';
  return `a possible value. Must be one of the following: ${kind.join(', ')}`;
}

/** The known settings of a body, checked. Unknown keys are passed over, as GitHub does; a wrong type is a 422. */
export function knownSettings(
  fields: Readonly<Record<string, Field>>,
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const known: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    const field = fields[name];
    if (field === undefined) continue;
    if (!fits(field.kind, value))
      throw invalidRequest(
        `For 'properties/${name}', ${JSON.stringify(value)} is not ${expected(field.kind)}.`,
      );
    known[name] = value === '' && field.kind === 'text' && name !== 'homepage' ? null : value;
  }
  return known;
}

export function pick(
  from: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}
