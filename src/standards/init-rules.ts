import { isBranchPattern } from '../security/identifiers.js';
import { byText, canonicalJson, entry } from './json.js';
import type { Json, JsonObject, RepositoryState } from './model.js';
import { normalizeProtection } from './protection.js';
import { normalizeRuleset } from './rulesets.js';
import { repositoryRule } from './schema/repositories.js';
import { repositorySettings } from './schema/settings.js';

/** One thing that repositories have or have not: what it is in each, and how a rule says so. */
interface Aspect {
  /** Null: the repository has none; undefined: nothing can be said of it there. */
  valueIn(repository: RepositoryState): Json | undefined;
  /** The part of a rule that says it; null being none. */
  say(value: Json): JsonObject;
  /** Worth naming in a rule for those few that have it, when most have it not. */
  exceptional: boolean;
}

type Repositories = readonly RepositoryState[];

const namesIn = (repositories: Repositories, namesOf: (repository: RepositoryState) => string[]): string[] =>
  [...new Set(repositories.flatMap(namesOf))].toSorted(byText);

function settingAspects(repositories: Repositories, leftOut: readonly string[]): Aspect[] {
  const known = Object.entries(repositorySettings.shape).filter(([field, schema]) => {
    const fits = (one: RepositoryState) => schema.safeParse(entry(one.settings, field) ?? undefined).success;
    const given = (one: RepositoryState) => (entry(one.settings, field) ?? null) !== null;
    return !leftOut.includes(field) && repositories.every((one) => given(one) && fits(one));
  });
  return known.map(([field]) => ({
    valueIn: (one) => entry(one.settings, field) ?? null,
    say: (value) => ({ settings: { [field]: value } }),
    exceptional: true,
  }));
}

/** Topics only add, so only what all have is a standard. */
function topicAspects(repositories: Repositories): Aspect[] {
  return namesIn(repositories, (one) => one.topics)
    .filter((topic) => repositories.every((one) => one.topics.includes(topic)))
    .map((topic) => ({ valueIn: () => topic, say: () => ({ topics: [topic] }), exceptional: false }));
}

function protectionAspects(repositories: Repositories): Aspect[] {
  const patterns = namesIn(repositories, (one) =>
    Object.keys(one.branch_protection).filter((pattern) => pattern !== one.default_branch),
  );
  return ['$default', ...patterns].map((pattern) => ({
    valueIn(one) {
      if (one.empty && !isBranchPattern(pattern)) return undefined;
      const live = entry(
        one.branch_protection,
        pattern === '$default' ? (one.default_branch ?? '') : pattern,
      );
      return live === undefined ? null : normalizeProtection(live);
    },
    say: (value) => ({ branch_protection: { [pattern]: value ?? { absent: true } } }),
    exceptional: true,
  }));
}

function teamAspects(repositories: Repositories): Aspect[] {
  return namesIn(repositories, (one) => Object.keys(one.teams)).map((slug) => ({
    valueIn: (one) => entry(one.teams, slug) ?? null,
    say: (value) => ({ teams: { [slug]: value ?? 'absent' } }),
    exceptional: true,
  }));
}

function labelAspects(repositories: Repositories): Aspect[] {
  const spelling = new Map(
    repositories.flatMap((one) => one.labels.map(({ name }) => [name.toLowerCase(), name])),
  );
  return [...spelling.keys()].toSorted(byText).map((key) => ({
    valueIn(one) {
      const label = one.labels.find((candidate) => candidate.name.toLowerCase() === key);
      return label === undefined
        ? null
        : { color: label.color.toLowerCase(), description: label.description || null };
    },
    say: (value) => ({
      labels: [{ name: spelling.get(key) ?? key, ...((value as JsonObject | null) ?? { absent: true }) }],
    }),
    exceptional: false,
  }));
}

function rulesetAspects(repositories: Repositories): Aspect[] {
  return namesIn(repositories, (one) => one.rulesets.map(({ name }) => name)).map((name) => ({
    valueIn(one) {
      const ruleset = one.rulesets.find((candidate) => candidate.name === name);
      return ruleset === undefined ? null : { ...normalizeRuleset(ruleset) };
    },
    say: (value) => ({ rulesets: [(value as JsonObject | null) ?? { name, absent: true }] }),
    exceptional: true,
  }));
}

/** What most have; of equals the one that comes first as text, so that the same state makes the same file. */
function mostCommon(values: readonly Json[]): Json {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(canonicalJson(value), (counts.get(canonicalJson(value)) ?? 0) + 1);
  const [first] = [...counts].toSorted(([left, some], [right, more]) => more - some || byText(left, right));
  return first === undefined ? null : (JSON.parse(first[0]) as Json);
}

/** Adds a part to a rule: lists grow, maps take the keys. */
function addTo(rule: JsonObject, part: JsonObject): void {
  for (const [key, value] of Object.entries(part)) {
    const there = rule[key];
    rule[key] = Array.isArray(value)
      ? [...(Array.isArray(there) ? there : []), ...value]
      : { ...(there as JsonObject | undefined), ...(value as JsonObject) };
  }
}

/** Whether a rule may say so: GitHub may hold what this version's schema does not know. */
const isKnown = (part: JsonObject): boolean => repositoryRule.safeParse({ match: ['*'], ...part }).success;

/**
 * Rules that say what the repositories are: one for all with what most have, and for what is different rules with names,
 * repositories that differ in the same way together. Archived ones take no part.
 */
export function commonAndExceptions(all: Repositories, leftOutSettings: readonly string[]): JsonObject[] {
  const repositories = all.filter((one) => !one.archived);
  if (repositories.length === 0) return [];
  const aspects = [
    ...settingAspects(repositories, leftOutSettings),
    ...topicAspects(repositories),
    ...protectionAspects(repositories),
    ...rulesetAspects(repositories),
    ...teamAspects(repositories),
    ...labelAspects(repositories),
  ];
  const common: JsonObject = { match: ['*'] };
  const exceptions = new Map<RepositoryState, JsonObject>(repositories.map((one) => [one, {}]));
  for (const aspect of aspects) {
    const values = new Map(repositories.map((one) => [one, aspect.valueIn(one)]));
    const said = [...values.values()].filter((value) => value !== undefined);
    if (!said.every((value) => isKnown(aspect.say(value)))) continue;
    const most = mostCommon(said);
    if (most !== null) addTo(common, aspect.say(most));
    else if (!aspect.exceptional) continue;
    for (const [one, value] of values) {
      const rule = exceptions.get(one);
      if (rule !== undefined && value !== undefined && canonicalJson(value) !== canonicalJson(most))
        addTo(rule, aspect.say(value));
    }
  }
  return [common, ...groupedRules(exceptions)];
}

function groupedRules(exceptions: ReadonlyMap<RepositoryState, JsonObject>): JsonObject[] {
  const groups = new Map<string, { names: string[]; rule: JsonObject }>();
  for (const [{ name }, rule] of exceptions) {
    if (Object.keys(rule).length === 0) continue;
    const key = canonicalJson(rule);
    const group = groups.get(key) ?? { names: [], rule };
    group.names.push(name);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ names, rule }) => ({ match: names.toSorted(byText), ...rule }));
}
