import { z } from 'zod';
import { checkBranchPattern, checkLogin, checkTeamSlug } from '../../security/identifiers.js';
import { absent, named, present } from './common.js';

const flag = () => z.boolean().exactOptional();

/** Who may do something: by login, team slug and app slug. */
const actors = z.strictObject({
  users: z.array(named(checkLogin, 'login')).exactOptional(),
  teams: z.array(named(checkTeamSlug, 'team')).exactOptional(),
  apps: z.array(z.string().min(1)).exactOptional(),
});

const statusChecks = z.strictObject({
  strict: flag(),
  contexts: z.array(z.string().min(1)).exactOptional(),
  checks: z
    .array(z.strictObject({ context: z.string().min(1), app_id: z.int().min(-1).nullable().exactOptional() }))
    .exactOptional(),
});

const reviews = z.strictObject({
  dismissal_restrictions: actors.exactOptional(),
  dismiss_stale_reviews: flag(),
  require_code_owner_reviews: flag(),
  required_approving_review_count: z.int().min(0).max(6).exactOptional(),
  require_last_push_approval: flag(),
  bypass_pull_request_allowances: actors.exactOptional(),
});

/** The body of `PUT /repos/{owner}/{repo}/branches/{branch}/protection`; keys left out keep what is there. */
export const protectionBody = z.strictObject({
  required_status_checks: statusChecks.nullable().exactOptional(),
  enforce_admins: flag(),
  required_pull_request_reviews: reviews.nullable().exactOptional(),
  restrictions: actors.nullable().exactOptional(),
  required_linear_history: flag(),
  allow_force_pushes: flag(),
  allow_deletions: flag(),
  block_creations: flag(),
  required_conversation_resolution: flag(),
  lock_branch: flag(),
  allow_fork_syncing: flag(),
});

const protection = z.discriminatedUnion('absent', [
  protectionBody.extend({ absent: present }),
  z.strictObject({ absent }),
]);

export const branchProtection = z
  .record(named(checkBranchPattern, 'branch'), protection)
  .describe('By branch name or pattern; `$default` is the default branch of each repository.');

export type ProtectionBody = z.output<typeof protectionBody>;
