import { invalidRequest, missingKeys, validationFailed } from '../errors.js';
import type {
  Actors,
  BranchProtectionRule,
  Organization,
  Repository,
  ReviewRequirements,
  StatusCheck,
} from './model.js';
import { refuseArchived } from './repositories.js';
import { fold, placeOf, type State, type Writer } from './state.js';

type Body = Readonly<Record<string, unknown>>;

/** The part of a rule that a write may set; all of it is what a checker compares. */
export type ProtectionSettings = Omit<
  BranchProtectionRule,
  'kind' | 'id' | 'node_id' | 'repository' | 'pattern'
>;

export const noActors = (): Actors => ({ users: [], teams: [], apps: [] });

export const defaultProtection = (): ProtectionSettings => ({
  required_status_checks: null,
  required_pull_request_reviews: null,
  restrictions: null,
  enforce_admins: false,
  required_linear_history: false,
  allow_force_pushes: false,
  bypass_force_push_allowances: noActors(),
  allow_deletions: false,
  block_creations: false,
  required_conversation_resolution: false,
  lock_branch: false,
  allow_fork_syncing: false,
  required_signatures: false,
  required_deployments: null,
});

const actorNames = (actors: Actors) => ({
  users: actors.users.map((user) => user.login).toSorted(),
  teams: actors.teams.map((team) => team.slug).toSorted(),
  apps: actors.apps.map((app) => app.slug).toSorted(),
});

const contextOf = (check: StatusCheck): string => check.context;

/** A rule as plain values by REST names, actors by login and slug. */
export function protectionValue(rule: ProtectionSettings): Record<string, unknown> {
  const checks = rule.required_status_checks;
  const reviews = rule.required_pull_request_reviews;
  return {
    required_status_checks: checks && {
      strict: checks.strict,
      checks: checks.checks.toSorted((a, b) => (contextOf(a) < contextOf(b) ? -1 : 1)),
    },
    required_pull_request_reviews: reviews && {
      ...reviews,
      dismissal_restrictions: reviews.dismissal_restrictions && actorNames(reviews.dismissal_restrictions),
      bypass_pull_request_allowances: actorNames(reviews.bypass_pull_request_allowances),
    },
    restrictions: rule.restrictions && actorNames(rule.restrictions),
    enforce_admins: rule.enforce_admins,
    required_linear_history: rule.required_linear_history,
    allow_force_pushes: rule.allow_force_pushes,
    bypass_force_push_allowances: actorNames(rule.bypass_force_push_allowances),
    allow_deletions: rule.allow_deletions,
    block_creations: rule.block_creations,
    required_conversation_resolution: rule.required_conversation_resolution,
    lock_branch: rule.lock_branch,
    allow_fork_syncing: rule.allow_fork_syncing,
    required_signatures: rule.required_signatures,
    required_deployments: rule.required_deployments,
  };
}

const names = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

/** Actors by login and slug. Names that are not known are left out without a word, as GitHub does. */
function actorsFrom(state: State, organization: Organization, value: unknown): Actors {
  const given = value as { users?: unknown; teams?: unknown; apps?: unknown };
  return {
    users: names(given.users).flatMap((login) => state.users.get(fold(login)) ?? []),
    teams: names(given.teams).flatMap((slug) => organization.teams.get(slug) ?? []),
    apps: names(given.apps).map((slug) => state.addApp(slug)),
  };
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

function reviewsFrom(state: State, organization: Organization, body: Body): ReviewRequirements {
  const count = body['required_approving_review_count'] ?? 1;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0 || count > 6)
    throw invalidRequest(
      `For 'properties/required_approving_review_count', ${JSON.stringify(count)} is not between 0 and 6.`,
    );
  const dismissal = body['dismissal_restrictions'];
  return {
    dismiss_stale_reviews: body['dismiss_stale_reviews'] === true,
    require_code_owner_reviews: body['require_code_owner_reviews'] === true,
    required_approving_review_count: count,
    require_last_push_approval: body['require_last_push_approval'] === true,
    dismissal_restrictions:
      dismissal === undefined || dismissal === null || isEmptyObject(dismissal)
        ? null
        : actorsFrom(state, organization, dismissal),
    bypass_pull_request_allowances: actorsFrom(
      state,
      organization,
      body['bypass_pull_request_allowances'] ?? {},
    ),
  };
}

function checksFrom(body: Body): { strict: boolean; checks: StatusCheck[] } {
  if (typeof body['strict'] !== 'boolean') throw missingKeys(['strict']);
  const { checks, contexts } = body;
  if (!Array.isArray(checks) && !Array.isArray(contexts)) throw missingKeys(['contexts']);
  const list: StatusCheck[] = Array.isArray(checks)
    ? checks.map((check: { context: string; app_id?: number | null }) => ({
        context: check.context,
        // -1 means any app, which is what null means in the answer.
        app_id: check.app_id === undefined || check.app_id === -1 ? null : check.app_id,
      }))
    : names(contexts).map((context) => ({ context, app_id: null }));
  const unique = new Map(list.map((check) => [check.context, check]));
  return { strict: body['strict'], checks: [...unique.values()] };
}

const REQUIRED = [
  'required_status_checks',
  'enforce_admins',
  'required_pull_request_reviews',
  'restrictions',
];
const OPTIONAL = [
  'required_linear_history',
  'allow_force_pushes',
  'allow_deletions',
  'block_creations',
  'required_conversation_resolution',
  'lock_branch',
  'allow_fork_syncing',
] as const;

function part(body: Body, key: string): Body | null {
  const value = body[key];
  if (value !== null && (typeof value !== 'object' || Array.isArray(value)))
    throw invalidRequest(`For 'properties/${key}', ${JSON.stringify(value)} is not an object or null.`);
  return value as Body | null;
}

/** The whole protection that a REST PUT asks for. What it does not name falls back to false, as on GitHub. */
export function protectionFromRest(
  state: State,
  organization: Organization,
  body: Body,
  present: BranchProtectionRule | undefined,
): ProtectionSettings {
  const missing = REQUIRED.filter((key) => body[key] === undefined);
  if (missing.length > 0) throw missingKeys(missing);
  const enforce = body['enforce_admins'];
  if (enforce !== null && typeof enforce !== 'boolean')
    throw invalidRequest(
      `For 'properties/enforce_admins', ${JSON.stringify(enforce)} is not a boolean or null.`,
    );
  const checks = part(body, 'required_status_checks');
  const reviews = part(body, 'required_pull_request_reviews');
  const restrictions = part(body, 'restrictions');
  const next = defaultProtection();
  for (const key of OPTIONAL) {
    const value = body[key];
    if (value !== undefined && value !== null && typeof value !== 'boolean')
      throw invalidRequest(`For 'properties/${key}', ${JSON.stringify(value)} is not a boolean.`);
    next[key] = value === true;
  }
  return {
    ...next,
    required_status_checks: checks && checksFrom(checks),
    required_pull_request_reviews: reviews && reviewsFrom(state, organization, reviews),
    restrictions: restrictions && actorsFrom(state, organization, restrictions),
    enforce_admins: enforce === true,
    required_signatures: present?.required_signatures ?? false,
    required_deployments: present?.required_deployments ?? null,
  };
}

/** Sets the rule with that exact pattern, making it where there is none. */
export function putProtection(
  writer: Writer,
  repository: Repository,
  pattern: string,
  settings: ProtectionSettings,
): BranchProtectionRule {
  refuseArchived(repository);
  const place = placeOf(repository, `protection/${pattern}`);
  const present = repository.protections.get(pattern);
  if (present !== undefined) {
    const before = protectionValue(present);
    Object.assign(present, settings);
    writer.record('branch_protection.put', place, before, protectionValue(present));
    return present;
  }
  const rule = writer.state.register<BranchProtectionRule>({
    kind: 'BranchProtectionRule',
    ...writer.state.identify('BranchProtectionRule'),
    repository,
    pattern,
    ...settings,
  });
  repository.protections.set(pattern, rule);
  writer.record('branch_protection.put', place, null, protectionValue(rule));
  return rule;
}

export function changePattern(writer: Writer, rule: BranchProtectionRule, pattern: string): void {
  if (rule.pattern === pattern) return;
  const { repository } = rule;
  if (repository.protections.has(pattern))
    throw validationFailed({
      resource: 'BranchProtectionRule',
      code: 'already_exists',
      field: 'pattern',
      message: `Name already protected: ${pattern}`,
    });
  repository.protections.delete(rule.pattern);
  repository.protections.set(pattern, rule);
  writer.record(
    'branch_protection.pattern',
    placeOf(repository, `protection/${rule.pattern}`),
    rule.pattern,
    pattern,
  );
  rule.pattern = pattern;
}

export function deleteProtection(writer: Writer, rule: BranchProtectionRule): void {
  const { repository } = rule;
  refuseArchived(repository);
  repository.protections.delete(rule.pattern);
  writer.state.nodes.delete(rule.node_id);
  writer.record(
    'branch_protection.delete',
    placeOf(repository, `protection/${rule.pattern}`),
    protectionValue(rule),
    null,
  );
}
