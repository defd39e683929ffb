import type { DeadLetterDesk } from './letters.js';
import type { OperatorWait } from './operator-wait.js';
import type { RunLocks } from './run-locks.js';
import type { RunStateKeeper } from './run-state.js';

/** A run that is taken back, as far as that goes the same way for each. */
export interface UndoOf {
  keeper: RunStateKeeper;
  locks: RunLocks;
  desk: DeadLetterDesk | null;
  operator: OperatorWait;
  /** What a person is told meanwhile, and in the end. */
  says: { undoing: string; undone: string };
  /** Undoes what was done in each organisation, the one begun last first. */
  undo(): Promise<void>;
}

/**
 * Undoes a run: retries of its dead letters end first and its letters are closed, nobody else is kept from the organisations while a
 * person is awaited, and it is not at its end before every parked compensation has been decided.
 */
export async function undoRun(of: UndoOf, cancelled: boolean, reason: string): Promise<void> {
  const { keeper, locks, desk, operator, says } = of;
  keeper.set('Compensating', says.undoing, reason);
  await desk?.settled();
  await of.undo();
  await desk?.close();
  await locks.release();
  if (keeper.tally.parked.size > 0) {
    await operator.untilDecided();
    await desk?.close();
  }
  keeper.set(cancelled ? 'Cancelled' : 'RolledBack', says.undone, reason);
}
