import type { Call, Step } from './step.js';

/**
 * What is known of a step.
 *
 * - `started`: its do may be under way; its outcome is not known here.
 * - `applied`, `unchanged`: its do ended; `unchanged` found everything as wanted and wrote nothing.
 * - `refused`: its do certainly had no effect.
 * - `unknown`: its do failed and may have been applied.
 * - `undone`: its undo ended; whatever its do did is gone.
 * - `conflict`: its undo left what somebody else had changed meanwhile.
 * - `skipped`: a person decided not to undo it.
 */
export type StepState =
  | 'started'
  | 'applied'
  | 'unchanged'
  | 'refused'
  | 'unknown'
  | 'undone'
  | 'conflict'
  | 'skipped';

/** One line of the journal. Its place in the journal is the order in which the steps started. */
export interface Entry {
  step: string;
  /** Names of the nested transactions around the step, outermost first. */
  frame: string[];
  undo: Call | null;
  state: StepState;
  /** What an undo could not restore, field by field. */
  conflicts?: Conflict[];
}

/** A field that an undo left alone because it holds neither what we wrote nor what was there before. */
export interface Conflict {
  step: string;
  field: string;
  /** What the undo would have restored. */
  before: unknown;
  /** What this transaction wrote. */
  wrote: unknown;
  /** What is there now. */
  found: unknown;
  /** That a rollback with force would leave it too. */
  stays?: true;
}

/** The compensation stack of one transaction, bottom first. Plain JSON. */
export type Journal = Entry[];

/**
 * Registers a step, and with it its undo, before its do starts: a do that fails may have been applied. A step that is
 * tried again keeps its place where an earlier try may have been applied, and else takes its new one.
 */
export function begin(journal: Journal, step: Step, frame: string[]): Entry {
  const place = journal.findIndex((entry) => entry.step === step.name);
  const known = journal[place];
  if (known !== undefined && mayBeApplied(known)) {
    known.state = 'started';
    return known;
  }
  if (known !== undefined) {
    journal.splice(place, 1);
  }
  const entry: Entry = { step: step.name, frame: [...frame], undo: step.undo, state: 'started' };
  // What an earlier undo had to leave is still left, whatever becomes of this try.
  if (known?.conflicts !== undefined) entry.conflicts = known.conflicts;
  journal.push(entry);
  return entry;
}

/** Whether an earlier try of the step, none of which ended well, may have been applied. */
export function mayBeApplied({ state }: Entry): boolean {
  return state === 'unknown' || state === 'started';
}

/** Whether the step's do is finished and need not run again when the transaction is resumed. */
export function isDone(journal: Journal, step: string): boolean {
  return journal.some(
    (entry) => entry.step === step && (entry.state === 'applied' || entry.state === 'unchanged'),
  );
}

/**
 * What has to be undone, in the order in which to do it: reverse order of start, every step that was applied or may
 * have been. With `frame`, only what started inside that nested transaction.
 */
export function toUndo(journal: Journal, frame: string[] = []): Entry[] {
  const may: StepState[] = ['started', 'applied', 'unknown'];
  return journal
    .filter((entry) => may.includes(entry.state) && entry.undo !== null)
    .filter((entry) => frame.every((name, depth) => entry.frame[depth] === name))
    .toReversed();
}

/** What neither ended well nor certainly had no effect, in the order in which to undo it. */
export function unfinished(journal: Journal): Entry[] {
  return toUndo(journal).filter(mayBeApplied);
}

/** The conflicts that undoing left behind. */
export function conflictsOf(journal: Journal): Conflict[] {
  return journal.flatMap((entry) => entry.conflicts ?? []);
}
