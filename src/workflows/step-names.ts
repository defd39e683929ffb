import { isObject } from '../standards/json.js';
import type { Change, StepKind } from '../standards/model.js';
import type { RetryLevel } from '../transaction/step.js';
import { CONNECTOR_ACTIVITIES } from './saga-contract.js';

/** The activities that do and undo each kind of change, named as a person reads them in the Web UI. */
export const STEP_ACTIVITIES: Record<StepKind, { do: string; undo: string; level: RetryLevel }> = {
  organization_settings: {
    do: 'updateOrganizationSettings',
    undo: 'restoreOrganizationSettings',
    level: 'aggressive',
  },
  organization_ruleset: {
    do: 'applyOrganizationRuleset',
    undo: 'restoreOrganizationRuleset',
    level: 'conservative',
  },
  team: { do: 'createTeam', undo: 'removeCreatedTeam', level: 'conservative' },
  team_settings: { do: 'updateTeam', undo: 'restoreTeam', level: 'aggressive' },
  team_member: { do: 'setTeamMember', undo: 'restoreTeamMember', level: 'aggressive' },
  repository_settings: {
    do: 'updateRepositorySettings',
    undo: 'restoreRepositorySettings',
    level: 'aggressive',
  },
  topics: { do: 'replaceTopics', undo: 'restoreTopics', level: 'aggressive' },
  branch_protection: { do: 'protectBranch', undo: 'restoreBranchProtection', level: 'aggressive' },
  team_repository: { do: 'grantTeam', undo: 'restoreTeamAccess', level: 'aggressive' },
  label: { do: 'applyLabel', undo: 'restoreLabel', level: 'conservative' },
  ruleset: { do: 'applyRuleset', undo: 'restoreRuleset', level: 'conservative' },
  file: { do: 'writeFile', undo: 'restoreFile', level: 'conservative' },
  repository: { do: 'createRepository', undo: 'removeCreatedRepository', level: 'conservative' },
  issue: { do: 'openIssue', undo: 'closeIssue', level: 'conservative' },
  connector: { ...CONNECTOR_ACTIVITIES, level: 'aggressive' },
};

/**
 * When a change may start inside its transaction: files are committed before protection forbids it, all that is
 * independent runs side by side, and an archived repository takes no more writes, so archiving comes last; so does removing
 * a repository, which is made before all else.
 */
export function stageOf(change: Change): 0 | 1 | 2 | 3 {
  if (change.kind === 'repository') return change.after === null ? 3 : 0;
  if (change.kind === 'file' && change.via === 'commit') return 1;
  if (change.kind === 'repository_settings' && isArchived(change.before)) return 0;
  if (change.kind === 'repository_settings' && isArchived(change.after)) return 3;
  return 2;
}

function isArchived(value: Change['after']): boolean {
  return isObject(value) && value['archived'] === true;
}
