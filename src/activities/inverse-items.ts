import { inverseOf, type Written } from '../standards/inverse.js';
import { itemKindOf, nameOfKey } from '../standards/item-key.js';
import { sameJson } from '../standards/json.js';
import type { PlannedItem } from '../standards/model.js';
import type { MutationRecord } from '../store/store.js';
import { bySteps, leftOwing, owedBy } from './owed-steps.js';

/**
 * What takes back all that a run did to an item, or may have done, and has not undone or had to leave: the steps in reverse order of their
 * start, each from what the run last wrote to what it first found. Null where nothing is left to take back.
 */
export function inverseItem(records: MutationRecord[], force: boolean): PlannedItem | null {
  const [some] = records;
  // A connector's step knows the repository by name only.
  const target = (records.findLast(({ change }) => change.kind !== 'connector') ?? records.at(-1))?.target;
  if (some === undefined || target === undefined) return null;
  const changes = writtenSteps(records)
    .map((written) => inverseOf(written, some.run, force))
    .toReversed();
  if (changes.length === 0) return null;
  const kind = itemKindOf(some.change.kind);
  // A team that the run made, or that is brought forward again, has an id that its first plan had not seen.
  const isMade = records.some((record) => record.target.id === 0);
  const anew = kind === 'team' && (isMade || changes.some(({ restore }) => restore?.reversed === false));
  return {
    item: nameOfKey(some.item),
    kind,
    target: anew ? { ...target, id: 0, node_id: '' } : target,
    changes,
  };
}

/** By step, in the order in which what is owed, or was left, was begun. */
function writtenSteps(records: MutationRecord[]): Written[] {
  return bySteps(records)
    .flatMap((mine) => {
      const owing = owedBy(mine) ?? leftOwing(mine);
      if (owing === null || sameJson(owing.from, owing.to)) return [];
      const { dos, from, to } = owing;
      return [{ id: dos[0].id, change: (dos.at(-1) ?? dos[0]).change, first: from, last: to }];
    })
    .toSorted((left, right) => left.id - right.id);
}
