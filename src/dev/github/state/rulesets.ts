import { invalidRequest, missingKeys, notFound, validationFailed } from '../errors.js';
import type { Place } from '../journal.js';
import type { BypassActor, Organization, Repository, Ruleset, RulesetRule } from './model.js';
import { placeOf, type Writer } from './state.js';

type Body = Readonly<Record<string, unknown>>;
type Source = Organization | Repository;

const TARGETS = ['branch', 'tag', 'push', 'repository'];
const ENFORCEMENTS = ['active', 'disabled', 'evaluate'];

/** What GitHub adds to a rule's parameters that leave it out; some of it only REST shows. */
const ADDED: Readonly<Record<string, Record<string, unknown>>> = {
  pull_request: {
    allowed_merge_methods: ['merge', 'squash', 'rebase'],
    automatic_copilot_code_review_enabled: false,
    dismiss_stale_reviews_on_push: false,
    require_code_owner_review: false,
    require_last_push_approval: false,
    required_approving_review_count: 0,
    required_review_thread_resolution: false,
    required_reviewers: [],
  },
  required_status_checks: {
    do_not_enforce_on_create: false,
    required_status_checks: [],
    strict_required_status_checks_policy: false,
  },
};

const place = (source: Source, name: string): Place =>
  source.kind === 'Repository'
    ? placeOf(source, `rulesets/${name}`)
    : { organization: source.login, target: `${source.login}/rulesets/${name}` };

/** A ruleset as plain values by REST names, without ids. */
export const rulesetValue = (ruleset: Ruleset) => ({
  name: ruleset.name,
  target: ruleset.target,
  enforcement: ruleset.enforcement,
  bypass_actors: ruleset.bypass_actors,
  conditions: ruleset.conditions,
  rules: ruleset.rules.map(ruleValue),
});

const ruleValue = (rule: RulesetRule) => ({
  type: rule.type,
  ...(rule.parameters === null ? {} : { parameters: rule.parameters }),
});

function rulesFrom(writer: Writer, ruleset: Ruleset, value: unknown): RulesetRule[] {
  if (!Array.isArray(value))
    throw invalidRequest(`For 'properties/rules', ${JSON.stringify(value)} is not an array.`);
  return value.map((given: Body) => {
    if (typeof given['type'] !== 'string') throw missingKeys(['type']);
    const { type, parameters } = given as { type: string; parameters?: Record<string, unknown> };
    const added = ADDED[type];
    return writer.state.register<RulesetRule>({
      kind: 'RepositoryRule',
      ...writer.state.identify('RepositoryRule'),
      ruleset,
      type,
      parameters: added === undefined ? (parameters ?? null) : { ...added, ...parameters },
    });
  });
}

const bypassFrom = (value: unknown): BypassActor[] =>
  (Array.isArray(value) ? value : []).map((given: Partial<BypassActor>) => ({
    actor_id: given.actor_id ?? null,
    actor_type: given.actor_type ?? 'Team',
    bypass_mode: given.bypass_mode ?? 'always',
  }));

function oneOf(values: readonly string[], key: string, value: unknown): string {
  if (!values.includes(String(value)))
    throw invalidRequest(
      `For 'properties/${key}', ${JSON.stringify(value)} is not a possible value. Must be one of the following: ${values.join(', ')}.`,
    );
  return String(value);
}

function assign(writer: Writer, ruleset: Ruleset, body: Body): void {
  const { name } = body;
  if (name !== undefined) {
    if (typeof name !== 'string' || name === '') throw missingKeys(['name']);
    for (const other of ruleset.source.rulesets.values())
      if (other !== ruleset && other.name === name)
        throw validationFailed({
          resource: 'Ruleset',
          code: 'custom',
          field: 'name',
          message: 'Name must be unique',
        });
  }
  const target = body['target'] === undefined ? ruleset.target : oneOf(TARGETS, 'target', body['target']);
  const enforcement =
    body['enforcement'] === undefined
      ? ruleset.enforcement
      : oneOf(ENFORCEMENTS, 'enforcement', body['enforcement']);
  const rules = body['rules'] === undefined ? ruleset.rules : rulesFrom(writer, ruleset, body['rules']);
  Object.assign(ruleset, { name: name ?? ruleset.name, target, enforcement, rules });
  if (body['bypass_actors'] !== undefined) ruleset.bypass_actors = bypassFrom(body['bypass_actors']);
  if (body['conditions'] !== undefined)
    ruleset.conditions = (body['conditions'] as Record<string, unknown> | null) ?? {};
}

export function createRuleset(writer: Writer, source: Source, body: Body): Ruleset {
  const missing = ['name', 'enforcement'].filter((key) => body[key] === undefined);
  if (missing.length > 0) throw missingKeys(missing);
  const now = writer.state.timestamp();
  const ruleset: Ruleset = {
    kind: 'RepositoryRuleset',
    ...writer.state.identify('RepositoryRuleset'),
    source,
    name: '',
    target: 'branch',
    enforcement: 'disabled',
    bypass_actors: [],
    conditions: {},
    rules: [],
    created_at: now,
    updated_at: now,
  };
  assign(writer, ruleset, body);
  writer.state.register(ruleset);
  source.rulesets.set(ruleset.id, ruleset);
  writer.record('ruleset.create', place(source, ruleset.name), null, rulesetValue(ruleset));
  return ruleset;
}

/** Applies the named fields; rules and conditions are replaced whole. */
export function updateRuleset(writer: Writer, ruleset: Ruleset, body: Body): void {
  const before = rulesetValue(ruleset);
  const where = place(ruleset.source, ruleset.name);
  assign(writer, ruleset, body);
  ruleset.updated_at = writer.state.timestamp();
  writer.record('ruleset.update', where, before, rulesetValue(ruleset));
}

export function deleteRuleset(writer: Writer, ruleset: Ruleset): void {
  ruleset.source.rulesets.delete(ruleset.id);
  writer.state.nodes.delete(ruleset.node_id);
  writer.record('ruleset.delete', place(ruleset.source, ruleset.name), rulesetValue(ruleset), null);
}

export function findRuleset(source: Source, id: string | number): Ruleset {
  const ruleset = source.rulesets.get(Number(id));
  if (ruleset === undefined) throw notFound();
  return ruleset;
}
