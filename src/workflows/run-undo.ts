import { patched } from '@temporalio/workflow';
import { undoneBut } from './left.js';
import type { DeadLetterDesk } from './letters.js';
import type { OperatorWait } from './operator-wait.js';
import { pool } from './pool.js';
import type { RunLocks } from './run-locks.js';
import { AT_ONCE, phasesOf } from './run-organizations.js';
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

/** Histories of older releases undo one organisation after the other. */
const SIDE_BY_SIDE = 'undo-side-by-side';

/**
 * Undoes what was done in each of the organisations, ten at once, those begun last first. Each is taken on its own, and what is done under
 * one lock never waits for another, so no two runs wait for each other. What fails in one keeps no other from being undone.
 * @param sequential one after the other
 * @throws what failed first, when all have had their turn
 */
export async function undoEach<One extends { login: string }>(
  { keeper, locks }: Pick<UndoOf, 'keeper' | 'locks'>,
  begun: readonly One[],
  undo: (one: One) => Promise<void>,
  sequential: boolean,
): Promise<void> {
  const queue = begun.toReversed();
  const under = new Map<One, string>();
  const failures: unknown[] = [];
  const show = (): void => keeper.set('Compensating', phasesOf([...under.values()]));
  const at = (one: One, phase: string): void => {
    under.set(one, phase);
    show();
  };
  const atOnce = begun.length > 1 && !sequential && patched(SIDE_BY_SIDE) ? AT_ONCE : 1;
  await pool(
    atOnce,
    () => queue.shift() ?? null,
    async (one) => {
      const waiting = (what: string, login: string): void =>
        at(one, `waiting for ${what}, to undo on ${login}`);
      const work = (): Promise<void> => {
        at(one, `undoing what was done to ${one.login}`);
        return undo(one);
      };
      await locks.hold(one.login, waiting, work).catch((error: unknown) => void failures.push(error));
      under.delete(one);
      if (under.size > 0) show();
    },
  );
  if (failures.length > 0) throw failures[0];
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
