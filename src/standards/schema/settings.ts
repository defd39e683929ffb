import { z } from 'zod';
import { checkBranchName } from '../../security/identifiers.js';
import { line, named } from './common.js';

const flag = () => z.boolean().exactOptional();

/** What both `PATCH /repos/{owner}/{repo}` sets and GraphQL reads in bulk, by REST names. */
export const repositorySettings = z.strictObject({
  description: line(350).exactOptional(),
  homepage: line(255).exactOptional(),
  visibility: z.enum(['public', 'private', 'internal']).exactOptional(),
  has_issues: flag(),
  has_projects: flag(),
  has_wiki: flag(),
  has_discussions: flag(),
  is_template: flag(),
  default_branch: named(checkBranchName, 'branch').exactOptional(),
  allow_squash_merge: flag(),
  allow_merge_commit: flag(),
  allow_rebase_merge: flag(),
  allow_auto_merge: flag(),
  delete_branch_on_merge: flag(),
  allow_update_branch: flag(),
  squash_merge_commit_title: z.enum(['PR_TITLE', 'COMMIT_OR_PR_TITLE']).exactOptional(),
  squash_merge_commit_message: z.enum(['PR_BODY', 'COMMIT_MESSAGES', 'BLANK']).exactOptional(),
  merge_commit_title: z.enum(['PR_TITLE', 'MERGE_MESSAGE']).exactOptional(),
  merge_commit_message: z.enum(['PR_BODY', 'PR_TITLE', 'BLANK']).exactOptional(),
  allow_forking: flag(),
  web_commit_signoff_required: flag(),
  archived: flag(),
});

/** What `PATCH /orgs/{org}` sets and `GET /orgs/{org}` returns, by REST names. */
export const organizationSettings = z.strictObject({
  name: line(255).exactOptional(),
  description: line(160).exactOptional(),
  company: line(255).exactOptional(),
  blog: line(255).exactOptional(),
  location: line(255).exactOptional(),
  email: line(255).exactOptional(),
  billing_email: z.string().min(1).max(255).exactOptional(),
  twitter_username: line(15).exactOptional(),
  default_repository_permission: z.enum(['read', 'write', 'admin', 'none']).exactOptional(),
  has_organization_projects: flag(),
  has_repository_projects: flag(),
  members_can_create_repositories: flag(),
  members_can_create_public_repositories: flag(),
  members_can_create_private_repositories: flag(),
  members_can_create_internal_repositories: flag(),
  members_allowed_repository_creation_type: z.enum(['all', 'private', 'none']).exactOptional(),
  members_can_create_pages: flag(),
  members_can_create_public_pages: flag(),
  members_can_create_private_pages: flag(),
  members_can_fork_private_repositories: flag(),
  web_commit_signoff_required: flag(),
  deploy_keys_enabled_for_repositories: flag(),
  advanced_security_enabled_for_new_repositories: flag(),
  dependabot_alerts_enabled_for_new_repositories: flag(),
  dependabot_security_updates_enabled_for_new_repositories: flag(),
  dependency_graph_enabled_for_new_repositories: flag(),
  secret_scanning_enabled_for_new_repositories: flag(),
  secret_scanning_push_protection_enabled_for_new_repositories: flag(),
  secret_scanning_push_protection_custom_link_enabled: flag(),
  secret_scanning_push_protection_custom_link: line(255).exactOptional(),
});
