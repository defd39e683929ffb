import { change } from './changes.js';
import { diffSettings } from './diff-settings.js';
import { entry } from './json.js';
import type { Change, JsonObject, PlannedItem, Target, TeamState } from './model.js';
import type { PresentTeam } from './schema/teams.js';
import type { OrganizationStandards } from './schema.js';
import { markOf, withoutMark } from './team-marker.js';

/** What is to be done to one team. */
export interface TeamPlan {
  slug: string;
  before: PlannedItem[];
  after: PlannedItem[];
  removedTeams: number;
  removedMembers: number;
}

function settingsOf(team: TeamState): JsonObject {
  const { name, description, privacy, notification_setting, parent } = team;
  return { name, description, privacy, notification_setting, parent };
}

/** A new team with GitHub's defaults for what the file leaves out; a team with a parent cannot be secret. */
function newTeam(team: PresentTeam): JsonObject {
  return {
    name: team.name ?? team.slug,
    description: team.description ?? '',
    privacy: team.privacy ?? (team.parent ? 'closed' : 'secret'),
    notification_setting: team.notification_setting ?? 'notifications_enabled',
    parent: team.parent ?? null,
  };
}

/** What the file names; and, of a team that a run has made, the description without the run's mark. */
function wantedSettings(team: PresentTeam, state: TeamState): JsonObject {
  const { slug: _slug, members: _members, absent: _absent, ...settings } = team;
  if (markOf(state.description) === null) return settings;
  return { description: withoutMark(state.description ?? ''), ...settings };
}

function memberChanges(team: PresentTeam, state: TeamState | null): Change[] {
  return (team.members ?? []).flatMap((member) => {
    const login = member.login.toLowerCase();
    const live = entry(state?.members ?? {}, login) ?? null;
    const wanted = member.absent === true ? null : member.role;
    if (live === wanted) return [];
    return [change(`members/${member.login}`, 'team_member', `${team.slug}/${member.login}`, live, wanted)];
  });
}

/** What one team of the file asks for, `state` being what is there. */
export function planTeam(
  team: OrganizationStandards['teams'][number],
  state: TeamState | null,
  owner: string,
): TeamPlan {
  const target: Target = {
    owner,
    name: '',
    id: state?.id ?? 0,
    node_id: state?.node_id ?? '',
    default_branch: null,
  };
  const items = (changes: Change[]): PlannedItem[] =>
    changes.length === 0 ? [] : [{ item: `${owner}/teams/${team.slug}`, kind: 'team', target, changes }];
  const nothing = { slug: team.slug, before: [], after: [], removedTeams: 0, removedMembers: 0 };

  if (team.absent === true) {
    if (state === null) return nothing;
    return {
      ...nothing,
      after: items([change('team', 'team', team.slug, settingsOf(state), null)]),
      removedTeams: 1,
    };
  }
  const members = memberChanges(team, state);
  const removedMembers = members.filter((one) => one.action === 'delete').length;
  if (state === null) {
    const wanted = newTeam(team);
    // The new team carries the run's mark in its description until this step.
    const after = {
      description: wanted['description'] ?? '',
      ...(team.parent ? { parent: team.parent } : {}),
    };
    const before = Object.fromEntries(Object.keys(after).map((field) => [field, null]));
    return {
      ...nothing,
      before: items([change('team', 'team', team.slug, null, wanted)]),
      after: items([change('settings', 'team_settings', team.slug, before, after), ...members]),
    };
  }
  const settings = diffSettings(settingsOf(state), wantedSettings(team, state));
  const changes =
    settings === null
      ? []
      : [change('settings', 'team_settings', team.slug, settings.before, settings.after)];
  return { ...nothing, after: items([...changes, ...members]), removedMembers };
}
