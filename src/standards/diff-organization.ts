import { change } from './changes.js';
import { diffRulesets } from './diff-parts.js';
import { diffSettings } from './diff-settings.js';
import { planTeam, type TeamPlan } from './diff-team.js';
import type { Counts } from './fuse.js';
import { entry } from './json.js';
import type { OrganizationState, PlannedItem, Target } from './model.js';
import { requiredTeams } from './needs.js';
import type { OrganizationStandards } from './schema.js';

/** What is to be done to an organisation outside its repositories. */
export interface OrganizationPlan {
  /** Before the repositories: settings and rulesets in one item, then one for each team to be made. */
  before: PlannedItem[];
  /** After them: one item for each team whose settings or members differ, or that goes. */
  after: PlannedItem[];
  /** What the file counts on and is not there; nothing may be written while there is any. */
  problems: string[];
  /** For the fuse. */
  removals: Counts;
  existing: Counts;
  /** Number of repositories in the organisation, those that no rule names included; absent of a release before. */
  repositories?: number;
}

function organizationItem(
  org: OrganizationStandards,
  state: OrganizationState,
  target: Target,
): PlannedItem[] {
  const settings = diffSettings(state.settings, org.settings);
  const wanted = new Map(org.rulesets.map((one) => [one.name, one.absent === true ? null : one]));
  const changes = [
    ...(settings === null
      ? []
      : [change('settings', 'organization_settings', '', settings.before, settings.after)]),
    ...diffRulesets(wanted, state.rulesets, 'organization_ruleset'),
  ];
  return changes.length === 0
    ? []
    : [{ item: `${state.login}/settings`, kind: 'organization', target, changes }];
}

function findProblems(org: OrganizationStandards, state: OrganizationState): string[] {
  const declared = new Map(org.teams.map((team) => [team.slug, team.absent !== true]));
  const missingTeams = requiredTeams(org).filter(
    (slug) => !(declared.get(slug) ?? (entry(state.teams, slug) ?? null) !== null),
  );
  return [
    ...missingTeams.map(
      (slug) => `team ${state.login}/${slug} is not there and not under "teams" of the file`,
    ),
    ...state.missingLogins.map((login) => `there is no GitHub user ${login}, whom the file names`),
    ...state.missingRepositories.map(
      (name) => `repository ${state.login}/${name} is not there, and a rule names it`,
    ),
    ...orphanedTeams(org, state, declared),
  ];
}

/** GitHub deletes a team's child teams with it, also those of which the file says nothing. */
function orphanedTeams(
  org: OrganizationStandards,
  state: OrganizationState,
  declared: ReadonlyMap<string, boolean>,
): string[] {
  // Of those that the file names anywhere the state tells more.
  const unnamed = Object.entries(state.childTeams).flatMap(([parent, children]) =>
    children
      .filter((slug) => !declared.has(slug) && !entry(state.teams, slug))
      .map((slug) => orphaned(state.login, parent, slug)),
  );
  return [...unnamed, ...orphanedByFile(org, state, declared)];
}

const orphaned = (login: string, parent: string, child: string): string =>
  `team ${login}/${parent} cannot be removed: GitHub would remove its child team ${child} with it`;

function orphanedByFile(
  org: OrganizationStandards,
  state: OrganizationState,
  declared: ReadonlyMap<string, boolean>,
): string[] {
  const newParents = new Map(
    org.teams.map((team) => [team.slug, team.absent === true ? undefined : team.parent]),
  );
  return Object.values(state.teams).flatMap((team) => {
    if (team === null || team.parent === null || declared.get(team.slug) === false) return [];
    const parent = newParents.get(team.slug) === undefined ? team.parent : newParents.get(team.slug);
    return parent !== null && parent !== undefined && declared.get(parent) === false
      ? [orphaned(state.login, parent, team.slug)]
      : [];
  });
}

/** The teams of the file, a parent before its children. The file has no circle of parents. */
function parentsFirst(org: OrganizationStandards): OrganizationStandards['teams'] {
  const parents = new Map(
    org.teams.map((team) => [team.slug, team.absent === true ? null : (team.parent ?? null)]),
  );
  const depth = (slug: string): number => {
    let levels = 0;
    for (let parent = parents.get(slug) ?? null; parent !== null && levels <= parents.size; levels += 1)
      parent = parents.get(parent) ?? null;
    return levels;
  };
  return [...org.teams].toSorted((left, right) => depth(left.slug) - depth(right.slug));
}

/** Removals come last, and a child before its parent, with which GitHub would remove it. */
function removalsLast(plans: readonly TeamPlan[], state: OrganizationState): PlannedItem[] {
  const depth = ({ slug }: TeamPlan): number => {
    let levels = 0;
    for (let at = entry(state.teams, slug)?.parent; at && levels <= plans.length; levels += 1)
      at = entry(state.teams, at)?.parent;
    return levels;
  };
  const removals = plans
    .filter((plan) => plan.removedTeams > 0)
    .toSorted((left, right) => depth(right) - depth(left));
  return [...plans.filter((plan) => plan.removedTeams === 0), ...removals].flatMap((plan) => plan.after);
}

/**
 * What changes an organisation, outside its repositories, from what it is to what the file wants. A team that is
 * missing is made empty in `before`, so that repositories can name it; `after` gives it its settings and members.
 */
export function planOrganization(org: OrganizationStandards, state: OrganizationState): OrganizationPlan {
  const target: Target = {
    owner: state.login,
    name: '',
    id: state.id,
    node_id: state.node_id,
    default_branch: null,
  };
  const plans: TeamPlan[] = parentsFirst(org).map((team) =>
    planTeam(team, entry(state.teams, team.slug) ?? null, state.login),
  );
  const settings = organizationItem(org, state, target);
  const removedRulesets = settings
    .flatMap((item) => item.changes)
    .filter((one) => one.action === 'delete').length;
  return {
    before: [...settings, ...plans.flatMap((plan) => plan.before)],
    after: removalsLast(plans, state),
    problems: findProblems(org, state),
    removals: {
      organization_ruleset: removedRulesets,
      team: plans.reduce((sum, plan) => sum + plan.removedTeams, 0),
      team_member: plans.reduce((sum, plan) => sum + plan.removedMembers, 0),
    },
    existing: {
      organization_ruleset: state.rulesets.length,
      team: state.teamCount,
      team_member: Object.values(state.teams).reduce(
        (sum, team) => sum + Object.keys(team?.members ?? {}).length,
        0,
      ),
    },
    repositories: state.repositoryCount,
  };
}
