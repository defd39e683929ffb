import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { EffectEntry } from '../../../src/dev/github/index.js';
import { differences } from '../../support/checker/differences.js';
import type { Evidence } from '../../support/checker.js';
import {
  wanted as asStandards,
  type OrganizationDump,
  type RepositoryDump,
} from '../../support/organization.js';
import { count } from './figures.js';
import type { Judgement, Round } from './round.js';

/** A write that was on its way when somebody else wrote: isolation is not promised, so long after it is not judged. */
const RACE_MS = 1_500;
const UNDONE = ['RolledBack', 'Cancelled', 'Refused'];

type Values = Record<string, unknown>;

/** A repository as flat fields; topics one by one, a branch protection as one value. */
function flat({ settings, topics, teams, branch_protection: rules }: RepositoryDump): Values {
  const named = (prefix: string, values: Readonly<Values>): [string, unknown][] =>
    Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]);
  return Object.fromEntries([
    ...named('settings', settings),
    ...named('teams', teams),
    ...named('protection', rules),
    ...topics.map((topic) => [`topics.${topic}`, true]),
  ]);
}

/** The fields that an effect wrote, before or after. */
function written(effect: EffectEntry, side: 'before' | 'after'): Values {
  const value = effect[side];
  const [kind = ''] = effect.kind.split('.');
  const other = effect[side === 'before' ? 'after' : 'before'];
  switch (kind) {
    case 'repository': {
      if (effect.kind !== 'repository.topics')
        return Object.fromEntries(
          Object.entries(value as Values).map(([name, field]) => [`settings.${name}`, field]),
        );
      const both = [...(value as string[]), ...(other as string[])];
      return Object.fromEntries(
        both.map((topic) => [`topics.${topic}`, (value as string[]).includes(topic) || undefined]),
      );
    }
    case 'team_repository':
      return { [`teams.${effect.target.split('/')[2] ?? ''}`]: value ?? undefined };
    case 'branch_protection':
      return { [`protection.${effect.target.split('/').slice(3).join('/')}`]: value ?? undefined };
    default:
      return {};
  }
}

const same = (left: unknown, right: unknown): boolean =>
  isDeepStrictEqual(left, right) || differences({ left }, { left: right }).length === 0;

interface Field {
  path: string;
  before: unknown;
  wanted: unknown;
}

/** Of what the campaigns' file names; GitHub's other fields are nobody's business of ours. */
const MANAGED =
  /^settings\.(delete_branch_on_merge|allow_merge_commit|has_wiki)$|^topics\.|^teams\.|^protection\./;

/** Whether a write of ours put back what was before: an undo. */
function putsBack(effect: EffectEntry, value: unknown, { path, before, wanted }: Field): boolean {
  // Topics are written as a whole: a forward write has ours among them.
  if (path.startsWith('topics.')) return !(effect.after as string[]).includes('managed');
  return same(value, before) && !same(value, wanted);
}

/**
 * What somebody else wrote to a field and we took away: in a field that is not ours by any write, in one of ours by an
 * undo, unless a forward write of ours came between the two, which made the field ours again.
 */
function takenAway(effects: readonly EffectEntry[], field: Field): boolean {
  const { path, wanted } = field;
  let foreign: { at: number; value: unknown } | null = null;
  for (const effect of effects) {
    const [was, is] = [written(effect, 'before'), written(effect, 'after')];
    if (!(path in is) || same(was[path], is[path])) continue;
    if (effect.foreign) foreign = { at: effect.at, value: is[path] };
    else if (!MANAGED.test(path)) return true;
    else if (foreign !== null && !putsBack(effect, is[path], field)) foreign = null;
    else if (foreign !== null && effect.at - foreign.at > RACE_MS && !same(foreign.value, wanted))
      return true;
  }
  return false;
}

/** What somebody else touched in one repository, and what became of it. */
interface Touched {
  name: string;
  effects: EffectEntry[];
  fields: Field[];
}

function touched({ login, before, wanted, entries }: Evidence): Touched[] {
  const effects = entries.filter((entry): entry is EffectEntry => entry.type === 'effect');
  return Object.entries(before.repositories).map(([name, repository]) => {
    const all = effects.filter((effect) => effect.repository === `${login}/${name}`);
    const [was, goal] = [flat(repository), flat(wanted.repositories[name] ?? repository)];
    const paths = all
      .filter(({ foreign }) => foreign)
      .flatMap((effect) => Object.keys(written(effect, 'after')));
    const fields = [...new Set(paths)].map((path) => ({ path, before: was[path], wanted: goal[path] }));
    return { name, effects: all, fields };
  });
}

/** Changes of somebody else that did not survive (G6). */
export function lostChanges(plain: Evidence): string[] {
  return touched(plain).flatMap(({ name, effects, fields }) =>
    fields
      .filter((field) => takenAway(effects, field))
      .map(({ path }) => `foreign: what somebody else wrote to ${path} of ${plain.login}/${name} is gone`),
  );
}

/** Evidence in which fields that somebody else changed are as the checker expects them, where they may be as they are. */
export function forgiving(plain: Evidence): Evidence {
  const { login, before, report } = plain;
  const after = structuredClone(plain.after);
  const dead = new Set(report.deadLetters.map(({ item }) => item));
  for (const { name, effects, fields } of touched(plain)) {
    const now = after.repositories[name];
    if (now === undefined) continue;
    const undone = UNDONE.includes(report.state) || dead.has(`${login}/${name}`);
    const [is, anew] = [flat(now), flat(fresh(before, name))];
    for (const field of fields) {
      const { path } = field;
      const foreign = effects
        .filter((effect) => effect.foreign)
        .map((effect) => written(effect, 'after')[path]);
      const may = [field.before, field.wanted, anew[path], ...foreign];
      if (may.some((value) => same(value, is[path]))) put(now, path, undone ? field.before : field.wanted);
    }
  }
  return { ...plain, after };
}

/** What the file makes of a repository whose branch protection somebody has taken away. */
function fresh(before: OrganizationDump, name: string): RepositoryDump {
  const repository = before.repositories[name] as RepositoryDump;
  const bare = { ...before, repositories: { [name]: { ...repository, branch_protection: {} } } };
  return asStandards(bare).repositories[name] as RepositoryDump;
}

function put(repository: RepositoryDump, path: string, value: unknown): void {
  const dot = path.indexOf('.');
  const [part, name] = [path.slice(0, dot), path.slice(dot + 1)];
  if (part === 'topics') {
    const others = repository.topics.filter((topic) => topic !== name);
    repository.topics = value === undefined ? others : [...others, name].toSorted();
    return;
  }
  const key = part === 'protection' ? 'branch_protection' : (part as 'settings' | 'teams');
  const values: Values = repository[key];
  if (value === undefined) delete values[name];
  else values[name] = value;
}

/** Findings of the audit where our write and somebody else's crossed: values and counts need not match there. */
export function crossed(plain: Evidence): (finding: string) => boolean {
  const places = plain.entries.flatMap((entry) =>
    entry.type === 'effect' && entry.foreign && entry.repository !== undefined ? [entry.repository] : [],
  );
  return (finding) =>
    finding.startsWith('audit:') &&
    places.some((place) => finding.includes(` ${place} `) || finding.includes(` ${place}:`));
}

/** How runs are judged while somebody else writes too. */
export const LENIENT: Judgement = { mend: forgiving, forgive: crossed, also: lostChanges };

/** Somebody else changes a share of the repositories, three times, for as long as the work takes. */
export async function whileChanging<T>(
  round: Round,
  logins: readonly string[],
  share: number,
  work: Promise<T>,
): Promise<T> {
  const ended = work.then(
    () => 'ended',
    () => 'ended',
  );
  const instants = Array.from({ length: 3 }, () => ({
    waitMs: 500 + round.random() * 2_500,
    seed: round.draw(1_000_000),
  }));
  for (const { waitMs, seed } of instants) {
    if ((await Promise.race([ended, pause(waitMs)])) === 'ended') break;
    for (const login of logins)
      count(round.figures.faults, 'foreign change', await round.stage.github.drift(login, share, seed));
  }
  return work;
}
