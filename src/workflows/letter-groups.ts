import type { DeadLetter } from './contract.js';
import { ITEMS_A_PAGE } from './items-pages.js';
import type { Stage } from './stages.js';

/** The stage of a letter in its run. */
export type StageOf = (letter: DeadLetter) => Stage;

/** Dead letters of one organisation and one stage that are worked on together, in their order. */
export interface LetterGroup {
  organization: string;
  stage: Stage;
  letters: DeadLetter[];
}

export const groupOf = (letter: DeadLetter, stageNow: StageOf): LetterGroup => ({
  organization: letter.item.slice(0, letter.item.indexOf('/')),
  stage: stageNow(letter),
  letters: [letter],
});

/** As few groups as may be, each no larger than a page; in the order of their first letters. */
export function groupsOf(letters: readonly DeadLetter[], stageNow: StageOf): LetterGroup[] {
  const open = new Map<string, LetterGroup>();
  const groups: LetterGroup[] = [];
  for (const letter of letters) {
    const alone = groupOf(letter, stageNow);
    const key = `${alone.stage} ${alone.organization.toLowerCase()}`;
    const group = open.get(key);
    if (group !== undefined && group.letters.length < ITEMS_A_PAGE) {
      group.letters.push(letter);
      continue;
    }
    open.set(key, alone);
    groups.push(alone);
  }
  return groups;
}
