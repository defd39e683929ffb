import type { ChangeKind } from '../../standards/model.js';
import { branchProtection } from './branch-protection.js';
import { file } from './file.js';
import { issue } from './issue.js';
import { label } from './label.js';
import type { Operation } from './operation.js';
import { organizationSettings } from './organization-settings.js';
import { repositoryCreation } from './repository-creation.js';
import { repositorySettings } from './repository-settings.js';
import { organizationRuleset, ruleset } from './ruleset.js';
import { team } from './team.js';
import { teamMember } from './team-member.js';
import { teamRepository } from './team-repository.js';
import { teamSettings } from './team-settings.js';
import { topics } from './topics.js';

/** How each kind of change is read, done and undone. */
export const operations: Record<ChangeKind, Operation> = {
  organization_settings: organizationSettings,
  organization_ruleset: organizationRuleset,
  team,
  team_settings: teamSettings,
  team_member: teamMember,
  repository_settings: repositorySettings,
  topics,
  branch_protection: branchProtection,
  team_repository: teamRepository,
  label,
  ruleset,
  file,
  repository: repositoryCreation,
  issue,
};
