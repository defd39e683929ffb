import { byText, isObject } from './json.js';
import type { Json, JsonObject } from './model.js';
import type { ProtectionBody } from './schema/protection.js';

/**
 * Branch protection in one form, so that what is there and what is wanted can be compared: the REST PUT body with every
 * key, lists sorted and without repeats.
 *
 * - `required_status_checks` holds `contexts`, or where a check is tied to an app `checks`, `app_id` -1 being any app;
 * - `dismissal_restrictions: {}` means that anyone may dismiss, as in the PUT;
 * - what is left out has GitHub's default.
 */

const FLAGS = [
  'enforce_admins',
  'required_linear_history',
  'allow_force_pushes',
  'allow_deletions',
  'block_creations',
  'required_conversation_resolution',
  'lock_branch',
  'allow_fork_syncing',
] as const;

const REVIEW_FLAGS = [
  'dismiss_stale_reviews',
  'require_code_owner_reviews',
  'require_last_push_approval',
] as const;

/** What GitHub takes where the count of approving reviews is left out. */
const DEFAULT_REVIEWS = 1;
const ANY_APP = -1;

const texts = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

/** Sorted, each once; case does not count in logins and slugs. */
function nameSet(names: readonly string[]): string[] {
  const byLower = new Map<string, string>();
  for (const name of names) if (!byLower.has(name.toLowerCase())) byLower.set(name.toLowerCase(), name);
  return [...byLower].toSorted(([left], [right]) => byText(left, right)).map(([, name]) => name);
}

function normalizeActors(value: Json | undefined): JsonObject {
  const actors = isObject(value) ? value : {};
  return {
    users: nameSet(texts(actors['users'])),
    teams: nameSet(texts(actors['teams'])),
    apps: nameSet(texts(actors['apps'])),
  };
}

/** App by context; {@link ANY_APP} where none is named. */
function appsByContext(value: JsonObject): Map<string, number> {
  const apps = new Map(texts(value['contexts']).map((context) => [context, ANY_APP]));
  for (const check of Array.isArray(value['checks']) ? value['checks'] : []) {
    if (!isObject(check) || typeof check['context'] !== 'string') continue;
    apps.set(check['context'], typeof check['app_id'] === 'number' ? check['app_id'] : ANY_APP);
  }
  return apps;
}

function checksBody(strict: boolean, apps: ReadonlyMap<string, number>): JsonObject {
  const sorted = [...apps].toSorted(([left], [right]) => byText(left, right));
  if (sorted.every(([, app]) => app === ANY_APP))
    return { strict, contexts: sorted.map(([context]) => context) };
  return { strict, checks: sorted.map(([context, app_id]) => ({ context, app_id })) };
}

function normalizeReviews(value: JsonObject): JsonObject {
  const restrictions = value['dismissal_restrictions'];
  const restricted = isObject(restrictions) && Object.keys(restrictions).length > 0;
  const count = value['required_approving_review_count'];
  return {
    dismissal_restrictions: restricted ? normalizeActors(restrictions) : {},
    ...Object.fromEntries(REVIEW_FLAGS.map((flag) => [flag, value[flag] === true])),
    required_approving_review_count: typeof count === 'number' ? count : DEFAULT_REVIEWS,
    bypass_pull_request_allowances: normalizeActors(value['bypass_pull_request_allowances']),
  };
}

/** A protection in the one form; `{}` is what GitHub makes of a rule about which nothing is said. */
export function normalizeProtection(body: JsonObject): JsonObject {
  const checks = body['required_status_checks'];
  const reviews = body['required_pull_request_reviews'];
  const restrictions = body['restrictions'];
  return {
    required_status_checks: isObject(checks)
      ? checksBody(checks['strict'] === true, appsByContext(checks))
      : null,
    required_pull_request_reviews: isObject(reviews) ? normalizeReviews(reviews) : null,
    restrictions: isObject(restrictions) ? normalizeActors(restrictions) : null,
    ...Object.fromEntries(FLAGS.map((flag) => [flag, body[flag] === true])),
  };
}

/** Wanted lists over what is there; a list that is not named, and the spelling of a name that is there, are kept. */
function mergeActors(live: Json | undefined, wanted: JsonObject): JsonObject {
  const there = normalizeActors(live);
  return normalizeActors(
    Object.fromEntries(
      Object.entries(there).map(([kind, names]) => [kind, mergeNames(texts(names), wanted[kind])]),
    ),
  );
}

function mergeNames(there: string[], wanted: Json | undefined): string[] {
  if (wanted === undefined) return there;
  const spelling = new Map(there.map((name) => [name.toLowerCase(), name]));
  return texts(wanted).map((name) => spelling.get(name.toLowerCase()) ?? name);
}

function mergeChecks(live: JsonObject, wanted: JsonObject): JsonObject {
  const there = appsByContext(live);
  const strict = (wanted['strict'] ?? live['strict']) === true;
  if (wanted['contexts'] === undefined && wanted['checks'] === undefined) return checksBody(strict, there);
  // GitHub itself ties a context to the app that last set it, so a check whose app is not named keeps the one it has.
  const named = new Set(
    (Array.isArray(wanted['checks']) ? wanted['checks'] : []).flatMap((check) =>
      isObject(check) && typeof check['app_id'] === 'number' ? [check['context']] : [],
    ),
  );
  const apps = [...appsByContext(wanted)].map(([context, app]): [string, number] => [
    context,
    named.has(context) ? app : (there.get(context) ?? app),
  ]);
  return checksBody(strict, new Map(apps));
}

function mergeReviews(live: JsonObject, wanted: JsonObject): JsonObject {
  const there = normalizeReviews(live);
  const dismissal = wanted['dismissal_restrictions'];
  const bypass = wanted['bypass_pull_request_allowances'];
  return normalizeReviews({
    ...there,
    ...wanted,
    dismissal_restrictions:
      isObject(dismissal) && Object.keys(dismissal).length > 0
        ? mergeActors(there['dismissal_restrictions'], dismissal)
        : (dismissal ?? there['dismissal_restrictions'] ?? {}),
    bypass_pull_request_allowances: isObject(bypass)
      ? mergeActors(there['bypass_pull_request_allowances'], bypass)
      : (there['bypass_pull_request_allowances'] ?? {}),
  });
}

type Checks = NonNullable<ProtectionBody['required_status_checks']>;

/** What a later rule names of the checks stands; contexts and checks are two spellings of one list. */
function overrideChecks(earlier: Checks, later: Checks): Checks {
  if (later.contexts === undefined && later.checks === undefined) return { ...earlier, ...later };
  return { ...(earlier.strict === undefined ? {} : { strict: earlier.strict }), ...later };
}

/** An earlier rule's body with a later one's over it: key by key, also inside checks and reviews. */
export function overrideProtection(earlier: ProtectionBody, later: ProtectionBody): ProtectionBody {
  const merged = { ...earlier, ...later };
  if (earlier.required_status_checks && later.required_status_checks)
    merged.required_status_checks = overrideChecks(
      earlier.required_status_checks,
      later.required_status_checks,
    );
  if (earlier.required_pull_request_reviews && later.required_pull_request_reviews)
    merged.required_pull_request_reviews = {
      ...earlier.required_pull_request_reviews,
      ...later.required_pull_request_reviews,
    };
  return merged;
}

/** The protection to write: what the file names over what is there, in the one form. */
export function mergeProtection(live: JsonObject | null, body: ProtectionBody): JsonObject {
  const wanted = body as JsonObject;
  const there = normalizeProtection(live ?? {});
  const merged: JsonObject = { ...there, ...wanted };
  const nested = {
    required_status_checks: mergeChecks,
    required_pull_request_reviews: mergeReviews,
    restrictions: mergeActors,
  };
  for (const [key, merge] of Object.entries(nested)) {
    const value = wanted[key];
    const current = there[key];
    if (isObject(value)) merged[key] = merge(isObject(current) ? current : {}, value);
  }
  return normalizeProtection(merged);
}

/** Whether a protection names people, teams or apps that may do what others may not. */
export function namesActors(body: JsonObject): boolean {
  const reviews = isObject(body['required_pull_request_reviews'])
    ? body['required_pull_request_reviews']
    : {};
  const named = [
    body['restrictions'],
    reviews['dismissal_restrictions'],
    reviews['bypass_pull_request_allowances'],
    body['bypass_force_push_allowances'],
  ];
  return named.some(
    (actors) =>
      isObject(actors) && Object.values(actors).some((list) => Array.isArray(list) && list.length > 0),
  );
}
