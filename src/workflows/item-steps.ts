import { patched } from '@temporalio/workflow';
import { isObject } from '../standards/json.js';
import type { Change, PlannedItem, Target } from '../standards/model.js';
import { namesActors } from '../standards/protection.js';
import type { Journal } from '../transaction/journal.js';
import { type Node, parallel, sequence, step } from '../transaction/step.js';
import type { ItemInput, StepInput } from './contract.js';
import { STEP_ACTIVITIES, stageOf } from './step-names.js';

/** What every step of an item says of where it belongs. */
export type StepOwner = Pick<ItemInput, 'run' | 'organization' | 'item' | 'actor' | 'graphql'>;

/** The transaction of one item: stages one after the other, the steps of a stage side by side. */
export function itemTransaction(input: StepOwner, planned: PlannedItem, readAt: number): Node {
  // What is taken back goes step by step in the order in which it comes, which is the reverse of how it was made.
  if (planned.changes.some(({ restore }) => restore !== undefined))
    return sequence(...planned.changes.map((change) => stepOf(input, planned, change, readAt)));
  const stages: Change[][] = [[], [], [], []];
  for (const change of planned.changes) {
    stages[stageOf(change)]?.push(change);
  }
  const [unarchive = [], files = [], side = [], archive = []] = stages.map((changes) =>
    changes.map((change) => stepOf(input, planned, change, readAt)),
  );
  // Commits to one branch follow each other: each needs the tip that the one before it made.
  const together = accessFirst(planned.changes)
    ? sideBySide(planned.changes.filter((change) => stageOf(change) === 2)).map((changes) =>
        parallel(...changes.map((change) => stepOf(input, planned, change, readAt))),
      )
    : [parallel(...side)];
  return sequence(...unarchive, ...files, ...together, ...archive);
}

/** GitHub leaves out of a protection whom it names and who has no access. Histories of older releases have both side by side. */
const accessFirst = (changes: readonly Change[]): boolean =>
  changes.some(({ kind }) => kind === 'team_repository') &&
  changes.some(namesWhoMay) &&
  patched('access-before-protection');

/** Access is given before a protection may name who has it, and taken after it has ceased to. */
function sideBySide(changes: readonly Change[]): Change[][] {
  const taken = changes.filter(({ kind, after }) => kind === 'team_repository' && after === null);
  const guarded = changes.filter(namesWhoMay);
  const others = changes.filter((change) => !taken.includes(change) && !guarded.includes(change));
  return [others, guarded, taken].filter((stage) => stage.length > 0);
}

const namesWhoMay = ({ kind, before, after }: Change): boolean =>
  kind === 'branch_protection' && [before, after].some((value) => isObject(value) && namesActors(value));

/** What another workflow has done, as the store has it, to be undone by this one. */
export const journalOf = (changes: readonly Change[], owner: StepOwner, target: Target): Journal =>
  changes.flatMap((change) => {
    const node = stepOf(owner, { target }, change, 0);
    return node.type === 'step'
      ? [{ step: node.step.name, frame: [], undo: node.step.undo, state: 'applied' as const }]
      : [];
  });

/** One change as a step of the core; its do and its undo get the same argument. */
export function stepOf(
  input: StepOwner,
  planned: Pick<PlannedItem, 'target' | 'approved'>,
  change: Change,
  readAt: number,
): Node {
  const names = STEP_ACTIVITIES[change.kind];
  const argument: StepInput = {
    run: input.run,
    organization: input.organization,
    item: input.item,
    actor: input.actor,
    graphql: input.graphql,
    target: planned.target,
    change,
    readAt,
    ...(planned.approved === undefined ? {} : { approved: planned.approved }),
  };
  return step({
    name: change.step,
    do: { activity: names.do, input: argument },
    undo: { activity: names.undo, input: argument },
    level: names.level,
  });
}
