import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Conflict } from '../transaction/journal.js';
import type { DeadLetter, ItemResult, ParkedItem, RunStatus, Totals } from '../workflows/contract.js';
import { itemOfWorkflowId, itemWorkflowOf } from '../workflows/ids.js';
import { butFor } from '../workflows/left.js';
import { confirmLetter, eachOf } from './find-letters.js';

/** What became of an item since its run has ended. */
type Became =
  | { is: 'waiting' | 'under way' | 'discarded' | 'gone' | 'forgotten' }
  | { is: 'dead'; letter: DeadLetter; conflicts: Conflict[] }
  | { is: 'ended'; outcome: Exclude<ItemResult['outcome'], 'discarded'>; conflicts: Conflict[] };

/**
 * The result of a run that has ended, as its items are now: without the dead letters that were retried or discarded since, with
 * the compensations that `waiting` for a person still, or again. A letter that the server no longer knows stays as it was written.
 */
export async function asOfNow(client: Client, status: RunStatus, waiting: ParkedItem[]): Promise<RunStatus> {
  const ids = new Set(waiting.map(({ workflowId }) => workflowId));
  const becameOf = (known: { workflowId: string }[]): Promise<Became[]> =>
    eachOf(known, ({ workflowId }) => {
      // A saga's own compensation was waiting in the run, and is nobody's to decide any more: it is no dead letter.
      if (workflowId === status.run) return Promise.resolve({ is: 'gone' });
      return ids.has(workflowId) ? Promise.resolve({ is: 'waiting' }) : look(client, workflowId);
    });
  const totals = { ...status.totals };
  const deadLetters: DeadLetter[] = [];
  const letters = await becameOf(status.deadLetters);
  status.deadLetters.forEach((letter, index) => {
    const became = letters[index];
    if (became?.is === 'dead') deadLetters.push(became.letter);
    if (became === undefined || became.is === 'forgotten') deadLetters.push(letter);
    move(totals, letter.workflowId, 'deadLettered', letters[index]);
  });
  const parked = await becameOf(status.parked);
  status.parked.forEach(({ workflowId }, index) => {
    const became = parked[index];
    if (became?.is === 'dead') deadLetters.push(became.letter);
    move(totals, workflowId, 'parked', became);
  });
  const conflicts = leftNow(status.conflicts, [
    ...status.deadLetters.map(({ item }, index) => ({ item, became: letters[index] })),
    ...status.parked.map(({ item }, index) => ({ item, became: parked[index] })),
  ]);
  const retried = letters.filter((became) => became.is === 'ended').length;
  return {
    ...leftOut(status, (status.notTakenBack ?? 0) - retried),
    totals,
    deadLetters,
    parked: waiting,
    conflicts,
  };
}

/** A rollback's own word of what it has left out, which a retry may have taken back since. */
function leftOut({ notTakenBack, ...status }: RunStatus, now: number): RunStatus {
  if (notTakenBack === undefined || now === notTakenBack)
    return { ...status, ...(notTakenBack && { notTakenBack }) };
  return {
    ...status,
    phase: status.phase.replace(butFor(notTakenBack), butFor(now)),
    ...(now > 0 ? { notTakenBack: now } : {}),
  };
}

/** What is left of items that have ended since is what they say themselves. */
function leftNow(
  said: RunStatus['conflicts'],
  looked: { item: string; became: Became | undefined }[],
): RunStatus['conflicts'] {
  const told = looked.flatMap(({ item, became }) =>
    became?.is === 'dead' || became?.is === 'ended' ? [{ item, conflicts: became.conflicts }] : [],
  );
  const items = new Set(told.map(({ item }) => item));
  return [
    ...said.filter(({ item }) => !items.has(item)),
    ...told.flatMap(({ item, conflicts }) => conflicts.map((conflict) => ({ ...conflict, item }))),
  ];
}

/** Counts a repository where it is now: they alone are in the totals. */
function move(totals: Totals, workflowId: string, from: 'deadLettered' | 'parked', became?: Became): void {
  const to = became === undefined ? null : placeOf(became);
  if (to === null || totals[from] === 0) return;
  if (itemOfWorkflowId(itemWorkflowOf(workflowId))?.kind !== 'repository') return;
  totals[from] -= 1;
  totals[to] += 1;
}

/** Null where it stays where it was: what is under way is counted when it has ended. */
function placeOf(became: Became): keyof Totals | null {
  switch (became.is) {
    case 'waiting':
      return 'parked';
    case 'dead':
    // Whoever gave it up left it where it was.
    case 'discarded':
      return 'deadLettered';
    case 'ended':
      // What a retry found in sync it did not change, but its run did.
      return became.outcome === 'inSync' ? 'committed' : became.outcome;
    case 'under way':
    case 'gone':
    case 'forgotten':
      return null;
  }
}

async function look(client: Client, workflowId: string): Promise<Became> {
  try {
    const found = await confirmLetter(client, workflowId);
    if (found !== null) return { is: 'dead', letter: found.letter, conflicts: found.conflicts };
    const handle = client.workflow.getHandle(workflowId);
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') return { is: 'under way' };
    if (status.name !== 'COMPLETED') return { is: 'gone' };
    const { outcome, conflicts } = (await handle.result()) as ItemResult;
    return outcome === 'discarded' ? { is: 'discarded' } : { is: 'ended', outcome, conflicts };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { is: 'forgotten' };
    throw error;
  }
}
