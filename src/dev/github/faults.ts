import picomatch from 'picomatch';
import { seededRandom } from './random.js';

export interface FaultMatch {
  method?: string;
  /** Glob, or `/regular expression/`, on the path without `/api/v3`; GraphQL is `/graphql`. */
  path?: string;
  /** A GraphQL mutation field, for example `updateBranchProtectionRule`. */
  operation?: string;
  /** Glob on `owner/name`, or on the name alone. */
  repo?: string;
  /** Part of the User-Agent, or the token's fingerprint as the journal shows it. */
  caller?: string;
  /** Writes only, or reads only; over GraphQL too. */
  write?: boolean;
}

export interface FaultRule {
  id?: string;
  match: FaultMatch;
  /** `before` (default): the change is not applied. `after`: it is applied, then the fault. */
  when?: 'before' | 'after';
  /**
   * - `status`: answers with `status`, `body`, `headers`.
   * - `reset`: the connection is reset.
   * - `hang`: no answer for `ms` (at most and by default 120 s), then a reset.
   * - `delay`: the true answer, `ms` later; `before` puts the wait before the change.
   * - `malformed`: status 200 with half of a JSON document.
   * - `apply-later`: answers `status` (502) after `ms`; the change is applied `apply_ms` after the request came.
   * - `graphql-error`: that alias alone fails, with `type` and `message`.
   * - `lag`: a read shows the state as it was `lagMs` ago, see the simulator's option of that name.
   */
  kind: 'status' | 'reset' | 'hang' | 'delay' | 'malformed' | 'apply-later' | 'graphql-error' | 'lag';
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  ms?: number;
  /** For `apply-later`: drawn from 1 to 2 times `ms` where absent. */
  apply_ms?: number;
  /** For `graphql-error`. */
  type?: string;
  message?: string;
  /** For a GraphQL request with mutations and `when: 'after'`: only so many of its first mutations are applied. */
  apply_first?: number;
  /** How often it strikes; for ever where absent. */
  times?: number;
  /** 0 to 1; always where absent. */
  probability?: number;
  seed?: number;
  /** So many matching requests pass first. */
  skip?: number;
}

/** What a rule is matched against. A GraphQL request has one `operation` and `repo` for each mutation in it. */
export interface FaultSubject {
  method: string;
  paths: readonly string[];
  operations: readonly { field: string; repo: string | null }[];
  repo: string | null;
  write: boolean;
  userAgent: string;
  token: string | null;
}

interface ActiveRule {
  rule: FaultRule & { id: string };
  seen: number;
  struck: number;
  random: () => number;
  path: ((path: string) => boolean) | null;
  repo: ((name: string) => boolean) | null;
}

export interface Strike {
  rule: FaultRule & { id: string };
  /** The rule's own sequence of numbers, for what else must be drawn. */
  random: () => number;
}

function pathMatcher(pattern: string): (path: string) => boolean {
  if (pattern.length > 2 && pattern.startsWith('/') && pattern.endsWith('/')) {
    const expression = new RegExp(pattern.slice(1, -1));
    return (path) => expression.test(path);
  }
  return picomatch(pattern, { dot: true });
}

function repositoryMatcher(pattern: string): (name: string) => boolean {
  const isMatch = picomatch(pattern.toLowerCase(), { dot: true });
  const whole = pattern.includes('/');
  return (name) => isMatch(whole ? name.toLowerCase() : (name.toLowerCase().split('/')[1] ?? ''));
}

function matchesTarget({ rule, repo }: ActiveRule, subject: FaultSubject): boolean {
  const { operation } = rule.match;
  const matchesRepo = (name: string | null): boolean => repo === null || (name !== null && repo(name));
  if (subject.operations.length > 0)
    return subject.operations.some(
      (each) => (operation === undefined || each.field === operation) && matchesRepo(each.repo),
    );
  return operation === undefined && matchesRepo(subject.repo);
}

function matches(active: ActiveRule, subject: FaultSubject): boolean {
  const { match } = active.rule;
  if (match.method !== undefined && match.method.toUpperCase() !== subject.method) return false;
  if (match.write !== undefined && match.write !== subject.write) return false;
  if (active.rule.kind === 'lag' && subject.write) return false;
  if (active.path !== null && !subject.paths.some(active.path)) return false;
  if (
    match.caller !== undefined &&
    match.caller !== subject.token &&
    !subject.userAgent.includes(match.caller)
  )
    return false;
  return matchesTarget(active, subject);
}

/** Fault rules in the order they were added; the first that matches strikes. Same seeds, same strikes. */
export class Faults {
  #rules: ActiveRule[] = [];
  #added = 0;

  /** Adds a rule and returns its id. */
  add(rule: FaultRule): string {
    const id = rule.id ?? `fault-${++this.#added}`;
    const { path, repo } = rule.match;
    this.remove(id);
    this.#rules.push({
      rule: { ...rule, id },
      seen: 0,
      struck: 0,
      random: seededRandom(rule.seed ?? 1),
      path: path === undefined ? null : pathMatcher(path),
      repo: repo === undefined ? null : repositoryMatcher(repo),
    });
    return id;
  }

  remove(id: string): boolean {
    const before = this.#rules.length;
    this.#rules = this.#rules.filter((active) => active.rule.id !== id);
    return this.#rules.length < before;
  }

  clear(): void {
    this.#rules = [];
  }

  list(): (FaultRule & { id: string; seen: number; struck: number })[] {
    return this.#rules.map(({ rule, seen, struck }) => ({ ...rule, seen, struck }));
  }

  /** The strike on a whole request, or null. */
  onRequest(subject: FaultSubject): Strike | null {
    return this.#strike(subject, (rule) => rule.kind !== 'graphql-error');
  }

  /** The strike on one mutation of a GraphQL request, or null. */
  onMutation(subject: FaultSubject): Strike | null {
    return this.#strike(subject, (rule) => rule.kind === 'graphql-error');
  }

  #strike(subject: FaultSubject, concerns: (rule: FaultRule) => boolean): Strike | null {
    for (const active of this.#rules) {
      const { rule } = active;
      if (!concerns(rule) || !matches(active, subject)) continue;
      active.seen++;
      if (active.seen <= (rule.skip ?? 0) || active.struck >= (rule.times ?? Infinity)) continue;
      if (rule.probability !== undefined && active.random() >= rule.probability) continue;
      active.struck++;
      return { rule, random: active.random };
    }
    return null;
  }
}
