import { createHash } from 'node:crypto';
import { itemKey } from '../standards/item-key.js';
import { canonicalJson, isObject } from '../standards/json.js';
import type { Change, Json, PlannedItem } from '../standards/model.js';

/** Hashes in which ids of teams count. Those of plans that earlier versions have stored begin otherwise, and have none. */
export const WITH_IDS = 'ids ';

/**
 * A plan's identity is a hash of its sorted (id, field, before, after), see DESIGN section 10. A repository or a team is the one of its
 * id: a namesake made since is not the one that was approved. A file is one of the default branch that the plan has seen.
 * @param made ids of teams that the run has made, which had none when this was approved
 */
export function identityOf(
  { item, kind, target, changes }: PlannedItem,
  made: ReadonlySet<number> = new Set(),
): { item: string; hash: string; changes: number } {
  const id = kind === 'organization' ? null : target.id;
  const moves = changes.some(movesBranch);
  const lines = changes.map(({ kind: of, step, action, before, after, team }) => {
    const value: Json[] = [item, id, step, action, before, after];
    if (of === 'file' && !moves) value.push(target.default_branch);
    return canonicalJson(team === undefined || made.has(team) ? value : [...value, team]);
  });
  return { item: itemKey(kind, item), hash: `${WITH_IDS}${hashOf(lines)}`, changes: changes.length };
}

/** The same as versions before ids of teams counted have it. */
export function identityWithoutIds({ item, kind, target, changes }: PlannedItem): string {
  const id = kind === 'repository' ? target.id : null;
  return hashOf(
    changes.map(({ step, action, before, after }) => canonicalJson([item, id, step, action, before, after])),
  );
}

/** Where the run itself gives another default branch, a retry finds that one, and it was approved with the setting. */
const movesBranch = ({ kind, after }: Change): boolean =>
  kind === 'repository_settings' && isObject(after) && after['default_branch'] !== undefined;

const hashOf = (lines: string[]): string =>
  createHash('sha256').update(lines.toSorted().join('\n')).digest('hex');
