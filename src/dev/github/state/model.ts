import type { Commit } from './objects.js';

export type TeamPermission = 'pull' | 'triage' | 'push' | 'maintain' | 'admin';
export type TeamRole = 'maintainer' | 'member';
export type OrganizationRole = 'admin' | 'member';

interface Identified {
  id: number;
  node_id: string;
}

export interface User extends Identified {
  kind: 'User';
  login: string;
}

export interface App extends Identified {
  kind: 'App';
  slug: string;
}

export interface Invitation extends Identified {
  kind: 'OrganizationInvitation';
  organization: Organization;
  user: User;
  role: OrganizationRole;
  created_at: string;
}

export interface Organization extends Identified {
  kind: 'Organization';
  login: string;
  /** By REST name. */
  settings: Record<string, unknown>;
  created_at: string;
  updated_at: string;
  /** By login in lower case. */
  members: Map<string, { user: User; role: OrganizationRole }>;
  invitations: Map<string, Invitation>;
  /** By slug. */
  teams: Map<string, Team>;
  /** By name in lower case. */
  repositories: Map<string, Repository>;
  /** Former names in lower case. */
  redirects: Map<string, Repository>;
  rulesets: Map<number, Ruleset>;
  /** Repositories by name, case folded; null when it must be sorted again. */
  sorted: Repository[] | null;
}

export interface TeamMember {
  user: User;
  role: TeamRole;
  state: 'active' | 'pending';
}

export interface Team extends Identified {
  kind: 'Team';
  organization: Organization;
  name: string;
  slug: string;
  description: string | null;
  privacy: 'closed' | 'secret';
  notification_setting: 'notifications_enabled' | 'notifications_disabled';
  permission: 'pull' | 'push';
  parent: Team | null;
  created_at: string;
  updated_at: string;
  /** By login in lower case. */
  members: Map<string, TeamMember>;
  repositories: Map<Repository, TeamPermission>;
  /** Repositories by name, case folded; null when it must be sorted again. */
  sorted: Repository[] | null;
}

export interface Ref extends Identified {
  kind: 'Ref';
  repository: Repository;
  /** Without `refs/heads/`. */
  name: string;
  commit: Commit;
}

export interface Label extends Identified {
  kind: 'Label';
  repository: Repository;
  name: string;
  color: string;
  description: string | null;
}

export interface IssueComment extends Identified {
  kind: 'IssueComment';
  issue: Issue | PullRequest;
  body: string;
  user: User | null;
  created_at: string;
  updated_at: string;
}

interface Thread extends Identified {
  repository: Repository;
  number: number;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  user: User | null;
  labels: string[];
  comments: IssueComment[];
  created_at: string;
  updated_at: string;
  closed_at: string | null;
}

export interface Issue extends Thread {
  kind: 'Issue';
  state_reason: 'completed' | 'not_planned' | 'reopened' | 'duplicate' | null;
}

export interface PullRequest extends Thread {
  kind: 'PullRequest';
  head: string;
  head_sha: string;
  base: string;
  base_sha: string;
  draft: boolean;
  merged_at: string | null;
}

export interface Hook extends Identified {
  kind: 'Hook';
  name: string;
  active: boolean;
  events: string[];
  config: Record<string, unknown>;
  created_at: string;
  updated_at: string;
}

export interface Actors {
  users: User[];
  teams: Team[];
  apps: App[];
}

export interface StatusCheck {
  context: string;
  app_id: number | null;
}

export interface ReviewRequirements {
  dismiss_stale_reviews: boolean;
  require_code_owner_reviews: boolean;
  required_approving_review_count: number;
  require_last_push_approval: boolean;
  /** Null: anyone with write access may dismiss. */
  dismissal_restrictions: Actors | null;
  bypass_pull_request_allowances: Actors;
}

export interface BranchProtectionRule extends Identified {
  kind: 'BranchProtectionRule';
  repository: Repository;
  pattern: string;
  required_status_checks: { strict: boolean; checks: StatusCheck[] } | null;
  required_pull_request_reviews: ReviewRequirements | null;
  restrictions: Actors | null;
  enforce_admins: boolean;
  required_linear_history: boolean;
  allow_force_pushes: boolean;
  bypass_force_push_allowances: Actors;
  allow_deletions: boolean;
  block_creations: boolean;
  required_conversation_resolution: boolean;
  lock_branch: boolean;
  allow_fork_syncing: boolean;
  required_signatures: boolean;
  /** Null: no deployment is required. */
  required_deployments: string[] | null;
}

export interface RulesetRule extends Identified {
  kind: 'RepositoryRule';
  ruleset: Ruleset;
  /** REST name, for example `pull_request`. */
  type: string;
  /** REST names; absent where the type has none. */
  parameters: Record<string, unknown> | null;
}

export interface BypassActor {
  actor_id: number | null;
  actor_type: string;
  bypass_mode: string;
}

export interface Ruleset extends Identified {
  kind: 'RepositoryRuleset';
  source: Organization | Repository;
  name: string;
  target: string;
  enforcement: string;
  bypass_actors: BypassActor[];
  conditions: Record<string, unknown>;
  rules: RulesetRule[];
  created_at: string;
  updated_at: string;
}

export interface Repository extends Identified {
  kind: 'Repository';
  organization: Organization;
  name: string;
  /** By REST name; `private` is derived from `visibility`. */
  settings: Record<string, unknown>;
  topics: string[];
  created_at: string;
  updated_at: string;
  pushed_at: string | null;
  branches: Map<string, Ref>;
  commits: Map<string, Commit>;
  /** By pattern. */
  protections: Map<string, BranchProtectionRule>;
  /** By name in lower case. */
  labels: Map<string, Label>;
  threads: Map<number, Issue | PullRequest>;
  hooks: Map<number, Hook>;
  rulesets: Map<number, Ruleset>;
}

export type Entity =
  | User
  | App
  | Invitation
  | Organization
  | Team
  | Repository
  | Ref
  | Label
  | Issue
  | PullRequest
  | IssueComment
  | Hook
  | BranchProtectionRule
  | Ruleset
  | RulesetRule;
