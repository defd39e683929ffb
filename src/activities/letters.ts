import { nameOfKey } from '../standards/item-key.js';
import type { ActivityDeps } from './deps.js';

/** Ends dead letters of items, by their keys, that `run` found or made right: those of other runs that wanted the same. */
export async function supersedeLetters(
  deps: Pick<ActivityDeps, 'store' | 'supersede' | 'now'>,
  organization: string,
  run: string,
  items: string[],
  wantedSame: (run: string) => boolean = () => true,
): Promise<void> {
  if (items.length === 0) return;
  const right = new Set(items);
  const letters = await deps.store.openLetters(organization);
  for (const letter of letters) {
    if (letter.run === run || !right.has(letter.item) || !wantedSame(letter.run)) continue;
    await deps.supersede({ run: letter.run, item: nameOfKey(letter.item), kind: letter.kind }, run);
    await deps.store.saveItems([{ ...letter, outcome: 'superseded', at: deps.now() }]);
  }
}
