import { patched } from '@temporalio/workflow';
import { undoneBut } from './left.js';
import type { DeadLetterDesk } from './letters.js';
import type { OperatorWait } from './operator-wait.js';
import { pool } from './pool.js';
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
  /** Undoes what was done in each organisation. */
  undo(): Promise<void>;
}

/** Organisations that are undone at once, as many as are applied at once. */
const AT_ONCE = 10;
/** Histories of older releases undo one organisation after the other. */
const SIDE_BY_SIDE = 'undo-side-by-side';

/**
 * Undoes what was done in each of the organisations and holds each only while it is undone. They begin with the one begun last; one that is
 * down, or that another run holds, keeps none from being undone.
 * @param sequential one after the other
 */
export async function undoEach<One extends { login: string }>(
  { keeper, locks }: Pick<UndoOf, 'keeper' | 'locks'>,
  begun: readonly One[],
  undo: (one: One) => Promise<void>,
  sequential: boolean,
): Promise<void> {
  const queue = begun.toReversed();
  const under = new Map<One, string>();
  const show = (): void => keeper.set('Compensating', [...under.values()].join('; '));
  const at = (one: One, phase: string): void => {
    under.set(one, phase);
    show();
  };
  const atOnce = begun.length > 1 && !sequential && patched(SIDE_BY_SIDE) ? AT_ONCE : 1;
  await pool(
    atOnce,
    () => queue.shift() ?? null,
    async (one) => {
      await locks.hold(
        one.login,
        (what, login) => at(one, `waiting for ${what}, to undo on ${login}`),
        () => {
          at(one, `undoing what was done to ${one.login}`);
          return undo(one);
        },
      );
      under.delete(one);
      if (under.size > 0) show();
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
