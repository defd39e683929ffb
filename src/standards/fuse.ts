import type { StepKind } from './model.js';

/** How many of each kind. */
export type Counts = Partial<Record<StepKind, number>>;

/** DESIGN section 3: a plan that removes more than this share of a kind in an organisation, and at least so many. */
const SHARE = 0.25;
const LEAST = 4;

/**
 * The fuse on removals: why a plan is refused, one line for each kind of which it would remove too much; empty where
 * it may go on. `--allow-removals` is the way past it.
 */
export function checkRemovals(removals: Counts, existing: Counts): string[] {
  const refusals: string[] = [];
  for (const [kind, removed] of Object.entries(removals) as [StepKind, number][]) {
    const there = existing[kind] ?? 0;
    if (removed < LEAST || removed <= there * SHARE) continue;
    refusals.push(
      `would remove ${removed} of ${there} ${NAMES[kind]} (more than 25 %); if that is meant, add --allow-removals`,
    );
  }
  return refusals;
}

const NAMES: Record<StepKind, string> = {
  organization_settings: 'organisation settings',
  organization_ruleset: 'organisation rulesets',
  team: 'teams',
  team_settings: 'team settings',
  team_member: 'team members',
  repository_settings: 'repository settings',
  topics: 'topics',
  branch_protection: 'branch protections',
  team_repository: 'team permissions',
  label: 'labels',
  ruleset: 'rulesets',
  file: 'files',
  repository: 'repositories',
  issue: 'issues',
  connector: 'connector steps',
};
