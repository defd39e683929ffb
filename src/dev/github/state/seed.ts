import { commitFiles, createRef, defaultBranch } from './git.js';
import { createHook } from './hooks.js';
import { createLabel } from './labels.js';
import type { Organization, OrganizationRole, Repository, TeamPermission, TeamRole } from './model.js';
import { invite } from './organizations.js';
import { protectionFromRest, putProtection } from './protections.js';
import { createRepository, replaceTopics } from './repositories.js';
import { createRuleset } from './rulesets.js';
import { initialSettings, ORGANIZATION_FIELDS } from './settings.js';
import { fold, type State, type Writer } from './state.js';
import { createTeam, putTeamMember, putTeamRepository } from './teams.js';
import { createIssue } from './threads.js';

/** An organisation as it stands at the start, by REST names. Plain JSON. */
export interface SeedOrganization {
  login: string;
  settings?: Record<string, unknown>;
  members?: { login: string; role?: OrganizationRole }[];
  invitations?: string[];
  teams?: SeedTeam[];
  rulesets?: Record<string, unknown>[];
  repositories?: SeedRepository[];
  /** Users that exist outside the organisation. */
  users?: string[];
}

interface SeedTeam {
  name: string;
  description?: string;
  privacy?: 'closed' | 'secret';
  notification_setting?: 'notifications_enabled' | 'notifications_disabled';
  permission?: 'pull' | 'push';
  /** Slug of a team named before. */
  parent?: string;
  members?: { login: string; role?: TeamRole }[];
}

export interface SeedRepository {
  name: string;
  settings?: Record<string, unknown>;
  topics?: string[];
  /** No branch, no commit. */
  empty?: boolean;
  /** Besides the default branch (`settings.default_branch`, else `main`). */
  branches?: string[];
  /** Path to text, on the default branch; a README where absent. */
  files?: Record<string, string>;
  /** Pattern to the body of a REST PUT. */
  branch_protection?: Record<string, Record<string, unknown>>;
  /** In place of GitHub's nine default labels. */
  labels?: { name: string; color?: string; description?: string }[];
  /** Slug to permission. */
  teams?: Record<string, TeamPermission>;
  rulesets?: Record<string, unknown>[];
  hooks?: Record<string, unknown>[];
  issues?: Record<string, unknown>[];
}

function seedRepository(writer: Writer, organization: Organization, seed: SeedRepository): Repository {
  const { default_branch: branch = 'main', archived, ...settings } = seed.settings ?? {};
  const repository = createRepository(writer, organization, { name: seed.name, ...settings });
  if (seed.empty !== true) {
    const files = seed.files ?? { 'README.md': `# ${seed.name}\n` };
    commitFiles(writer, repository, String(branch), files, 'Initial commit');
  }
  const head = defaultBranch(repository)?.commit.sha;
  for (const name of seed.branches ?? []) createRef(writer, repository, `refs/heads/${name}`, head);
  if (seed.topics !== undefined) replaceTopics(writer, repository, seed.topics);
  if (seed.labels !== undefined) repository.labels.clear();
  for (const label of seed.labels ?? []) createLabel(writer, repository, label);
  for (const [pattern, body] of Object.entries(seed.branch_protection ?? {}))
    putProtection(
      writer,
      repository,
      pattern,
      protectionFromRest(writer.state, organization, body, undefined),
    );
  for (const [slug, permission] of Object.entries(seed.teams ?? {}))
    putTeamRepository(writer, writer.state.team(organization.login, slug), repository, permission);
  for (const ruleset of seed.rulesets ?? []) createRuleset(writer, repository, ruleset);
  for (const hook of seed.hooks ?? []) createHook(writer, repository, hook);
  for (const issue of seed.issues ?? []) createIssue(writer, repository, issue);
  if (archived === true) repository.settings['archived'] = true;
  return repository;
}

function seedTeams(writer: Writer, organization: Organization, seeds: readonly SeedTeam[]): void {
  for (const { members, parent, ...fields } of seeds) {
    const parentId =
      parent === undefined ? {} : { parent_team_id: writer.state.team(organization.login, parent).id };
    const team = createTeam(writer, organization, { privacy: 'closed', ...fields, ...parentId });
    for (const { login, role } of members ?? [])
      putTeamMember(writer, team, writer.state.addUser(login), role ?? 'member');
  }
}

/** Login of the user that every accepted personal token belongs to; an owner of every seeded organisation. */
export const VIEWER = 'octo-admin';

/** Puts an organisation into the state; its effects are not journaled, since nobody asked for them. */
export function seedOrganization(state: State, seed: SeedOrganization): Organization {
  const writer: Writer = { state, actor: null, record: () => undefined };
  const now = state.timestamp();
  const organization = state.register<Organization>({
    kind: 'Organization',
    ...state.identify('Organization'),
    login: seed.login,
    settings: {
      ...initialSettings(ORGANIZATION_FIELDS),
      billing_email: `billing@${seed.login}.example`,
      two_factor_requirement_enabled: false,
      ...seed.settings,
    },
    created_at: now,
    updated_at: now,
    members: new Map(),
    invitations: new Map(),
    teams: new Map(),
    repositories: new Map(),
    redirects: new Map(),
    rulesets: new Map(),
    sorted: null,
  });
  state.organizations.set(fold(seed.login), organization);
  for (const { login, role } of [{ login: VIEWER, role: 'admin' as const }, ...(seed.members ?? [])])
    organization.members.set(fold(login), { user: state.addUser(login), role: role ?? 'member' });
  for (const login of seed.users ?? []) state.addUser(login);
  for (const login of seed.invitations ?? []) invite(writer, organization, state.addUser(login), 'member');
  seedTeams(writer, organization, seed.teams ?? []);
  for (const ruleset of seed.rulesets ?? []) createRuleset(writer, organization, ruleset);
  for (const repository of seed.repositories ?? []) seedRepository(writer, organization, repository);
  return organization;
}
