import { undoneBut } from './left.js';
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

/** Undoes what was done in each of the organisations, the one begun last first, and holds one at a time. */
export async function undoEach<One extends { login: string }>(
  { keeper, locks }: Pick<UndoOf, 'keeper' | 'locks'>,
  begun: readonly One[],
  undo: (one: One) => Promise<void>,
): Promise<void> {
  for (const one of begun.toReversed())
    await locks.hold(
      one.login,
      (what, login) => keeper.set('Compensating', `waiting for ${what}, to undo on ${login}`),
      () => {
        keeper.set('Compensating', `undoing what was done to ${one.login}`);
        return undo(one);
      },
    );
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
  const undone = undoneBut(says.undone, keeper.tally.conflicts);
  keeper.set(cancelled ? 'Cancelled' : 'RolledBack', undone, reason);
}
