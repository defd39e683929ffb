import { type Failure, StepFailed, TransactionCancelled } from './failure.js';
import {
  begin,
  type Conflict,
  type Entry,
  isDone,
  type Journal,
  mayBeApplied,
  toUndo,
  unfinished,
} from './journal.js';
import type { Node, Step } from './step.js';

/** What a do reports: whether it wrote anything. */
export interface Done {
  effect: 'applied' | 'unchanged';
  /** What a do that puts something back had to leave because somebody else changed it. */
  conflicts?: Conflict[];
}

/** What an undo reports: what it had to leave because somebody else changed it. */
export interface Undone {
  conflicts: Conflict[];
}

/**
 * The engine's way to the world. In a workflow they are activities, timers and Updates; in tests a model.
 * Waiting for a closed rate-limit window or an open circuit breaker happens inside `do` and `undo`.
 */
export interface Ports {
  /** @throws StepFailed */
  do(step: Step): Promise<Done>;
  /** Not to be cancelled. @throws StepFailed when it needs a person */
  undo(entry: Entry): Promise<Undone>;
  /** Asked before every step: whether no new forward effect may start. */
  cancelled(): boolean;
  /** Asked when a step has failed: whether what is finished is to stay; then no nested transaction undoes itself. */
  keeps?(): boolean;
  /** A person's decision on a compensation that cannot be done. */
  decide(entry: Entry, failure: Failure, journal: Journal): Promise<'retry' | 'skip'>;
  /** Told after every change of the journal. */
  changed(journal: Journal): void;
}

/**
 * Runs a transaction forward. Finished steps of the journal are not repeated, so a second call goes on where the first
 * failed. Steps side by side all come to an end before a failure of one is thrown.
 * @throws StepFailed with the first failure, TransactionCancelled
 */
export async function execute(
  node: Node,
  journal: Journal,
  ports: Ports,
  frame: string[] = [],
): Promise<void> {
  switch (node.type) {
    case 'step':
      return executeStep(node.step, journal, ports, frame);
    case 'sequence':
      for (const inner of node.nodes) {
        await execute(inner, journal, ports, frame);
      }
      return;
    case 'parallel':
      return settleAll(node.nodes.map((inner) => execute(inner, journal, ports, frame)));
    case 'nested':
      return executeNested(node, journal, ports, [...frame, node.name]);
  }
}

/**
 * Undoes what a transaction did or may have done, in reverse order of start. An undo that cannot be done stops the
 * unwinding until a person has decided; nothing before it is undone out of order.
 */
export async function unwind(journal: Journal, ports: Ports, frame: string[] = []): Promise<void> {
  for (const entry of toUndo(journal, frame)) {
    await undoEntry(entry, journal, ports);
  }
}

/** Undoes, in the same order, only what failed and may have been applied: finished steps stay. */
export async function unwindUnfinished(journal: Journal, ports: Ports): Promise<void> {
  for (const entry of unfinished(journal)) {
    await undoEntry(entry, journal, ports);
  }
}

async function undoEntry(entry: Entry, journal: Journal, ports: Ports): Promise<void> {
  for (;;) {
    try {
      const { conflicts } = await ports.undo(entry);
      entry.state = conflicts.length === 0 ? 'undone' : 'conflict';
      if (conflicts.length > 0) {
        entry.conflicts = [...(entry.conflicts ?? []), ...conflicts];
      }
      ports.changed(journal);
      return;
    } catch (error) {
      if (!(error instanceof StepFailed)) {
        throw error;
      }
      if ((await ports.decide(entry, error.failure, journal)) === 'skip') {
        entry.state = 'skipped';
        ports.changed(journal);
        return;
      }
    }
  }
}

async function executeStep(step: Step, journal: Journal, ports: Ports, frame: string[]): Promise<void> {
  if (isDone(journal, step.name)) {
    return;
  }
  if (ports.cancelled()) {
    throw new TransactionCancelled(`cancelled before ${step.name}`);
  }
  const mayHaveBeen = journal.some((known) => known.step === step.name && mayBeApplied(known));
  const entry = begin(journal, step, frame);
  ports.changed(journal);
  try {
    const { effect, conflicts = [] } = await ports.do(step);
    entry.state = effect;
    if (conflicts.length > 0) entry.conflicts = conflicts;
    if (entry.state === 'unchanged' && mayHaveBeen) {
      entry.state = 'applied';
    }
  } catch (error) {
    if (error instanceof StepFailed) {
      entry.state = error.failure.mayBeApplied || mayHaveBeen ? 'unknown' : 'refused';
    }
    throw error;
  } finally {
    ports.changed(journal);
  }
}

async function executeNested(
  node: Extract<Node, { type: 'nested' }>,
  journal: Journal,
  ports: Ports,
  frame: string[],
): Promise<void> {
  try {
    await execute(node.body, journal, ports, frame);
  } catch (error) {
    if (!(error instanceof StepFailed) || ports.keeps?.() === true) {
      throw error;
    }
    await unwind(journal, ports, frame);
    if (node.onFailure === 'fail') {
      throw error;
    }
  }
}

async function settleAll(running: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(running)).filter((result) => result.status === 'rejected');
  // Whatever is neither a failed step nor a cancel is the engine's or Temporal's own and must not be hidden by one.
  const first = failed.find(({ reason }) => !(reason instanceof StepFailed)) ?? failed[0];
  if (first !== undefined) {
    throw first.reason;
  }
}
