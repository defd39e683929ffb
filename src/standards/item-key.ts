import type { PlannedItem, StepKind } from './model.js';

export type ItemKind = PlannedItem['kind'];

/**
 * The key under which workflow ids and the store know an item. A colon can stand in no GitHub name, so what belongs to an
 * organisation itself never meets a repository of the same name: `acme/settings` is a repository, `acme:settings` is not.
 */
export function itemKey(kind: ItemKind, item: string): string {
  return kind === 'repository' ? item : item.replace('/', ':');
}

/** The inverse of {@link itemKey}; null for what is no key of an item. */
export function itemOfKey(key: string): { item: string; kind: ItemKind } | null {
  const [organization, part, ...others] = key.split(':');
  if (others.length > 0) return null;
  if (part === undefined) return /^[^/:]+\/[^/:]+$/.test(key) ? { item: key, kind: 'repository' } : null;
  if (organization === undefined || organization.includes('/')) return null;
  if (part === 'settings') return { item: nameOfKey(key), kind: 'organization' };
  if (part.startsWith('teams/')) return { item: nameOfKey(key), kind: 'team' };
  return null;
}

/** An item as a person names it, from its key. */
export const nameOfKey = (key: string): string => key.replace(':', '/');

/** What kind of item a change belongs to. */
export function itemKindOf(kind: StepKind): ItemKind {
  switch (kind) {
    case 'organization_settings':
    case 'organization_ruleset':
      return 'organization';
    case 'team':
    case 'team_settings':
    case 'team_member':
      return 'team';
    case 'repository_settings':
    case 'topics':
    case 'branch_protection':
    case 'team_repository':
    case 'label':
    case 'ruleset':
    case 'file':
    case 'repository':
    case 'issue':
    case 'connector':
      return 'repository';
  }
}
