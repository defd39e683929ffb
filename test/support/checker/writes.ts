import type { EffectEntry, JournalEntry } from '../../../src/dev/github/index.js';
import type { OrganizationDump } from '../organization.js';
import { byName, differences } from './differences.js';

interface Judged {
  login: string;
  before: OrganizationDump;
  wanted: OrganizationDump;
  entries: readonly JournalEntry[];
  undisturbed: boolean;
}

/** Effects on an organisation that came through the API. */
export function effectsOn(login: string, entries: readonly JournalEntry[]): EffectEntry[] {
  return entries.filter(
    (entry): entry is EffectEntry =>
      entry.type === 'effect' && entry.organization === login && !entry.foreign,
  );
}

/** Repeated creations, writes that changed nothing, and more writes than there were differences. */
export function writeFindings({ login, before, wanted, entries, undisturbed }: Judged): string[] {
  const effects = effectsOn(login, entries);
  const found = duplicates(effects);
  if (!undisturbed) return found;
  const idle = effects.filter(({ changed }) => !changed);
  found.push(...idle.map(({ kind, target }) => `needless: ${kind} of ${target} changed nothing`));
  const most = differingParts(before, wanted);
  if (effects.length > most)
    found.push(`too many writes: ${effects.length} on ${login} for ${most} differences`);
  return found;
}

/** What a second creation is told apart by: never the number that GitHub gave. */
function identity({ kind, target, after, repository, organization }: EffectEntry): string {
  const { name, title } = (after ?? {}) as { name?: string; title?: string };
  return `${kind} ${repository ?? organization} ${name ?? title ?? target}`;
}

function duplicates(effects: readonly EffectEntry[]): string[] {
  const made = new Set<string>();
  return effects.flatMap((effect) => {
    const { kind, before, after } = effect;
    if (after === null && before !== null) {
      const removed = { ...effect, kind: kind.replace(/\.delete$/, '.create'), after: before };
      made.delete(identity(removed));
      return [];
    }
    if (!kind.endsWith('.create') || kind === 'commit.create') return [];
    const key = identity(effect);
    if (made.has(key)) return [`duplicate: ${key}`];
    made.add(key);
    return [];
  });
}

const REPOSITORY_MAPS = ['branch_protection', 'teams'] as const;

const differ = (left: unknown, right: unknown): number => (differences(left, right).length > 0 ? 1 : 0);

/** Of how many resources GitHub has to be told: settings and topics are one each, a rule, a permission, a label likewise. */
export function differingParts(before: OrganizationDump, wanted: OrganizationDump): number {
  const each = (left: Readonly<Record<string, unknown>>, right: Readonly<Record<string, unknown>>): number =>
    Object.keys({ ...left, ...right }).reduce((sum, key) => sum + differ(left[key], right[key]), 0);
  let parts = differ(before.settings, wanted.settings);
  for (const [slug, team] of Object.entries(wanted.teams)) {
    const { members, ...settings } = team;
    const live = before.teams[slug];
    // A new team is made and then loses its mark; whoever makes it is its maintainer already.
    if (live === undefined)
      parts += 1 + Object.keys(members).filter((login) => login !== 'octo-admin').length;
    const { members: present, ...there } = live ?? { members };
    parts += differ(there, settings) + each(present, members);
  }
  for (const [name, right] of Object.entries(wanted.repositories)) {
    const left = before.repositories[name];
    if (left === undefined) continue;
    parts += differ(left.settings, right.settings) + differ(left.topics, right.topics);
    for (const part of REPOSITORY_MAPS) parts += each(left[part], right[part]);
    parts += each(byName(left.labels), byName(right.labels));
  }
  return parts;
}
