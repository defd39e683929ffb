import picomatch from 'picomatch';
import { conflict } from '../errors.js';
import type { BranchProtectionRule, Repository, Ruleset } from './model.js';
import { refuseArchived } from './repositories.js';
import type { Writer } from './state.js';

/** The rule that governs a branch: the one with its exact name, else the oldest whose pattern matches it. */
export function protectionOf(repository: Repository, branch: string): BranchProtectionRule | undefined {
  const exact = repository.protections.get(branch);
  if (exact !== undefined) return exact;
  return [...repository.protections.values()].find((rule) => picomatch.isMatch(branch, rule.pattern));
}

function covers(repository: Repository, ruleset: Ruleset, branch: string): boolean {
  if (ruleset.enforcement !== 'active' || ruleset.target !== 'branch') return false;
  const condition = ruleset.conditions['ref_name'] as { include?: string[]; exclude?: string[] } | undefined;
  const matches = (pattern: string): boolean =>
    pattern === '~ALL' ||
    (pattern === '~DEFAULT_BRANCH'
      ? branch === repository.settings['default_branch']
      : picomatch.isMatch(`refs/heads/${branch}`, pattern));
  return (condition?.include ?? []).some(matches) && !(condition?.exclude ?? []).some(matches);
}

/** Throws 409 where a direct commit to the branch is not allowed to the writer, who is an administrator. */
export function refuseProtectedPush(
  writer: Writer,
  repository: Repository,
  branch: string,
  verb: string,
): void {
  refuseArchived(repository);
  for (const ruleset of repository.rulesets.values()) {
    const demands = ruleset.rules.some((rule) => rule.type === 'pull_request');
    if (demands && ruleset.bypass_actors.length === 0 && covers(repository, ruleset, branch))
      throw conflict('Repository rule violations found\n\nChanges must be made through a pull request.\n\n');
  }
  const rule = protectionOf(repository, branch);
  if (rule === undefined || !repository.branches.has(branch)) return;
  if (rule.lock_branch && rule.enforce_admins)
    throw conflict(`Could not ${verb} file: Cannot change this locked branch`);
  if (!rule.enforce_admins) return;
  const { actor } = writer;
  const reviews = rule.required_pull_request_reviews;
  if (reviews !== null && !reviews.bypass_pull_request_allowances.users.some((user) => user === actor))
    throw conflict(`Could not ${verb} file: Changes must be made through a pull request.`);
  if (rule.restrictions !== null && !rule.restrictions.users.some((user) => user === actor))
    throw conflict(`Could not ${verb} file: You're not authorized to push to this branch.`);
  if (rule.required_status_checks !== null && rule.required_status_checks.checks.length > 0)
    throw conflict(
      `Could not ${verb} file: Required status check "${rule.required_status_checks.checks[0]?.context}" is expected.`,
    );
}
