import picomatch from 'picomatch';
import type { JsonObject, Permission, RepositoryState } from './model.js';
import { overrideProtection } from './protection.js';
import type { ProtectionBody } from './schema/protection.js';
import type { FileRule, PresentLabel, RepositoryRule } from './schema/repositories.js';
import type { PresentRuleset } from './schema/rulesets.js';
import type { OrganizationStandards } from './schema.js';

/** What a rule can be narrowed by. */
export type RepositoryFacts = Pick<RepositoryState, 'name' | 'visibility' | 'topics' | 'archived'>;

/** What the rules together want of one repository. Null, and false for a topic, mean: not there. */
export interface WantedRepository {
  settings: JsonObject;
  topics: ReadonlyMap<string, boolean>;
  /** By pattern, `$default` among them. */
  branch_protection: ReadonlyMap<string, ProtectionBody | null>;
  /** By slug. */
  teams: ReadonlyMap<string, Permission | null>;
  /** By name in lower case. */
  labels: ReadonlyMap<string, { name: string; label: PresentLabel | null }>;
  rulesets: ReadonlyMap<string, PresentRuleset | null>;
  /** By path. */
  files: ReadonlyMap<string, FileRule>;
}

const matchers = new WeakMap<readonly string[], (name: string) => boolean>();

/** Case does not count, as in GitHub's names; a leading dot is a character like any other. */
function matches(globs: readonly string[], name: string): boolean {
  let matcher = matchers.get(globs);
  if (matcher === undefined) {
    // A name has no folders, so `**` is `*`; picomatch reads three stars and more as something else again.
    const plain = globs.map((glob) => glob.replace(/\*+/g, '*'));
    matcher = picomatch(plain, {
      dot: true,
      nocase: true,
      noextglob: true,
      posix: true,
      fastpaths: false,
    });
    matchers.set(globs, matcher);
  }
  return matcher(name);
}

function applies(rule: RepositoryRule, facts: RepositoryFacts): boolean {
  return (
    matches(rule.match, facts.name) &&
    !(rule.exclude !== undefined && rule.exclude.length > 0 && matches(rule.exclude, facts.name)) &&
    (rule.visibility === undefined || rule.visibility.some((one) => one === facts.visibility)) &&
    (rule.with_topics === undefined || rule.with_topics.every((topic) => facts.topics.includes(topic))) &&
    (rule.archived === undefined || rule.archived === facts.archived)
  );
}

/** What one rule after the other is written into. */
class Resolution implements WantedRepository {
  settings: JsonObject = {};
  readonly topics = new Map<string, boolean>();
  readonly branch_protection = new Map<string, ProtectionBody | null>();
  readonly teams = new Map<string, Permission | null>();
  readonly labels = new Map<string, { name: string; label: PresentLabel | null }>();
  readonly rulesets = new Map<string, PresentRuleset | null>();
  readonly files = new Map<string, FileRule>();

  add(rule: RepositoryRule): void {
    this.settings = { ...this.settings, ...rule.settings };
    for (const topic of rule.topics ?? []) {
      if (typeof topic === 'string') this.topics.set(topic, true);
      else this.topics.set(topic.name, false);
    }
    this.addProtections(rule);
    for (const [slug, permission] of Object.entries(rule.teams ?? {}))
      this.teams.set(slug, permission === 'absent' ? null : permission);
    for (const label of rule.labels ?? [])
      this.labels.set(label.name.toLowerCase(), {
        name: label.name,
        label: label.absent === true ? null : label,
      });
    for (const ruleset of rule.rulesets ?? [])
      this.rulesets.set(ruleset.name, ruleset.absent === true ? null : ruleset);
    for (const file of rule.files ?? []) this.files.set(file.path, file);
  }

  private addProtections(rule: RepositoryRule): void {
    for (const [pattern, wanted] of Object.entries(rule.branch_protection ?? {})) {
      if (wanted.absent === true) {
        this.branch_protection.set(pattern, null);
        continue;
      }
      const { absent: _absent, ...body } = wanted;
      this.branch_protection.set(
        pattern,
        overrideProtection(this.branch_protection.get(pattern) ?? {}, body),
      );
    }
  }
}

/**
 * What the file wants of a repository: its rules in order, a later one overriding an earlier one key by key.
 * Null where no rule is about it.
 */
export function resolveRepository(
  org: OrganizationStandards,
  facts: RepositoryFacts,
): WantedRepository | null {
  const rules = org.repositories.filter((rule) => applies(rule, facts));
  if (rules.length === 0) return null;
  const resolution = new Resolution();
  for (const rule of rules) resolution.add(rule);
  return resolution;
}
