/**
 * The words that planning, GitHub access and the workflows share: what is there, what is wanted, what changes.
 * Everything here is plain JSON, so that it survives a workflow's history unchanged.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** GitHub's names for what a team may do in a repository, weakest first. */
export const PERMISSIONS = ['pull', 'triage', 'push', 'maintain', 'admin'] as const;
export type Permission = (typeof PERMISSIONS)[number];

export type TeamRole = 'member' | 'maintainer';

export interface Label {
  name: string;
  /** Six hex digits, lower case, without `#`. */
  color: string;
  description: string | null;
}

/** A ruleset by REST field names; without the fields that GitHub adds (`id`, `node_id`, `source`, links, dates). */
export interface Ruleset {
  name: string;
  target: string;
  enforcement: string;
  bypass_actors: JsonObject[];
  conditions: JsonObject | null;
  rules: JsonObject[];
}

/** Which parts of a repository a standards file names; nothing else is read. */
export interface RepositoryNeeds {
  /** Names under `settings`, GitHub's REST names. */
  settings: string[];
  topics: boolean;
  /** Whether any branch protection is named. */
  branch_protection: boolean;
  /** Slugs of the teams whose permission is managed. */
  teams: string[];
  labels: boolean;
  rulesets: boolean;
  /** Paths of the managed files. */
  files: string[];
}

/** A live repository, only the parts that {@link RepositoryNeeds} asked for. */
export interface RepositoryState {
  id: number;
  node_id: string;
  name: string;
  visibility: string;
  archived: boolean;
  /** Has no commit yet, so no branch to protect and no file to read. */
  empty: boolean;
  default_branch: string | null;
  topics: string[];
  settings: JsonObject;
  /** By rule pattern, in the shape of the REST PUT body, complete and normalised (lists sorted). */
  branch_protection: Record<string, JsonObject>;
  /** By rule pattern: GraphQL's id of the rule, where that is known. */
  rule_node_ids?: Record<string, string>;
  /** By team slug; a team without access is missing. */
  teams: Record<string, Permission>;
  /** By slug: the ids of the teams whose permission is managed, with access or without. */
  team_ids?: Record<string, TeamId>;
  labels: Label[];
  /** By name: GraphQL's id of the label, where that is known. */
  label_node_ids?: Record<string, string>;
  rulesets: (Ruleset & { id: number })[];
  /** By path: the git blob sha on the default branch, null where there is no such file. */
  files: Record<string, { sha: string } | null>;
  /** By path: the open pull request of ours that proposes the file, and the blob sha it proposes. */
  proposals: Record<string, { number: number; sha: string | null }>;
}

export interface TeamId {
  id: number;
  node_id: string;
}

export interface TeamState {
  id: number;
  node_id: string;
  slug: string;
  name: string;
  description: string | null;
  privacy: string;
  notification_setting: string;
  /** Slug of the parent team. */
  parent: string | null;
  /** By login, lower case; an invitation that is pending counts. Only where the file names members. */
  members: Record<string, TeamRole>;
}

/** What a file names of an organisation outside its repositories. */
export interface OrganizationNeeds {
  settings: string[];
  rulesets: boolean;
  /** Slugs of every team that the file names anywhere. */
  teams: string[];
  /** Slugs of the teams whose members the file names. */
  members: string[];
  /** Slugs of the teams that are not to be there. */
  absent: string[];
  /** Logins that must exist. */
  logins: string[];
  /** Repository names written without a glob, which must exist. */
  repositories: string[];
}

export interface OrganizationState {
  login: string;
  id: number;
  node_id: string;
  settings: JsonObject;
  rulesets: (Ruleset & { id: number })[];
  /** By slug; null where there is none. */
  teams: Record<string, TeamState | null>;
  /** By slug of a team that is there and not to be: its child teams. */
  childTeams: Record<string, string[]>;
  /** How many teams the organisation has in all; for the fuse on removals. */
  teamCount: number;
  /** Number of repositories in the organisation, as GitHub counts them. */
  repositoryCount: number;
  missingLogins: string[];
  missingRepositories: string[];
}

/** What a step changes. One kind has one operation in github/operations. */
export const CHANGE_KINDS = [
  'organization_settings',
  'organization_ruleset',
  'team',
  'team_settings',
  'team_member',
  'repository_settings',
  'topics',
  'branch_protection',
  'team_repository',
  'label',
  'ruleset',
  'file',
  'repository',
  'issue',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Beside GitHub's kinds, what a connector makes in another system: its key is the connector's name. */
export type StepKind = ChangeKind | 'connector';

/**
 * One step's worth of change. `before` and `after` hold only what this change owns:
 *
 * | kind | key | before, after |
 * | --- | --- | --- |
 * | organization_settings, repository_settings, team_settings | '' (team: slug) | object of the differing fields |
 * | topics | '' | the whole list |
 * | branch_protection | branch or pattern | the whole REST PUT body; null: no rule |
 * | team_repository | team slug | a Permission; null: no access |
 * | label | name | a Label; null: none |
 * | ruleset, organization_ruleset | name | a Ruleset; null: none |
 * | file | path | `{ sha }`, after: `{ sha, from }`; null: no file |
 * | team | slug | `{ name, description, privacy, ... }`; null: none |
 * | repository | name | `{ name, description, visibility }`; null: none |
 * | issue | what tells it from the run's other issues | `{ title, body, labels }`; null: none that is open |
 * | team_member | `slug/login` | a TeamRole; null: not a member |
 * | connector | name of the connector | `{ options, needs }`; null: not made |
 */
export interface Change {
  /** Unique in its item, e.g. `settings`, `topics`, `protection/main`, `teams/maintainers`, `files/README.md`. */
  step: string;
  kind: StepKind;
  key: string;
  action: 'create' | 'update' | 'delete';
  before: Json;
  after: Json;
  /** For files only. */
  via?: 'commit' | 'pull_request';
  /** For a team's access only: the team's id, by which it is found when it is taken back. Plans of older versions have none. */
  team?: number;
  /** GraphQL's id of the team whose access changes, or of the rule or label that is there, where the plan knows it. */
  node_id?: string;
  /** Set in a rollback: `before` is what a run wrote, `after` what it found. */
  restore?: Restore;
}

/** How a change takes back what a run wrote. */
export interface Restore {
  /** The run that is rolled back. */
  of: string;
  /** The run that first planned the change: its marks prove what is ours, its document has the files' bytes. */
  origin: string;
  /** Whether `before` and `after` are the other way round than `origin` planned them. */
  reversed: boolean;
  /** Put back also what somebody else has changed since. */
  force: boolean;
}

/** What a change is made to. The ids are pinned: a renamed or recreated repository never receives another's write. */
export interface Target {
  owner: string;
  /** Repository name; empty for what belongs to the organisation itself. */
  name: string;
  id: number;
  node_id: string;
  default_branch: string | null;
}

/** One transaction of a run before it starts: a repository, a team, or the organisation's settings. */
export interface PlannedItem {
  /** `owner/name`; `owner/settings` and `owner/teams/slug` for what belongs to the organisation. */
  item: string;
  kind: 'repository' | 'organization' | 'team';
  target: Target;
  changes: Change[];
  /** Set in a run that was approved: a value that has changed since is left to a person. */
  approved?: true;
  /** Why the item may not be changed after all. */
  refused?: string;
}

/** Why a repository of a run is left alone although the file names it. */
export interface SkippedItem {
  item: string;
  /** `gone`: not there any more under its id; `unmatched`: no rule selects it any more. Both since the run first read it. */
  reason: 'archived' | 'empty' | 'gone' | 'unmatched';
}

/** Where a page of repositories ends and the next begins; opaque outside github/. Plain JSON. */
export interface PageCursor {
  repositories: string | null;
  teams: Record<string, string | null>;
}

export interface RepositoryPage {
  repositories: RepositoryState[];
  next: PageCursor | null;
  /** Number of repositories in the organisation, as GitHub counts them. */
  total: number;
  /** When the answers came, epoch milliseconds on this machine's clock. */
  readAt: number;
}
